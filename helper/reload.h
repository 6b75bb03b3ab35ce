/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --reload: the limits of nsbox.conf, for boxes that live already. */
#ifndef NSBOX_RELOAD_H
#define NSBOX_RELOAD_H

#include "conf/fail.h"

/* How many users have got their limits, and how many have not. */
struct reloaded {
	unsigned done, failed;
};

/*
 * Applies the limits of the configuration to all live boxes. One user's trouble is logged and does not keep the
 * others from theirs; the last is in f, and names the user.
 */
int reload(struct reloaded *users, struct fail *f);

#endif
