/* SPDX-License-Identifier: MIT */
/* runs as: the user. A table for people: aligned, and with weight and colour where a terminal can show it. */
#include "shell/table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLAIN "\033[m"

/* Bold, yellow, and bold green. */
static const char *const looks[] = {
	[LOOK_PLAIN] = "", [LOOK_LOUD] = "\033[1m", [LOOK_ODD] = "\033[33m", [LOOK_OWN] = "\033[1;32m"
};

enum { COLUMNS_MOST = 16 };

/* A text is a head, which ends where the heads above and below it end, and a tail, which begins there. */
struct width {
	int head;
	int tail;
};

struct table {
	const struct column *columns;
	int n;
	bool looks; /* are they shown? */
	struct width width[COLUMNS_MOST];
};

/* In characters: of UTF-8 only the first byte of each counts. */
static int characters(const char *text, const char *end)
{
	int n = 0;

	for (; text < end; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static struct width measure(enum align align, const char *text)
{
	const char *end = text + strlen(text);
	const char *middle = align == LEFT ? text : end;

	if (align == SLASH && strchr(text, '/') != NULL)
		middle = strchr(text, '/');
	return (struct width){ characters(text, middle), characters(middle, end) };
}

static void widen(struct table *table, int column, const char *text)
{
	struct width width = measure(table->columns[column].align, text);
	struct width *most = &table->width[column];

	if (width.head > most->head)
		most->head = width.head;
	if (width.tail > most->tail)
		most->tail = width.tail;
}

static void print_cell(const struct table *table, int column, const char *text, enum look look)
{
	struct width width = measure(table->columns[column].align, text);
	const struct width *most = &table->width[column];
	bool last = column == table->n - 1; /* no blanks at a line's end */
	bool plain = look == LOOK_PLAIN || !table->looks;

	(void)printf("%s%*s%s%s%s%*s", column > 0 ? "  " : "", most->head - width.head, "",
		     plain ? "" : looks[look], text, plain ? "" : PLAIN, last ? 0 : most->tail - width.tail, "");
}

/* https://no-color.org, and terminals that would print the codes. */
static bool shows_looks(void)
{
	const char *none = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if ((none != NULL && none[0] != '\0') || terminal == NULL || strcmp(terminal, "dumb") == 0)
		return false;
	return isatty(STDOUT_FILENO) != 0;
}

static void measure_all(struct table *table, size_t rows, table_cell *cell, const void *context)
{
	char text[CELL_ROOM];

	for (int i = 0; i < table->n; i++) {
		widen(table, i, table->columns[i].title);
		for (size_t row = 0; row < rows; row++) {
			(void)cell(context, row, i, text);
			widen(table, i, text);
		}
	}
}

int table_width(const struct column *columns, int n, size_t rows, table_cell *cell, const void *context)
{
	struct table table = { .columns = columns, .n = n };
	int width = 2 * (n - 1);

	measure_all(&table, rows, cell, context);
	for (int i = 0; i < n; i++)
		width += table.width[i].head + table.width[i].tail;
	return width;
}

void table_print(const struct column *columns, int n, size_t rows, table_cell *cell, const void *context)
{
	struct table table = { .columns = columns, .n = n, .looks = shows_looks() };
	char text[CELL_ROOM];

	measure_all(&table, rows, cell, context);
	for (int i = 0; i < n; i++)
		print_cell(&table, i, columns[i].title, LOOK_LOUD);
	(void)putchar('\n');
	for (size_t row = 0; row < rows; row++) {
		for (int i = 0; i < n; i++) {
			enum look look = cell(context, row, i, text);

			print_cell(&table, i, text, look);
		}
		(void)putchar('\n');
	}
}

int table_flush(struct fail *f)
{
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return fail(f, errno, "write the list");
	return 0;
}
