/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box, as the owner. The key idle: how long nothing was typed or shown on the box's terminals. */
#ifndef NSBOX_INIT_IDLE_H
#define NSBOX_INIT_IDLE_H

#include <stdbool.h>

/* All times in milliseconds of CLOCK_MONOTONIC, but newest. */
struct idle {
	unsigned long limit;  /* 0: a box may be idle for ever */
	unsigned long next;   /* when to look again */
	unsigned long looked; /* the last time */
	unsigned long since;  /* when something was typed or shown, at the latest; up to 7 s from now */
	unsigned long warned; /* when the users were; 0: they were not */
	bool settled;         /* and what that changed on the terminals has been taken back */
	unsigned long newest; /* of the times of the terminals, in seconds since the epoch */
	unsigned long sum;    /* over all of them: when it is another, there was something */
};

/* From now on, with limit in seconds. */
void idle_begin(struct idle *idle, unsigned long limit);

/* How long nothing has to be done, in milliseconds. */
unsigned long idle_wait(const struct idle *idle);

/* Does what is to be done now, if anything: looks, warns. True: the box has been idle for as long as it may. */
bool idle_over(struct idle *idle);

#endif
