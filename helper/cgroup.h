/* SPDX-License-Identifier: MIT */
/* runs as: root. Control groups: nsbox/UID holds a user's limits, nsbox/UID/N one box. */
#ifndef NSBOX_CGROUP_H
#define NSBOX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"
#include "helper/wire.h"

/*
 * The hierarchies that are used, each with a descriptor of its nsbox directory: one with v2, one for each controller
 * with v1.
 */
struct cgroups {
	bool v2;
	int count;
	int base[WIRE_CGROUPS];
};

#define CGROUPS_EMPTY { .base = { -1, -1, -1, -1 } }

/* What to enforce; POLICY_NONE where there is no limit. */
struct limits {
	uint64_t pids;
	uint64_t memory; /* bytes */
};

/*
 * One box's cgroup: its directories (for CLONE_INTO_CGROUP), and in each the file (cgroup.procs, or tasks with v1) to
 * which a process with one thread writes "0" to enter, open for writing.
 */
struct cgroup {
	int directory[WIRE_CGROUPS];
	int procs[WIRE_CGROUPS];
	int count;
};

#define CGROUP_EMPTY { .directory = { -1, -1, -1, -1 }, .procs = { -1, -1, -1, -1 } }

/* Finds the hierarchies at their usual places below /sys/fs/cgroup. */
int cgroups_open(struct cgroups *all, struct fail *f);
void cgroups_close(struct cgroups *all);

/* Makes the cgroup of box number of the user, with the user's limits written. One that cannot be set is an error. */
int cgroup_make(const struct cgroups *all, uid_t uid, unsigned number, const struct limits *limits,
		struct cgroup *made, struct fail *f);
void cgroup_close(struct cgroup *made);

/* Opens an existing one in the same way. */
int cgroup_open(const struct cgroups *all, uid_t uid, unsigned number, struct cgroup *found, struct fail *f);

/* Kills every process in it until it is empty, and removes it. One that is not there is no error. */
int cgroup_end(const struct cgroups *all, uid_t uid, unsigned number, int64_t deadline, struct fail *f);

/* Removes the user's own level; fine if it still has boxes or is not there. */
void cgroup_end_user(const struct cgroups *all, uid_t uid);

/* The numbers of the boxes that have a cgroup, ascending order not promised. Returns how many, or -1. */
int cgroup_numbers(const struct cgroups *all, uid_t uid, unsigned *numbers, int max, struct fail *f);

/* Moves the calling process to nsbox/keeper: out of whatever session called the helper. */
int cgroup_enter_keeper(const struct cgroups *all, struct fail *f);

#endif
