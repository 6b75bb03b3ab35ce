/* SPDX-License-Identifier: MIT */
/* runs as: root. The levels below the base: for the other files of cgroups only. */
#ifndef NSBOX_CGROUP_READ_H
#define NSBOX_CGROUP_READ_H

#include <sys/types.h>

enum { CGROUP_PATH = 40 };

/* The path of the user's level (number 0), or of a box, below the base. Returns path. */
const char *cgroup_path(char path[CGROUP_PATH], uid_t uid, unsigned number);

/* Opens its directory. Returns it, or -1 with errno. */
int cgroup_open_level(int base, uid_t uid, unsigned number);

#endif
