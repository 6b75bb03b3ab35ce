/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. Who called, and how the helper becomes a process of its own. */
#ifndef NSBOX_CALLER_H
#define NSBOX_CALLER_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "conf/fail.h"

/* What is kept of the caller: its identity, and what a command run for it gets back. */
struct caller {
	uid_t uid;
	mode_t umask;
	struct rlimit limits[RLIM_NLIMITS];
	char **environment; /* data only: never read by the helper, handed to the command at its exec */
};

/*
 * Takes leave of the caller: signals, timers, identity, environment, descriptors, limits, directory.
 * keep_wire leaves WIRE_FD open, and only if it is the socket wire.h asks for.
 * Must be the first thing in main.
 */
int caller_leave(struct caller *caller, bool keep_wire, struct fail *f);

/* Gives a command, in its own process and before its exec, the caller's limits, umask and signals. */
int caller_restore(const struct caller *caller, struct fail *f);

#endif
