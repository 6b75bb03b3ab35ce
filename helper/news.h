/* SPDX-License-Identifier: MIT */
/* runs as: root. What the processes of a box had to say to the host, counted by nsbox-sweep. */
#ifndef NSBOX_NEWS_H
#define NSBOX_NEWS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"

/* All is said by processes of the owner's, and touches nobody else's affairs. */
struct news {
	uint64_t hops; /* so many came into the box, which the log tells */
	bool reset;    /* the owner asked in it for a new home */
	bool alone;    /* init asks whether the owner is logged in to any of their boxes; a signal is the answer */
};

int news(uid_t uid, unsigned number, const struct news *news, struct fail *f);

#endif
