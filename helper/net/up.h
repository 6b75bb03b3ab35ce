/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --net-up and --net-down: the bridge, the rules, forwarding. */
#ifndef NSBOX_NET_UP_H
#define NSBOX_NET_UP_H

#include <stdbool.h>

#include "conf/fail.h"

/*
 * Brings the network of boxes up as nsbox.conf has it, or once more, with boxes in it, to what nsbox.conf says now:
 * for them nothing is interrupted. Only the subnet stays while there are boxes. *wanted is false, and nothing was
 * done, when no section says network = nat. On failure of the first time nothing is left.
 */
int net_up(bool *wanted, struct fail *f);

/* Takes all of it away; refuses while boxes have addresses. */
int net_down(struct fail *f);

#endif
