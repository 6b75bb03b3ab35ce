/* SPDX-License-Identifier: MIT */
/* runs as: root. What a user, or a box, uses of the machine and may use: one table for cgroup version 1 and 2. */
#ifndef NSBOX_MEASURE_H
#define NSBOX_MEASURE_H

#include "helper/cgroup.h"

enum measure {
	/* Bytes; memory has tmpfs and page cache in it. */
	M_MEMORY, M_MEMORY_MAX, M_MEMORY_HIGH, M_SWAP, M_SWAP_MAX,
	M_PIDS, M_PIDS_MAX,
	/* So far; percent of one processor. */
	M_CPU_USEC, M_CPU_MAX, M_CPU_WEIGHT,
	/* So far. */
	M_READ_BYTES, M_WRITE_BYTES,
	/*
	 * Percent, with two digits after the point. They stand last: measure_put tells them from the others by that.
	 */
	M_CPU_PRESSURE, M_MEMORY_PRESSURE, M_IO_PRESSURE,
	MEASURES
};

/*
 * Adds "KEY=VALUE " to line for the user (number 0) or one of their boxes; nothing if there is no limit, or this host
 * does not count such a thing. Returns 0 or -1.
 */
int measure_put(const struct cgroups *all, uid_t uid, unsigned number, enum measure what, char *line, size_t size,
		struct fail *f);

#endif
