/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh --stat: what users and their boxes use, against what they may. */
#include "shell/stat.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "conf/escape.h"
#include "shell/human.h"
#include "shell/nssh.h"
#include "shell/table.h"

/* Long enough for a rate to mean something, and short enough to wait for. */
enum { BETWEEN_MS = 500, MUCH_PERCENT = 90 };

static const struct field fields[STAT_FIELDS] = {
	[S_USER] = { "user", TEXT, true },
	[S_BOX] = { "box", TEXT, false },
	[S_UID] = { "uid", WHOLE, false },
	[S_BOXES] = { "boxes", WHOLE, false },
	[S_CPU] = { "cpu", DECIMAL, false },
	[S_CPU_MAX] = { "cpu_max", WHOLE, false },
	[S_CPU_WEIGHT] = { "cpu_weight", WHOLE, false },
	[S_CPU_USEC] = { "cpu_usec", WHOLE, false },
	[S_MEMORY] = { "memory", WHOLE, false },
	[S_MEMORY_MAX] = { "memory_max", WHOLE, false },
	[S_MEMORY_HIGH] = { "memory_high", WHOLE, false },
	[S_SWAP] = { "swap", WHOLE, false },
	[S_SWAP_MAX] = { "swap_max", WHOLE, false },
	[S_PIDS] = { "pids", WHOLE, false },
	[S_PIDS_MAX] = { "pids_max", WHOLE, false },
	[S_READ] = { "read_rate", DECIMAL, false },
	[S_READ_BYTES] = { "read_bytes", WHOLE, false },
	[S_WRITE] = { "write_rate", DECIMAL, false },
	[S_WRITE_BYTES] = { "write_bytes", WHOLE, false },
	[S_CPU_PRESSURE] = { "cpu_pressure", DECIMAL, false },
	[S_MEMORY_PRESSURE] = { "memory_pressure", DECIMAL, false },
	[S_IO_PRESSURE] = { "io_pressure", DECIMAL, false },
	[S_CLOCK] = { "clock_usec", WHOLE, true },
};

enum { WHO, CPU, MEMORY, SWAP, PIDS, READ, WRITE, PRESSURE, COLUMNS };

static const struct column columns[COLUMNS] = {
	[WHO] = { "USER/BOX", LEFT },       [CPU] = { "CPU/MAX", SLASH },   [MEMORY] = { "MEMORY/MAX", SLASH },
	[SWAP] = { "SWAP/MAX", SLASH },     [PIDS] = { "PIDS/MAX", SLASH }, [READ] = { "READ/s", RIGHT },
	[WRITE] = { "WRITE/s", RIGHT },     [PRESSURE] = { "PRESSURE(cpu/mem/io)", LEFT },
};

/* What columns show: a field, and its limit (or the field itself: it has none). */
static const struct {
	int used, most;
	human *show;
} shares[COLUMNS] = {
	[CPU] = { S_CPU, S_CPU_MAX, human_percent },
	[MEMORY] = { S_MEMORY, S_MEMORY_MAX, human_size },
	[SWAP] = { S_SWAP, S_SWAP_MAX, human_size },
	[PIDS] = { S_PIDS, S_PIDS_MAX, human_number },
	[READ] = { S_READ, S_READ, human_size },
	[WRITE] = { S_WRITE, S_WRITE, human_size },
};

static void put_who(char text[CELL_ROOM], char *const *value)
{
	/* Boxes stand indented below their user. */
	size_t indent = value[S_BOX] != NULL ? 2 : 0;

	(void)snprintf(text, CELL_ROOM, "%*s", (int)indent, "");
	escape_text(text + indent, CELL_ROOM - indent, value[indent > 0 ? S_BOX : S_USER]);
}

static void put_pressure(char text[CELL_ROOM], char *const *value)
{
	const char *cpu = value[S_CPU_PRESSURE], *memory = value[S_MEMORY_PRESSURE], *io = value[S_IO_PRESSURE];

	if (cpu == NULL || memory == NULL || io == NULL)
		(void)snprintf(text, CELL_ROOM, "-");
	else
		(void)snprintf(text, CELL_ROOM, "%.0f/%.0f/%.0f", strtod(cpu, NULL), strtod(memory, NULL),
			       strtod(io, NULL));
}

/* A limit stands in the user's row only, since it is one for all boxes together. True: what is used is near it. */
static bool put_share(char text[CELL_ROOM], char *const *value, int column)
{
	int field = shares[column].most;
	const char *used = value[shares[column].used];
	const char *most = field != shares[column].used ? value[field] : NULL;

	human_share(text, CELL_ROOM, shares[column].show, used, value[S_BOX] == NULL ? most : NULL);
	return used != NULL && most != NULL && strtod(used, NULL) * 100 > strtod(most, NULL) * MUCH_PERCENT;
}

static enum look cell(const void *context, size_t row, int column, char text[CELL_ROOM])
{
	const struct rows *rows = context;
	char *const *value = rows->row[row].value;

	if (column == WHO)
		put_who(text, value);
	else if (column == PRESSURE)
		put_pressure(text, value);
	else
		return put_share(text, value, column) ? LOOK_LOUD : LOOK_PLAIN;
	return LOOK_PLAIN;
}

/* Asks twice. Returns the helper's exit status, or -1. */
static int sample(const char *user, struct rows *before, struct rows *now, struct fail *f)
{
	const struct timespec between = { .tv_nsec = BETWEEN_MS * 1000000L };
	int status = rows_ask("stat", user, before, f);

	if (status != 0)
		return status;
	(void)nanosleep(&between, NULL);
	return rows_ask("stat", user, now, f);
}

int show_stat(const char *user, bool json)
{
	OWN_ROWS struct rows before = { .fields = fields, .count = STAT_FIELDS };
	OWN_ROWS struct rows now = { .fields = fields, .count = STAT_FIELDS };
	struct fail f = { 0 };
	int status = sample(user, &before, &now, &f);

	if (status > 0)
		return NSSH_FAILED; /* the helper has said why */
	if (status < 0 || stat_rates(&before, &now, &f) < 0 || stat_sort(&now, &f) < 0)
		return complain(&f);
	if (json)
		rows_json(&now, STAT_SHOWN);
	else
		table_print(columns, COLUMNS, now.n, cell, &now);
	return table_flush(&f) < 0 ? complain(&f) : 0;
}
