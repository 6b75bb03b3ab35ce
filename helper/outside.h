/* SPDX-License-Identifier: MIT */
/* runs as: root, called by systemd. Whose user manager may run on the host? */
#ifndef NSBOX_OUTSIDE_H
#define NSBOX_OUTSIDE_H

#include <sys/types.h>

#include "conf/fail.h"

/*
 * May what lies in this user's home be run outside of boxes, as user@.service does? Not if a box of theirs can write
 * to the real home, or to a part of it: with `home = bind`, or a `bind` that overlaps with it. Returns 1; 0 if not,
 * and f says why; -1 if that cannot be found out. Root's always may.
 */
int outside_may_run(uid_t uid, struct fail *f);

#endif
