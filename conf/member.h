/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Who is in which group, with "no" told apart from "it cannot be told". */
#ifndef NSBOX_MEMBER_H
#define NSBOX_MEMBER_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"

struct member {
	const char *name;
	gid_t gid;           /* the primary group */
	const gid_t *groups; /* as getgrouplist(3) gave them; NULL: to be asked */
	int group_count;
};

/*
 * Is the user in the group: by primary group, by the group's own list, or by the lists of every source of groups?
 * 1 yes; 0 no, also when there is no such group, and then *exists (may be NULL) is false; -1 it could not be found
 * out, as when a directory server is down, and must not be taken for "no".
 */
int member_of(const struct member *who, const char *group, bool *exists, struct fail *f);

/* Is this the error of getpwnam_r or getgrnam_r for an entry that is not there (getgrnam(3) lists several)? */
bool member_not_found(int error);

#endif
