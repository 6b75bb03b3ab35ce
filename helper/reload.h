/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --reload: the limits of nsbox.conf, for boxes that live already. */
#ifndef NSBOX_RELOAD_H
#define NSBOX_RELOAD_H

#include "conf/fail.h"

/*
 * Applies the limits of the configuration to all live boxes. One user's trouble is logged and does not keep the others
 * from theirs; the last is reported. *users says how many have got theirs.
 */
int reload(unsigned *users, struct fail *f);

#endif
