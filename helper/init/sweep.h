/* SPDX-License-Identifier: MIT */
/* runs as: root. The descriptors that nsbox-sweep inherits, by their numbers. */
#ifndef NSBOX_INIT_SWEEP_H
#define NSBOX_INIT_SWEEP_H

/* Any of them may be missing: what it would have told is not told then. 0-2 are /dev/null; nothing else is open. */
enum {
	SWEEP_INIT = 3,      /* pidfd of the box's init */
	SWEEP_OOM = 4,       /* cgroup v1: eventfd, counts up when the box or its user runs out of memory */
	SWEEP_MEMORY = 5,    /* cgroup v2: the box's memory.events */
	SWEEP_PIDS = 6,      /* the box's pids.events */
	SWEEP_USER_PIDS = 7, /* cgroup v2: the user's pids.events */
	SWEEP_END = 8,
};

#endif
