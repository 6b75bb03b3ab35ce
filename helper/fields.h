/* SPDX-License-Identifier: MIT */
/* runs as: root. Lines of key=value, the form of the record and of what `list` prints. */
#ifndef NSBOX_FIELDS_H
#define NSBOX_FIELDS_H

#include <stddef.h>
#include <stdint.h>

/* Writes "key=value" with everything but [A-Za-z0-9_.:@/+-,] as %XX, and then `end`. Returns 0, or -1 when full. */
int field_put(char *text, size_t size, const char *key, const char *value, char end);
int field_put_number(char *text, size_t size, const char *key, uint64_t value, char end);

/*
 * Takes the first "key=value" line off *text, decoded in place. Returns 1, 0 at the end, -1 if the text is
 * not of that form.
 */
int field_next(char **text, char **key, char **value);

/* A decimal number without sign or leading zero, at most max. Returns 0 or -1. */
int field_number(const char *value, uint64_t max, uint64_t *number);

#endif
