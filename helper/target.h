/* SPDX-License-Identifier: MIT */
/* runs as: root. The box that nssh goes into from outside: found, or made. */
#ifndef NSBOX_TARGET_H
#define NSBOX_TARGET_H

#include "helper/cgroup.h"
#include "helper/enter.h"
#include "helper/record.h"

/* The box, and what holds it. */
struct target {
	struct record record;
	int pidfd, lease;
	struct cgroup cgroup;
	struct cgroups cgroups;
};

#define TARGET_EMPTY { .pidfd = -1, .lease = -1, .cgroup = CGROUP_EMPTY, .cgroups = CGROUPS_EMPTY }

/*
 * The box of the entry. Returns 1, 0 when by policy this login is not boxed (of an entry by policy only; for the
 * others that is an error), -1. What is in *t is the caller's in any case.
 */
int target_find(int proc, const struct entry *e, struct target *t, struct fail *f);

void target_cleanup(struct target *t);

#endif
