/* SPDX-License-Identifier: MIT */
/* runs as: the user. The live boxes, for people and for programs. */
#include <stdlib.h>
#include <time.h>

#include "conf/escape.h"
#include "shell/nssh.h"
#include "shell/rows.h"
#include "shell/start.h"
#include "shell/table.h"

/* Those before COLUMNS are a column each. */
enum { BOX, USER, FROM, SERVICE, SINCE, STATE, COLUMNS, PID = COLUMNS, FIELDS };

static const struct field fields[FIELDS] = {
	[BOX] = { "box", TEXT, true },
	[USER] = { "user", TEXT, false },
	[FROM] = { "from", TEXT, false },
	[SERVICE] = { "service", TEXT, false },
	[SINCE] = { "created", WHOLE, false },
	[STATE] = { "state", TEXT, false },
	[PID] = { "pid", WHOLE, false },
};

static const struct column columns[COLUMNS] = {
	[BOX] = { "BOX", LEFT },         [USER] = { "USER", LEFT },   [FROM] = { "FROM", LEFT },
	[SERVICE] = { "SERVICE", LEFT }, [SINCE] = { "SINCE", LEFT }, [STATE] = { "STATE", LEFT },
};

static void put_time(char text[CELL_ROOM], const char *seconds)
{
	time_t at = (time_t)strtoll(seconds, NULL, 10);
	struct tm local;

	if (localtime_r(&at, &local) != NULL)
		(void)strftime(text, CELL_ROOM, "%Y-%m-%d %H:%M", &local);
}

/* What stands in a cell: nothing that could move the cursor, and something even where there is nothing. */
static bool cell(const void *context, size_t row, int column, char text[CELL_ROOM])
{
	const struct rows *rows = context;
	const char *value = rows->row[row].value[column];
	bool said = value != NULL && value[0] != '\0';

	escape_text(text, CELL_ROOM, said ? value : "-");
	if (said && column == SINCE)
		put_time(text, value);
	return false;
}

int list_boxes(const char *user, bool json)
{
	OWN_ROWS struct rows rows = { .fields = fields, .count = FIELDS };
	struct fail f = { 0 };
	int status = rows_ask("list", user, &rows, &f);

	if (status < 0)
		return complain(&f);
	if (status != 0)
		return NSSH_FAILED; /* the helper has said why */
	if (json)
		rows_json(&rows, FIELDS);
	else
		table_print(columns, COLUMNS, rows.n, cell, &rows);
	return table_flush(&f) < 0 ? complain(&f) : 0;
}

int collect_garbage(const char *user)
{
	struct fail f = { 0 };
	pid_t pid = start_request("gc", user, -1, &f);

	if (pid < 0)
		return complain(&f);
	return start_wait(pid) == 0 ? 0 : NSSH_FAILED;
}
