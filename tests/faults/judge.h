/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. One fault at a time, and whether all is as it must be after it. */
#ifndef NSBOX_TESTS_JUDGE_H
#define NSBOX_TESTS_JUDGE_H

#include <stdbool.h>

#include "tests/faults/left.h"
#include "tests/faults/story.h"
#include "tests/faults/trace.h"

struct judge {
	const struct story *story;
	struct person who;
	struct telling telling;
	struct traced traced;
	char clean[LEFT]; /* what there is when nothing is left */
	unsigned faults, missed, failed, collected; /* injected; not come by; requests that failed; garbage for the next login */
	unsigned leaks, unboxed, hangs, crashes, silent, stuck;
};

/* Has the story told without a fault, and notes the system calls in it. */
bool judge_prepare(struct judge *j, struct sites *sites);

/* error 0: SIGKILL. Prints what is not as it must be. */
void judge_fault(struct judge *j, const struct site *site, int error);

void judge_list(const struct sites *sites);

/* Prints the sums; true if all was well. */
bool judge_sum(const struct judge *j);

#endif
