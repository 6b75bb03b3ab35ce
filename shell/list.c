/* SPDX-License-Identifier: MIT */
/* runs as: the user. The live boxes, for people and for programs. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/escape.h"
#include "shell/human.h"
#include "shell/nssh.h"
#include "shell/rows.h"
#include "shell/table.h"

/* Those before COLUMNS are a column each. */
enum {
	BOX, USER, FROM, SERVICE, SINCE, STATE, MEMORY, PIDS, TIME, ADDRESS, PORTS, COLUMNS,
	PID = COLUMNS, MEMORY_MAX, PIDS_MAX, NETWORK, FIELDS
};

static const struct field fields[FIELDS] = {
	[BOX] = { "box", TEXT, true },
	[USER] = { "user", TEXT, false },
	[FROM] = { "from", TEXT, false },
	[SERVICE] = { "service", TEXT, false },
	[SINCE] = { "created", WHOLE, false },
	[STATE] = { "state", TEXT, false },
	[MEMORY] = { "memory", WHOLE, false },
	[PIDS] = { "pids", WHOLE, false },
	[TIME] = { "cpu_usec", WHOLE, false },
	[ADDRESS] = { "address", TEXT, false },
	[PORTS] = { "ports", TEXT, false },
	[PID] = { "pid", WHOLE, false },
	[MEMORY_MAX] = { "memory_max", WHOLE, false },
	[PIDS_MAX] = { "pids_max", WHOLE, false },
	[NETWORK] = { "network", TEXT, false },
};

static const struct column columns[COLUMNS] = {
	[BOX] = { "BOX", LEFT },         [USER] = { "USER", LEFT },   [FROM] = { "FROM", LEFT },
	[SERVICE] = { "SERVICE", LEFT }, [SINCE] = { "SINCE", LEFT }, [STATE] = { "STATE", LEFT },
	[MEMORY] = { "MEMORY/MAX", SLASH }, [PIDS] = { "PIDS/MAX", SLASH }, [TIME] = { "TIME", RIGHT },
	[ADDRESS] = { "ADDRESS", LEFT }, [PORTS] = { "PORTS", LEFT },
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
	char *const *value = rows->row[row].value;
	bool said = value[column] != NULL && value[column][0] != '\0';

	escape_text(text, CELL_ROOM, said ? value[column] : "-");
	if (said && column == SINCE)
		put_time(text, value[column]);
	else if (said && column == MEMORY)
		human_share(text, CELL_ROOM, human_size, value[MEMORY], value[MEMORY_MAX]);
	else if (said && column == PIDS)
		human_share(text, CELL_ROOM, human_number, value[PIDS], value[PIDS_MAX]);
	else if (said && column == TIME)
		human_minutes(text, CELL_ROOM, value[TIME]);
	else if (column == ADDRESS)
		text[strcspn(text, ",")] = '\0'; /* that of IPv4; the other is made alike */
	return false;
}

/* The last columns only where some box has something in them: a line is long enough without. */
static int columns_used(const struct rows *rows)
{
	char text[CELL_ROOM];
	int used = COLUMNS;

	for (; used > ADDRESS; used--)
		for (size_t row = 0; row < rows->n; row++) {
			(void)cell(rows, row, used - 1, text);
			if (strcmp(text, "-") != 0)
				return used;
		}
	return used;
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
		table_print(columns, columns_used(&rows), rows.n, cell, &rows);
	return table_flush(&f) < 0 ? complain(&f) : 0;
}
