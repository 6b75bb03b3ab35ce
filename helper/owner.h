/* SPDX-License-Identifier: MIT */
/* runs as: root. The user a box belongs to, as the host's name services know them. */
#ifndef NSBOX_OWNER_H
#define NSBOX_OWNER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"

enum { OWNER_GROUPS = 512 };

struct owner {
	uid_t uid;
	gid_t gid;
	char name[40];
	char home[256];
	char shell[256];
	gid_t groups[OWNER_GROUPS]; /* supplementary, the primary among them as getgrouplist(3) gives it */
	int group_count;
};

/* Looks the owner up by name, or by uid. An unknown user and a failed look-up are both errors. */
int owner_by_name(const char *name, struct owner *owner, struct fail *f);
int owner_by_uid(uid_t uid, struct owner *owner, struct fail *f);

/* May this owner have a box at all? Not root, and not the kernel's overflow ids. */
int owner_check(const struct owner *owner, struct fail *f);

/*
 * The shell of logins in the owner's boxes: wanted unless it is empty, else the owner's own. Instead of nssh, which
 * as a login shell leads into a box, it is /bin/sh.
 */
const char *owner_shell(const struct owner *owner, const char *wanted);

/* A policy_in_group (conf/policy.h); context is a struct owner. */
int owner_in_group(void *context, const char *group, struct fail *f);

/*
 * The home as the kernel names it; "" if it does not exist, or the owner cannot get there, as with any login.
 * Looked for with the owner's rights: who may put a link in the place of their home must not be led by it to what
 * lies in directories closed to them. For a moment changes the file system ids, which unties from the parent
 * (prctl(2)).
 */
int owner_real_home(const struct owner *owner, char real[PATH_MAX], struct fail *f);

#endif
