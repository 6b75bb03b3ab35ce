/* SPDX-License-Identifier: MIT */
/* runs as: root. What the user of a box was told already: /run/nsbox/UID/N.told, beside the record N. */
#ifndef NSBOX_TOLD_H
#define NSBOX_TOLD_H

#include "conf/fail.h"
#include "helper/events.h"

struct told {
	struct events events;
	uint64_t begun;   /* milliseconds of CLOCK_MONOTONIC: when the counting began */
	uint64_t refused; /* the same: when refused processes were told of; 0: never */
	uint64_t line;    /* the last line of the kernel's log that was looked at */
};

/* Fails with ENOENT in f->code when there is none. */
int told_read(int run, unsigned number, struct told *told, struct fail *f);

/* Takes the user's lock for it, waiting until deadline. Without a record nothing is written: ENOENT. */
int told_write(int run, unsigned number, const struct told *told, int64_t deadline, struct fail *f);

/* Done by record_remove. */
void told_remove(int run, unsigned number);

#endif
