/* SPDX-License-Identifier: MIT */
/* runs as: root, then the user. A command in a box, from outside. */
#ifndef NSBOX_ENTER_H
#define NSBOX_ENTER_H

#include "helper/caller.h"
#include "helper/owner.h"

enum which {
	ENTER_NAMED,  /* .box */
	ENTER_LATEST, /* the latest live box, or a new one */
	ENTER_POLICY, /* what a login gets: a new box, or with scope = user the one there is; or none */
	ENTER_NEW,    /* a new box, or none */
};

struct entry {
	const struct caller *caller;
	const struct owner *owner; /* NULL: the caller, by uid */
	uid_t uid;
	enum which which;
	const char *box;           /* NULL unless it is named */
	unsigned ttys;             /* 1 | 2 | 4 for the descriptors that are to be a terminal of the box */
	char **command;            /* NULL-terminated; empty: the login shell */
};

/*
 * Runs it, answering on WIRE_FD as wire.h says: with ANSWER_OUTSIDE it is not run. Returns the program's exit code.
 */
int enter(const struct entry *entry);

#endif
