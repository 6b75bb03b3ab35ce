/* SPDX-License-Identifier: MIT */
/* runs as: the user. What nsbox-helper tells, in lines of key=value: one row each. */
#ifndef NSBOX_ROWS_H
#define NSBOX_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fail.h"

enum { FIELDS_MOST = 32 };

/* WHOLE is digits; DECIMAL may have a point and more digits. */
enum kind { TEXT, WHOLE, DECIMAL };

/* What the helper, and JSON, call it. A line without one that must be there is an error. */
struct field {
	const char *name;
	enum kind kind;
	bool must;
};

/* One line: its value of each field, NULL where nothing was said. */
struct row {
	char *value[FIELDS_MOST];
};

struct rows {
	const struct field *fields;
	int count; /* of fields */
	struct row *row;
	size_t n;
	size_t room;
};

#define OWN_ROWS __attribute__((cleanup(rows_cleanup)))

void rows_cleanup(struct rows *rows);

/*
 * Asks the helper for its request about user ("-": whom it thinks fit) and adds what it tells to rows, of which only
 * fields and count need be set. Keys that are not known come from a newer helper and are passed over. Returns the
 * helper's exit status, which has told why if it is not 0, or -1.
 */
int rows_ask(const char *request, const char *user, struct rows *rows, struct fail *f);

/* Adds the lines of fd, which it closes. Returns 0 or -1. */
int rows_read(int fd, struct rows *rows, struct fail *f);

/* Gives a field another value. */
int row_set(struct row *row, int field, const char *value, struct fail *f);

/* Prints an array of objects with the first so many fields; what was not said is null. */
void rows_json(const struct rows *rows, int fields);

#endif
