/* SPDX-License-Identifier: MIT */
/* runs as: root. One user's boxes: which live, and the garbage of those that do not. */
#ifndef NSBOX_COLLECT_H
#define NSBOX_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/fail.h"
#include "helper/cgroup.h"
#include "helper/record.h"
#include "helper/rundir.h"

struct live {
	unsigned number[BOXES_MOST]; /* ascending */
	int count;
};

/*
 * Removes what dead boxes of uid left: first every process of their cgroups, until they are empty, then the
 * cgroup and the record. The caller holds the user's lock. A record that cannot be understood is an error,
 * because nobody knows what lives behind it; with force, which is for the admin, its box is ended instead.
 */
int collect(int proc, int run, uid_t uid, const struct cgroups *cgroups, bool force, int64_t deadline,
	    struct live *live, struct fail *f);

/* Ends one box that is as good as dead: its init does not answer. */
int collect_one(int proc, int run, uid_t uid, unsigned number, const struct cgroups *cgroups, int64_t deadline,
		struct fail *f);

/*
 * The user's live box with this name, or with NULL the one made last. Returns its pidfd and fills record, or -1;
 * f->code is ESRCH when there is none. Takes no lock.
 */
int collect_find(int proc, int run, const char *name, struct record *record, struct fail *f);

/* The lowest number from 1 to most that no live box has; -1 if all are taken. */
int collect_free_number(const struct live *live, uint64_t most);

#endif
