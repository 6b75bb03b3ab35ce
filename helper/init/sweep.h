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
	SWEEP_NEWS = 8,      /* read end of a pipe from init: bytes of enum sweep_news */
	SWEEP_END = 9,
};

/* Written by processes of the box's owner, who may write anything: good for their own affairs only. */
enum sweep_news {
	NEWS_HOP = 'h',   /* somebody came from another box of the owner */
	NEWS_ALONE = 'a', /* no login holds the box any more, only hops do: is the owner logged in anywhere? */
	NEWS_RESET = 'r', /* the owner wants a new home once the last box has ended */
};

#endif
