/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. Power as a table: which requests there are and who may make them. */
#ifndef NSBOX_REQUESTS_H
#define NSBOX_REQUESTS_H

#include <stdbool.h>

#include "helper/caller.h"

/* One request's words, after its name; argc words in argv, NULL-terminated. */
struct words {
	const struct caller *caller;
	int argc;
	char **argv;
};

struct request_row {
	const char *name;
	int (*run)(const struct words *words); /* returns the exit code */
	int least, most;                       /* how many words it takes */
	bool root_only;
	bool wire; /* answered on WIRE_FD */
};

/* The row of this name, or NULL. */
const struct request_row *request_find(const char *name);

#endif
