/* SPDX-License-Identifier: MIT */
/* runs as: root. The kernel's log: whom it killed for want of memory. */
#ifndef NSBOX_KMSG_H
#define NSBOX_KMSG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"

/* Whose cgroups are meant: their paths begin with BASE/UID/NUMBER. */
struct kmsg_box {
	const char *base; /* from the root of its hierarchy: "/nsbox", or "/system.slice/nsbox.service" */
	bool anywhere;    /* as we see it, in a cgroup namespace: the log's paths begin somewhere further up */
	uid_t uid;
	unsigned number;
};

enum kmsg_limit {
	KMSG_HOST, /* nobody's limit, or one of a cgroup above ours */
	KMSG_USER, /* the user's, which the box has too */
	KMSG_OWN,  /* of a cgroup that the user made (delegate = yes) */
};

struct kmsg_kill {
	char name[16];   /* of the process, as it chose it: any bytes */
	enum kmsg_limit limit;
	uint64_t line;   /* its number in the log */
	uint64_t when;   /* microseconds on the log's own clock */
};

/* The base in a box's sense, a part of path, which is that of its directory. NULL if it is not in /sys/fs/cgroup. */
const char *kmsg_base(const char *path, bool v2);

/*
 * Reads one record of /dev/kmsg. 1: it says that a process of the box was killed, *killed says more; 0: it says
 * something else, or is not to be trusted. *line is the record's number whenever it has one.
 */
int kmsg_parse(const char *record, const struct kmsg_box *box, uint64_t *line, struct kmsg_kill *killed);

/*
 * The latest kills, at most most, of the records after number *line that are not older than since (milliseconds of
 * CLOCK_MONOTONIC, of which the log's clock is never far). *line is then the last record. Returns how many, or -1.
 * The kernel leaves lines out when there are many: there may be fewer than it killed.
 */
int kmsg_read(const struct kmsg_box *box, uint64_t since, uint64_t *line, struct kmsg_kill *kills, int most,
	      int64_t deadline, struct fail *f);

#endif
