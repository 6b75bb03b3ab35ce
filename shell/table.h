/* SPDX-License-Identifier: MIT */
/* runs as: the user. A table for people: aligned, and with weight and colour where a terminal can show it. */
#ifndef NSBOX_TABLE_H
#define NSBOX_TABLE_H

#include <stddef.h>

#include "conf/fail.h"

enum { CELL_ROOM = 64 };

/* SLASH puts the slashes of "12/4096" below each other, and what has none before them. */
enum align { LEFT, RIGHT, SLASH };

struct column {
	const char *title;
	enum align align;
};

/* How a cell stands out, on a terminal: bold, as something out of the ordinary, or as the reader's own. */
enum look { LOOK_PLAIN, LOOK_LOUD, LOOK_ODD, LOOK_OWN };

/* Writes what stands in a cell, "" as well as anything safe for a terminal. */
typedef enum look table_cell(const void *context, size_t row, int column, char text[CELL_ROOM]);

/* Prints n columns and so many rows; cell is asked more than once. */
void table_print(const struct column *columns, int n, size_t rows, table_cell *cell, const void *context);

/* How many characters wide that would be. */
int table_width(const struct column *columns, int n, size_t rows, table_cell *cell, const void *context);

/* Has all that was printed been written? Returns 0 or -1. */
int table_flush(struct fail *f);

#endif
