/* SPDX-License-Identifier: MIT */
/* runs as: root, then the user. A command in a box, from outside. */
#ifndef NSBOX_ENTER_H
#define NSBOX_ENTER_H

#include "helper/caller.h"
#include "helper/owner.h"

struct entry {
	const struct caller *caller;
	const struct owner *owner; /* NULL: the caller, by uid */
	uid_t uid;
	const char *box;           /* NULL: the latest, or a new one */
	unsigned ttys;             /* 1 | 2 | 4 for the descriptors that are to be a terminal of the box */
	char **command;            /* NULL-terminated; empty: the login shell */
};

/* Runs it, answering on WIRE_FD as wire.h says. Returns the program's exit code. */
int enter(const struct entry *entry);

#endif
