/* SPDX-License-Identifier: MIT */
/* runs as: root. The limits of a policy as files of cgroups: one table for version 1 and 2. */
#ifndef NSBOX_LIMITS_H
#define NSBOX_LIMITS_H

#include "conf/policy.h"
#include "helper/cgroup_base.h"

/* Whose cgroup is written: the user's, which holds for all boxes together, or one box's. */
enum level { LEVEL_USER, LEVEL_BOX };

/* How the kernel wants to hear a value (POLICY_NONE: no limit). Fails where that needs another key too. */
typedef int limit_text(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f);

/* One file of one version of cgroups; file is NULL where that version has none. */
struct limit_file {
	const char *file;
	limit_text *text;
	bool in_box; /* written to each box too: programs there look at their own cgroup */
};

/* One row a file. Of a key with several rows one file is enough. io_max is not among them, for it is a list. */
struct limit {
	enum key key;
	enum controller controller;
	struct limit_file v2, v1;
};

/* All rows; *count of them. */
const struct limit *limits_table(unsigned *count);

/*
 * Writes all limits to the cgroup whose directories are dirs, one for each hierarchy of all, unless they are there
 * already. fresh: it was just made, so what has no limit is left as it is. A limit that is set and cannot be enforced
 * is an error that names its key; the others are set all the same, and the first error is told.
 */
int limits_write(const struct cgroups *all, const int *dirs, enum level level, bool fresh,
		 const struct policy *policy, struct fail *f);

/*
 * Is text, which was read from a limit's file, what the kernel makes of wanted? It counts memory in units of pages (1
 * for what is no memory), calls the most of them what was written as -1, and begins with "default" where disks may
 * differ.
 */
bool limits_same(const char *text, const char *wanted, uint64_t unit);

/*
 * Which keys of limits this host cannot enforce: missing[KEY_x], and false for all that are no limits. Where no base
 * is yet (cgroups_find), a controller counts as having all its files.
 */
void limits_missing(const struct cgroups *all, bool missing[KEY_COUNT]);

/* Is there what io_max is written to? dirs as above. */
bool limits_has_io_max(const struct cgroups *all, const int *dirs);

/* The part of it that is io_max, which stands at the user's level only. */
int limits_write_io_max(const struct cgroups *all, const int *dirs, bool fresh, const struct policy *policy,
			struct fail *f);

#endif
