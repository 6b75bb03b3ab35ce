/* SPDX-License-Identifier: MIT */
/* runs as: the user. The live boxes, for people and for programs. */
#include "shell/list.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "conf/escape.h"
#include "shell/human.h"
#include "shell/nssh.h"
#include "shell/table.h"

const struct field list_fields[LIST_FIELDS] = {
	[L_BOX] = { "box", TEXT, true },
	[L_USER] = { "user", TEXT, false },
	[L_FROM] = { "from", TEXT, false },
	[L_SERVICE] = { "service", TEXT, false },
	[L_SINCE] = { "created", WHOLE, false },
	[L_LOGINS] = { "logins", WHOLE, false },
	[L_IDLE] = { "idle", WHOLE, false },
	[L_STATE] = { "state", TEXT, false },
	[L_MEMORY] = { "memory", WHOLE, false },
	[L_PIDS] = { "pids", WHOLE, false },
	[L_TIME] = { "cpu_usec", WHOLE, false },
	[L_ADDRESS] = { "address", TEXT, false },
	[L_PORTS] = { "ports", TEXT, false },
	[L_PID] = { "pid", WHOLE, false },
	[L_LOGIN_AT] = { "at", WHOLE, false },
	[L_MEMORY_MAX] = { "memory_max", WHOLE, false },
	[L_PIDS_MAX] = { "pids_max", WHOLE, false },
	[L_NETWORK] = { "network", TEXT, false },
};

static const struct column columns[LIST_COLUMNS] = {
	[L_BOX] = { "BOX", LEFT },         [L_USER] = { "USER", LEFT },         [L_FROM] = { "FROM", LEFT },
	[L_SERVICE] = { "SERVICE", LEFT }, [L_SINCE] = { "SINCE", LEFT },       [L_LOGINS] = { "LOGINS", RIGHT },
	[L_IDLE] = { "IDLE", RIGHT },      [L_STATE] = { "STATE", LEFT },       [L_MEMORY] = { "MEMORY/MAX", SLASH },
	[L_PIDS] = { "PIDS/MAX", SLASH },  [L_TIME] = { "TIME", RIGHT },        [L_ADDRESS] = { "ADDRESS", LEFT },
	[L_PORTS] = { "PORTS", LEFT },
};

/* A table of boxes, with those columns only that have something to say. */
struct list {
	const struct rows *rows;
	const char *own;
	int n;
	int field[LIST_COLUMNS];
	struct column columns[LIST_COLUMNS];
};

enum { MISSED_MOST = 5 };

static void put_time(char text[CELL_ROOM], const char *seconds)
{
	time_t at = (time_t)strtoll(seconds, NULL, 10);
	struct tm local;

	if (localtime_r(&at, &local) != NULL)
		(void)strftime(text, CELL_ROOM, "%Y-%m-%d %H:%M", &local);
}

/* What stands in a cell: nothing that could move the cursor, and something even where there is nothing. */
static void put(char *const *value, int field, char text[CELL_ROOM])
{
	bool said = value[field] != NULL && value[field][0] != '\0';

	escape_text(text, CELL_ROOM, said ? value[field] : "-");
	if (said && field == L_SINCE)
		put_time(text, value[field]);
	else if (said && field == L_IDLE)
		human_span(text, CELL_ROOM, value[field]);
	else if (said && field == L_MEMORY)
		human_share(text, CELL_ROOM, human_size, value[L_MEMORY], value[L_MEMORY_MAX]);
	else if (said && field == L_PIDS)
		human_share(text, CELL_ROOM, human_number, value[L_PIDS], value[L_PIDS_MAX]);
	else if (said && field == L_TIME)
		human_minutes(text, CELL_ROOM, value[L_TIME]);
	else if (field == L_ADDRESS)
		text[strcspn(text, ",")] = '\0'; /* that of IPv4; the other is made alike */
}

static enum look cell(const void *context, size_t row, int column, char text[CELL_ROOM])
{
	const struct list *list = context;
	int field = list->field[column];

	put(list->rows->row[row].value, field, text);
	if (field == L_BOX && list->own != NULL && strcmp(text, list->own) == 0)
		return LOOK_OWN;
	return field == L_STATE && strcmp(text, "lingers") == 0 ? LOOK_ODD : LOOK_PLAIN;
}

/* What not every host, and not every place, knows is left out where it says nothing of any box: lines are long. */
static bool worth_a_column(const struct rows *rows, int field)
{
	char text[CELL_ROOM];

	if (field <= L_SINCE || field == L_STATE)
		return true;
	for (size_t row = 0; row < rows->n; row++) {
		put(rows->row[row].value, field, text);
		if (strcmp(text, "-") != 0)
			return true;
	}
	return false;
}

/* dropped: so many of those that can be missed first. */
static void choose_columns(struct list *list, int dropped)
{
	static const int missed[MISSED_MOST] = { L_TIME, L_SERVICE, L_ADDRESS, L_USER, L_PIDS };

	list->n = 0;
	for (int i = 0; i < LIST_COLUMNS; i++) {
		bool wanted = worth_a_column(list->rows, i);

		for (int k = 0; k < dropped; k++)
			wanted = wanted && missed[k] != i;
		if (wanted) {
			list->field[list->n] = i;
			list->columns[list->n++] = columns[i];
		}
	}
}

/* A terminal breaks lines that are too long for it, which makes a table hard to read; a file does not. */
static int room(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
		? size.ws_col : INT_MAX;
}

static void show_table(const struct rows *rows, const char *own)
{
	struct list list = { .rows = rows, .own = own };
	int most = room(), dropped = 0;

	do
		choose_columns(&list, dropped);
	while (dropped++ < MISSED_MOST && table_width(list.columns, list.n, rows->n, cell, &list) > most);
	table_print(list.columns, list.n, rows->n, cell, &list);
}

/* The helper's names are JSON's but for one, which would say little there. */
static void show_json(struct rows rows)
{
	struct field named[LIST_FIELDS];

	memcpy(named, list_fields, sizeof named);
	named[L_LOGIN_AT].name = "login_at";
	rows.fields = named;
	rows_json(&rows, LIST_FIELDS);
}

int list_show(const struct rows *rows, const char *own, bool json)
{
	struct fail f = { 0 };

	if (json)
		show_json(*rows);
	else
		show_table(rows, own);
	return table_flush(&f) < 0 ? complain(&f) : 0;
}

int list_boxes(const char *user, bool json)
{
	OWN_ROWS struct rows rows = { .fields = list_fields, .count = LIST_FIELDS };
	struct fail f = { 0 };
	int status = rows_ask("list", user, &rows, &f);

	if (status < 0)
		return complain(&f);
	if (status != 0)
		return NSSH_FAILED; /* the helper has said why */
	return list_show(&rows, NULL, json);
}
