/* SPDX-License-Identifier: MIT */
/* runs as: a user, in tests. What a caller may have set up before it executes a program. */
#ifndef NSBOX_TESTS_CONDITIONS_H
#define NSBOX_TESTS_CONDITIONS_H

#include <stdbool.h>

/* What cannot be set up before, but is a way to execute. */
struct wishes {
	bool no_words; /* argc is 0 */
	bool traced;
	bool wire; /* descriptor 3 is what the helper answers on */
};

/* Sets up what word says ("NAME" or "NAME=VALUE"). Returns 0, or -1 with errno. */
int condition_set(const char *word, struct wishes *w);

/* Of these conditions: fd=NUMBER:KIND, closed=DIGITS, and many=N, as many descriptors as there may be but N. */
int descriptors_put(const char *value);
int descriptors_close(const char *digits);
int descriptors_fill(const char *value);

#endif
