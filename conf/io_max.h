/* SPDX-License-Identifier: MIT */
/* runs as: anyone. A value of the key io_max: how fast a user may read and write one disk. */
#ifndef NSBOX_IO_MAX_H
#define NSBOX_IO_MAX_H

#include <stdint.h>

#include "conf/fail.h"

/* POLICY_NONE where a line says nothing. */
struct io_max {
	char path[256]; /* the disk's device, or anything that lies on it */
	uint64_t rbps, wbps;   /* bytes a second */
	uint64_t riops, wiops; /* requests a second */
};

/* Reads "PATH rbps=10M wiops=100": a path and at least one of the four. */
int io_max_parse(const char *text, struct io_max *out, struct fail *f);

#endif
