/* SPDX-License-Identifier: MIT */
/* runs as: the user. The live boxes, for people and for programs. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/escape.h"
#include "conf/fd.h"
#include "shell/json.h"
#include "shell/nssh.h"
#include "shell/start.h"

enum { LINE_ROOM = 4096, VALUE_ROOM = 256, CELL_ROOM = 64 };

enum column { BOX, USER, FROM, SERVICE, SINCE, STATE, PID, COLUMNS, SHOWN_COLUMNS = PID };

/* What the helper calls it, what people read above it, and whether it is a number. */
static const struct {
	const char *key;
	const char *title;
	bool number;
} columns[COLUMNS] = {
	[BOX] = { "box", "BOX", false },
	[USER] = { "user", "USER", false },
	[FROM] = { "from", "FROM", false },
	[SERVICE] = { "service", "SERVICE", false },
	[SINCE] = { "created", "SINCE", true },
	[STATE] = { "state", "STATE", false },
	[PID] = { "pid", "PID", true },
};

struct row {
	char value[COLUMNS][VALUE_ROOM];
};

struct table {
	struct row *rows;
	size_t n;
	size_t room;
};

static void table_cleanup(struct table *table)
{
	free(table->rows);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Takes the percent signs out. False: not well-formed, or too long. */
static bool decode(char out[VALUE_ROOM], const char *in)
{
	size_t n = 0;

	for (; *in != '\0'; in++) {
		char c = *in;

		if (c == '%') {
			int high = hex(in[1]);
			int low = high < 0 ? -1 : hex(in[2]);

			if (low < 0 || (high == 0 && low == 0))
				return false;
			c = (char)(high * 16 + low);
			in += 2;
		}
		if (n + 1 >= VALUE_ROOM)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

/* Reads one line, in place. Keys that are not known come from a newer helper and are passed over. */
static bool parse(struct row *row, char *line)
{
	char *rest = NULL;

	memset(row, 0, sizeof *row);
	for (char *word = strtok_r(line, " \n", &rest); word != NULL; word = strtok_r(NULL, " \n", &rest)) {
		char *value = strchr(word, '=');

		if (value == NULL)
			return false;
		*value++ = '\0';
		for (int i = 0; i < COLUMNS; i++) {
			if (strcmp(columns[i].key, word) != 0)
				continue;
			if (!decode(row->value[i], value))
				return false;
			if (columns[i].number && strspn(row->value[i], "0123456789") != strlen(row->value[i]))
				return false;
		}
	}
	return row->value[BOX][0] != '\0';
}

static int table_add(struct table *table, char *line, struct fail *f)
{
	if (table->n == table->room) {
		size_t room = table->room == 0 ? 16 : table->room * 2;
		struct row *rows = reallocarray(table->rows, room, sizeof *rows);

		if (rows == NULL)
			return fail(f, ENOMEM, "the list of boxes");
		table->rows = rows;
		table->room = room;
	}
	if (!parse(&table->rows[table->n], line))
		return fail(f, EPROTO, "a line of nsbox-helper's list");
	table->n++;
	return 0;
}

static int read_lines(int fd, struct table *table, struct fail *f)
{
	FILE *in = fdopen(fd, "r");
	char line[LINE_ROOM];
	int done = 0;

	if (in == NULL) {
		(void)close(fd);
		return fail(f, errno, "read nsbox-helper's list");
	}
	while (done == 0 && fgets(line, sizeof line, in) != NULL) {
		if (strchr(line, '\n') == NULL)
			done = fail(f, EPROTO, "a line of nsbox-helper's list");
		else
			done = table_add(table, line, f);
	}
	if (done == 0 && ferror(in) != 0)
		done = fail(f, errno, "read nsbox-helper's list");
	(void)fclose(in);
	return done;
}

/* Asks the helper. Returns its exit status, 0 with all rows in table, or -1. */
static int ask(const char *user, struct table *table, struct fail *f)
{
	char word[] = "list";
	char name[] = "nsbox-helper";
	char *whom = strdup(user);
	char *argv[] = { name, word, whom, NULL };
	struct start start = { .argv = argv, .stdio = { -1, -1, -1 }, .wire = -1 };
	int ends[2];
	int done;
	pid_t pid;

	if (whom == NULL || pipe2(ends, O_CLOEXEC) < 0) {
		int code = errno;

		free(whom);
		return fail(f, code, "pipe");
	}
	start.stdio[1] = ends[1];
	pid = start_helper(&start, f);
	(void)close(ends[1]);
	free(whom);
	if (pid < 0) {
		(void)close(ends[0]);
		return -1;
	}
	done = read_lines(ends[0], table, f);

	int status = start_wait(pid);

	return done < 0 ? -1 : status;
}

/* What stands in a cell: nothing that could move the cursor, and something even where there is nothing. */
static void cell(char out[CELL_ROOM], const struct row *row, enum column column)
{
	const char *value = row->value[column];
	struct tm local;
	time_t at;

	(void)escape_text(out, CELL_ROOM, value[0] != '\0' ? value : "-");
	if (column != SINCE || value[0] == '\0')
		return;
	at = (time_t)strtoll(value, NULL, 10);
	if (localtime_r(&at, &local) != NULL)
		(void)strftime(out, CELL_ROOM, "%Y-%m-%d %H:%M", &local);
}

static void measure(const struct table *table, int width[SHOWN_COLUMNS])
{
	for (int i = 0; i < SHOWN_COLUMNS; i++) {
		width[i] = (int)strlen(columns[i].title);
		for (size_t n = 0; n < table->n; n++) {
			char text[CELL_ROOM];

			cell(text, &table->rows[n], (enum column)i);
			if ((int)strlen(text) > width[i])
				width[i] = (int)strlen(text);
		}
	}
}

static void print_table(const struct table *table)
{
	bool bold = isatty(STDOUT_FILENO) != 0;
	int width[SHOWN_COLUMNS];

	measure(table, width);
	width[SHOWN_COLUMNS - 1] = 0; /* no blanks at a line's end */
	(void)fputs(bold ? "\033[1m" : "", stdout);
	for (int i = 0; i < SHOWN_COLUMNS; i++)
		(void)printf("%s%-*s", i > 0 ? "  " : "", width[i], columns[i].title);
	(void)puts(bold ? "\033[m" : "");
	for (size_t n = 0; n < table->n; n++) {
		for (int i = 0; i < SHOWN_COLUMNS; i++) {
			char text[CELL_ROOM];

			cell(text, &table->rows[n], (enum column)i);
			(void)printf("%s%-*s", i > 0 ? "  " : "", width[i], text);
		}
		(void)putchar('\n');
	}
}

static void print_json(const struct table *table)
{
	(void)putchar('[');
	for (size_t n = 0; n < table->n; n++) {
		(void)fputs(n > 0 ? ",\n {" : "\n {", stdout);
		for (int i = 0; i < COLUMNS; i++) {
			const char *value = table->rows[n].value[i];

			(void)printf("%s\"%s\": ", i > 0 ? ", " : "", columns[i].key);
			if (columns[i].number)
				json_number(stdout, value);
			else
				json_string(stdout, value);
		}
		(void)putchar('}');
	}
	(void)puts(table->n > 0 ? "\n]" : "]");
}

int list_boxes(const char *user, bool json)
{
	__attribute__((cleanup(table_cleanup))) struct table table = { 0 };
	struct fail f = { 0 };
	int status = ask(user, &table, &f);

	if (status < 0)
		return complain(&f);
	if (status != 0)
		return NSSH_FAILED; /* the helper has said why */
	if (json)
		print_json(&table);
	else
		print_table(&table);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		(void)fail(&f, errno, "write the list");
		return complain(&f);
	}
	return 0;
}

int collect_garbage(const char *user)
{
	char name[] = "nsbox-helper";
	char word[] = "gc";
	char *whom = strdup(user);
	char *argv[] = { name, word, whom, NULL };
	struct start start = { .argv = argv, .stdio = { -1, -1, -1 }, .wire = -1 };
	struct fail f = { 0 };
	pid_t pid = whom == NULL ? fail(&f, ENOMEM, "start nsbox-helper") : start_helper(&start, &f);

	free(whom);
	if (pid < 0)
		return complain(&f);
	return start_wait(pid) == 0 ? 0 : NSSH_FAILED;
}
