/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box; root. Time without libc, unsigned as all of init's arithmetic is (sys.h). */
#ifndef NSBOX_INIT_CLOCK_H
#define NSBOX_INIT_CLOCK_H

#include <limits.h>
#include <time.h>

#include "helper/init/sys.h"

static const unsigned long forever = ULONG_MAX; /* milliseconds */

static inline unsigned long least(unsigned long a, unsigned long b)
{
	return a < b ? a : b;
}

static inline unsigned long now_ms(void)
{
	struct timespec now = { 0, 0 };

	/* CLOCK_MONOTONIC always exists on Linux: clock_gettime(2) lists no other error. */
	(void)sys(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0);
	return (unsigned long)now.tv_sec * 1000 + (unsigned long)now.tv_nsec / 1000000;
}

/* Seconds since the epoch. */
static inline unsigned long time_of_day(void)
{
	struct timespec now = { 0, 0 };

	(void)sys(SYS_clock_gettime, CLOCK_REALTIME, (long)&now, 0, 0, 0);
	return (unsigned long)now.tv_sec;
}

#endif
