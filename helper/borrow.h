/* SPDX-License-Identifier: MIT */
/* runs as: root. Mounts of a live box, for another box or for the monitor of a login that joins it. */
#ifndef NSBOX_BORROW_H
#define NSBOX_BORROW_H

#include <stdint.h>

#include "conf/fail.h"
#include "helper/record.h"

/*
 * A detached clone of the box's home: one superblock for all boxes of the owner, which is also right after the
 * box is gone. Only for a box whose home is the persistent overlay (home_dev in the record is not 0).
 */
int borrow_home(int pidfd, const struct record *record, int64_t deadline, struct fail *f);

/* Detached clones of /dev/pts, utmp and wtmp of the box. */
int borrow_terminals(int pidfd, const struct record *record, int64_t deadline, int *devpts, int *utmp, int *wtmp,
		     struct fail *f);

#endif
