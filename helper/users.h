/* SPDX-License-Identifier: MIT */
/* runs as: root. Over one user who may have boxes, or over all of them. */
#ifndef NSBOX_USERS_H
#define NSBOX_USERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"
#include "helper/record.h"

/* What is done for a user: proc is /proc, run their /run/nsbox/UID. Returns 0 or -1. */
typedef int each_user(void *context, int proc, int run, uid_t uid, struct fail *f);

/*
 * For one user, or for everybody: one's trouble does not keep the others from their turn, and the last is reported.
 */
int users_each(uid_t uid, bool everybody, each_user *each, void *context, struct fail *f);

/* What is done for a live box, whose init is behind pidfd. Returns 0 or -1, which ends the walk. */
typedef int each_box(void *context, const struct record *record, int pidfd, struct fail *f);

/* For each live box of the user whose directory run is. Takes no lock. */
int boxes_each(int proc, int run, each_box *each, void *context, struct fail *f);

#endif
