/* SPDX-License-Identifier: MIT */
/* runs as: root. Where the cgroups of boxes live on this host, and which controllers it has. */
#ifndef NSBOX_CGROUP_BASE_H
#define NSBOX_CGROUP_BASE_H

#include <stdbool.h>

#include "conf/fail.h"
#include "helper/wire.h"

/* With v2 io is what v1 calls blkio, and cpuacct is part of every cgroup. */
enum controller { C_PIDS, C_MEMORY, C_CPU, C_CPUACCT, C_IO, CONTROLLERS };

/* What the kernel calls it. */
const char *controller_name(enum controller controller, bool v2);

/*
 * The hierarchies that are used, each with a descriptor of its base directory, below which boxes live: one with v2,
 * with v1 one for each controller (two controllers may share one). of[] is the hierarchy of a controller, -1 if this
 * host does not have it.
 */
struct cgroups {
	bool v2;
	bool service; /* v2, below a unit of systemd's that is ours (Delegate=yes) */
	int count;
	int base[WIRE_CGROUPS];
	int of[CONTROLLERS];
};

/* Nothing for any hierarchy, or for any controller: there are as many, since v1 may have one for each. */
#define CGROUPS_NONE { -1, -1, -1, -1, -1 }
_Static_assert(WIRE_CGROUPS == 5 && CONTROLLERS == 5, "CGROUPS_NONE has an entry for each");

#define CGROUPS_EMPTY { .base = CGROUPS_NONE, .of = CGROUPS_NONE }

/*
 * Finds the base, and makes it where nobody else does:
 *   v1 or hybrid: /sys/fs/cgroup/CONTROLLER/nsbox;
 *   v2 with systemd: the cgroup of nsbox.service, to which /run/nsbox/cgroup points; without it an error says so:
 *   systemd would one day take back what others turned on in its own cgroups (its CGROUP_DELEGATION document);
 *   v2 without systemd: /sys/fs/cgroup/nsbox.
 */
int cgroups_open(struct cgroups *all, struct fail *f);

/* For who only looks: makes nothing. Where no base is yet, base[] of the hierarchy is -1, and no box can be. */
int cgroups_find(struct cgroups *all, struct fail *f);
void cgroups_close(struct cgroups *all);

/*
 * Do all boxes of a user share one cgroup in this hierarchy, the user's? So it is with v1's blkio, which holds back
 * the processes of one cgroup together, and not those of its children. Not if another controller shares the
 * hierarchy.
 */
bool cgroups_flat(const struct cgroups *all, int hierarchy);

/*
 * nsbox.service's own start: takes over the cgroup that systemd has put the calling process in, turns the controllers
 * on for its children, lets /run/nsbox/cgroup point to it, and leaves a process there that keeps it.
 */
int cgroups_take_over(struct fail *f);

/* Lets the children of dir have the controllers that dir has, if they do not yet. With v2 only. */
int cgroups_pass_controllers(int dir, struct fail *f);

/* Opens parent/name, made if it is not there; *fresh says whether it was (may be NULL). */
int cgroups_directory(int parent, const char *name, bool *fresh, struct fail *f);

/* Writes text to a file of a cgroup. Returns 0, or -1 with errno. */
int cgroups_write(int dir, const char *name, const char *text);

#endif
