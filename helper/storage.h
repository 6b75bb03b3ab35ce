/* SPDX-License-Identifier: MIT */
/* runs as: root. /var/lib/nsbox/UID: what outlives a box. */
#ifndef NSBOX_STORAGE_H
#define NSBOX_STORAGE_H

#include <stdbool.h>

#include "conf/fail.h"
#include "helper/owner.h"

/* Opens the owner's storage directory, made if need be, root-only. */
int storage_open(const struct owner *owner, struct fail *f);

/* The same where it exists, else ENOENT in f->code. */
int storage_find(uid_t uid, struct fail *f);

/*
 * Makes, if they are not there yet, home/upper with the owner, group and mode of the real home at path home, and
 * home/work; or, for home = empty, home/empty with the same owner and mode.
 */
int storage_home(int storage, const char *home, bool empty, struct fail *f);

#endif
