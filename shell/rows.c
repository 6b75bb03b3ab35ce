/* SPDX-License-Identifier: MIT */
/* runs as: the user. What nsbox-helper tells, in lines of key=value: one row each. */
#include "shell/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/json.h"
#include "shell/start.h"

enum { LINE_ROOM = 4096 };

static const char digits[] = "0123456789";

void rows_cleanup(struct rows *rows)
{
	for (size_t n = 0; n < rows->n; n++)
		for (int i = 0; i < rows->count; i++)
			free(rows->row[n].value[i]);
	free(rows->row);
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

/* Takes the percent signs out, in place. False: not well-formed. */
static bool decode(char *text)
{
	char *out = text;

	for (const char *in = text; *in != '\0'; in++) {
		char c = *in;

		if (c == '%') {
			int high = hex(in[1]);
			int low = high < 0 ? -1 : hex(in[2]);

			if (low < 0 || (high == 0 && low == 0))
				return false;
			c = (char)(high * 16 + low);
			in += 2;
		}
		*out++ = c;
	}
	*out = '\0';
	return true;
}

static bool fits(enum kind kind, const char *value)
{
	const char *rest = value + strspn(value, digits);

	if (kind == DECIMAL && rest > value && rest[0] == '.' && rest[1] != '\0')
		rest += 1 + strspn(rest + 1, digits);
	return kind == TEXT || *rest == '\0';
}

int row_set(struct row *row, int field, const char *value, struct fail *f)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return fail(f, ENOMEM, "a list");
	free(row->value[field]);
	row->value[field] = copy;
	return 0;
}

/* One word of a line, in place. */
static int take_word(const struct rows *rows, struct row *row, char *word, struct fail *f)
{
	char *value = strchr(word, '=');

	if (value == NULL)
		return fail(f, EPROTO, "a line of nsbox-helper's");
	*value++ = '\0';
	for (int i = 0; i < rows->count; i++) {
		if (strcmp(rows->fields[i].name, word) != 0)
			continue;
		if (!decode(value) || !fits(rows->fields[i].kind, value))
			return fail(f, EPROTO, "%s in a line of nsbox-helper's", word);
		return row_set(row, i, value, f);
	}
	return 0;
}

static int take_line(const struct rows *rows, struct row *row, char *line, struct fail *f)
{
	char *rest = NULL;

	for (char *word = strtok_r(line, " \n", &rest); word != NULL; word = strtok_r(NULL, " \n", &rest))
		if (take_word(rows, row, word, f) < 0)
			return -1;
	for (int i = 0; i < rows->count; i++)
		if (rows->fields[i].must && (row->value[i] == NULL || row->value[i][0] == '\0'))
			return fail(f, EPROTO, "a line of nsbox-helper's without %s", rows->fields[i].name);
	return 0;
}

static int add(struct rows *rows, char *line, struct fail *f)
{
	if (rows->n == rows->room) {
		size_t room = rows->room == 0 ? 16 : rows->room * 2;
		struct row *row = reallocarray(rows->row, room, sizeof *row);

		if (row == NULL)
			return fail(f, ENOMEM, "a list");
		rows->row = row;
		rows->room = room;
	}
	rows->row[rows->n] = (struct row){ 0 };
	return take_line(rows, &rows->row[rows->n++], line, f);
}

int rows_read(int fd, struct rows *rows, struct fail *f)
{
	FILE *in = fdopen(fd, "r");
	char line[LINE_ROOM];
	int done = 0;

	if (in == NULL) {
		(void)close(fd);
		return fail(f, errno, "read what nsbox-helper tells");
	}
	while (done == 0 && fgets(line, sizeof line, in) != NULL) {
		if (strchr(line, '\n') == NULL)
			done = fail(f, EPROTO, "a line of nsbox-helper's");
		else
			done = add(rows, line, f);
	}
	if (done == 0 && ferror(in) != 0)
		done = fail(f, errno, "read what nsbox-helper tells");
	(void)fclose(in);
	return done;
}

int rows_ask(const char *request, const char *user, struct rows *rows, struct fail *f)
{
	int ends[2];
	int done;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(f, errno, "pipe");
	pid = start_request((const char *const[START_WORDS]){ request, user }, ends[1], f);
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return -1;
	}
	done = rows_read(ends[0], rows, f);

	int status = start_wait(pid);

	return done < 0 ? -1 : status;
}

static void print_value(enum kind kind, const char *value)
{
	if (value == NULL)
		(void)fputs("null", stdout);
	else if (kind == TEXT)
		json_string(stdout, value);
	else
		json_number(stdout, value);
}

void rows_json(const struct rows *rows, int fields)
{
	(void)putchar('[');
	for (size_t n = 0; n < rows->n; n++) {
		(void)fputs(n > 0 ? ",\n {" : "\n {", stdout);
		for (int i = 0; i < fields; i++) {
			(void)printf("%s\"%s\": ", i > 0 ? ", " : "", rows->fields[i].name);
			print_value(rows->fields[i].kind, rows->row[n].value[i]);
		}
		(void)putchar('}');
	}
	(void)puts(rows->n > 0 ? "\n]" : "]");
}
