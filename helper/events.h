/* SPDX-License-Identifier: MIT */
/* runs as: root. What the kernel counts against a box: processes killed for want of memory, and refused. */
#ifndef NSBOX_EVENTS_H
#define NSBOX_EVENTS_H

#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"
#include "helper/init/sweep.h"

struct cgroups;

struct events {
	uint64_t oom;       /* processes of the box that the kernel killed */
	uint64_t pids;      /* that it would not make for the box */
	uint64_t user_pids; /* v2, newer kernels: for any box of the user, because all together had too many */
};

/*
 * Opens what nsbox-sweep waits on for box number of uid, each at its index (helper/init/sweep.h); those that this
 * host does not have are left as they are. They do not keep the cgroup from being removed.
 */
int events_open(const struct cgroups *all, uid_t uid, unsigned number, int fds[SWEEP_END], struct fail *f);

/* Reads the counts; what this host does not count is 0. */
int events_count(const struct cgroups *all, uid_t uid, unsigned number, struct events *events, struct fail *f);

/* The number on the line of text that begins with key and a blank; 0 if there is no such line. */
uint64_t events_number(const char *text, const char *key);

#endif
