/* SPDX-License-Identifier: MIT */
/* runs as: root. What the processes of a box had to say to the host, counted by nsbox-sweep. */
#ifndef NSBOX_NEWS_H
#define NSBOX_NEWS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"

/*
 * So many hops came into the box, which the log tells; and its owner asked in it for a new home. Both are said by
 * processes of the owner's, and touch nobody else's affairs.
 */
int news(uid_t uid, unsigned number, uint64_t hops, bool reset, struct fail *f);

#endif
