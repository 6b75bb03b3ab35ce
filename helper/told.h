/* SPDX-License-Identifier: MIT */
/* runs as: root. What the user of a box was told already: /run/nsbox/UID/N.told, beside the record N. */
#ifndef NSBOX_TOLD_H
#define NSBOX_TOLD_H

#include <stdbool.h>

#include "conf/fail.h"
#include "helper/events.h"

struct told {
	struct events events;
	uint64_t begun;   /* milliseconds of CLOCK_MONOTONIC: when the counting began */
	uint64_t refused; /* the same: when refused processes were told of; 0: never */
	uint64_t line;    /* the last line of the kernel's log that was looked at */
	uint64_t looked;  /* milliseconds of CLOCK_MONOTONIC: when that was; 0: never */
	uint64_t pause;   /* milliseconds from then on in which it is not looked at again */
};

/*
 * May the kernel's log, which is long, be read now (milliseconds of CLOCK_MONOTONIC) for the names of killed
 * processes? The second time in a minute it may, and then ever more seldom, until there was a quiet minute. Notes
 * that it was.
 */
bool told_may_look(struct told *told, uint64_t now);

/* Fails with ENOENT in f->code when there is none. */
int told_read(int run, unsigned number, struct told *told, struct fail *f);

/* Takes the user's lock for it, waiting until deadline. Without a record nothing is written: ENOENT. */
int told_write(int run, unsigned number, const struct told *told, int64_t deadline, struct fail *f);

/* Done by record_remove. */
void told_remove(int run, unsigned number);

#endif
