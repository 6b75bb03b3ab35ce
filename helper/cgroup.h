/* SPDX-License-Identifier: MIT */
/* runs as: root. Control groups: BASE/UID holds a user's limits, BASE/UID/N one box. */
#ifndef NSBOX_CGROUP_H
#define NSBOX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"
#include "conf/policy.h"
#include "helper/cgroup_base.h"
#include "helper/owner.h"

/*
 * One box's cgroup: its directories (for CLONE_INTO_CGROUP), and in each the file (cgroup.procs, or tasks with v1) to
 * which a process with one thread writes "0" to enter, open for writing.
 */
struct cgroup {
	int directory[WIRE_CGROUPS];
	int procs[WIRE_CGROUPS];
	int count;
	int login; /* v2: the child in which those who enter do so, -1 if they do in the directory itself */
};

#define CGROUP_EMPTY { .directory = CGROUPS_NONE, .procs = CGROUPS_NONE, .login = -1 }

/*
 * Makes the cgroup of box number of the owner, with the limits of the policy written: the user's and, where a program
 * in the box would look for its own, the box's. The owner's boxes that live already get the limits of today too. A
 * limit that cannot be set is an error. With the policy's `delegate` the box's cgroup is the owner's, and those who
 * enter do so one level below, in "login".
 */
int cgroup_make(const struct cgroups *all, const struct owner *owner, unsigned number, const struct policy *policy,
		struct cgroup *made, struct fail *f);
void cgroup_close(struct cgroup *made);

/* Opens an existing one in the same way. */
int cgroup_open(const struct cgroups *all, const struct owner *owner, unsigned number, struct cgroup *found,
		struct fail *f);

/*
 * The clone of a process for the box has failed with errno: the user hears of it if it was their own limit. Returns
 * -1.
 */
int cgroup_full(struct fail *f, const char *what);

/*
 * Writes the limits of the policy for the user, and for each of their boxes that is there. One that is refused does
 * not keep the others from being written; the first error is told.
 */
int cgroup_limit(const struct cgroups *all, uid_t uid, const struct policy *policy, struct fail *f);

/* Kills every process in it until it is empty, and removes it. One that is not there is no error. */
int cgroup_end(const struct cgroups *all, uid_t uid, unsigned number, int64_t deadline, struct fail *f);

/* Removes the user's own level; fine if it still has boxes or is not there. */
void cgroup_end_user(const struct cgroups *all, uid_t uid);

/* The numbers of the boxes that have a cgroup, ascending order not promised. Returns how many, or -1. */
int cgroup_numbers(const struct cgroups *all, uid_t uid, unsigned *numbers, int max, struct fail *f);

/* Moves the calling process to BASE/keeper: out of whatever session called the helper. */
int cgroup_enter_keeper(const struct cgroups *all, struct fail *f);

/*
 * Opens a file of the user's level (number 0) or of a box, in the hierarchy that has the controller. Returns it, or
 * -1 with errno: ENOENT if this host has no such file, or the box is gone.
 */
int cgroup_file(const struct cgroups *all, uid_t uid, unsigned number, enum controller controller, const char *file,
		int flags);

/*
 * Reads a file of the user's level (number 0) or of a box, from the hierarchy that has the controller, as a string of
 * at most size - 1 bytes. Returns 0; 1 if this host has no such file; -1.
 */
int cgroup_read(const struct cgroups *all, uid_t uid, unsigned number, enum controller controller, const char *file,
		char *text, size_t size, struct fail *f);

#endif
