/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. What is to be removed of a user's storage, /var/lib/nsbox/UID/trash: trees of theirs, of any size.
 */
#ifndef NSBOX_TRASH_H
#define NSBOX_TRASH_H

#include <stdint.h>

#include "conf/fail.h"

/* Moves the directory `name` of storage there. The caller holds the user's lock. */
int trash_put(int storage, const char *name, struct fail *f);

/*
 * Removes what is there, following no link and crossing no mount, until deadline. Needs no lock. Returns 0 when
 * nothing is left; -1 when something is: f->code is ETIMEDOUT if it can be gone on with another time, EBUSY if
 * another process is at it, and else why the first of what stays could not be removed.
 */
int trash_empty(int storage, int64_t deadline, struct fail *f);

#endif
