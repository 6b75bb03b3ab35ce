/* SPDX-License-Identifier: MIT */
/* runs as: root. /run/nsbox/UID: one user's records, and the lock over them. */
#ifndef NSBOX_RUNDIR_H
#define NSBOX_RUNDIR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"

enum { BOXES_MOST = 1000 }; /* of one user; the key boxes allows no more */

/* Opens a directory and refuses it unless it is root's and nobody else can write there. mode is that of a new one. */
int directory_of_root(int parent, const char *name, mode_t mode, bool create, struct fail *f);

/* Opens /run/nsbox/UID; makes it if create. Without create and without the directory: ENOENT. */
int rundir_open(uid_t uid, bool create, struct fail *f);

/* Takes the user's lock, waiting until deadline at most. Returns the fd that holds it. */
int rundir_lock(int dir, int64_t deadline, struct fail *f);

/* Lets it go, also where a child still has a copy of the fd. */
void rundir_unlock(int *lock);

#endif
