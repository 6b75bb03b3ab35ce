/* SPDX-License-Identifier: MIT */
/* runs as: root. What nsbox.conf wants the network of boxes to be. */
#ifndef NSBOX_NET_WISH_H
#define NSBOX_NET_WISH_H

#include <stdbool.h>

#include "conf/fail.h"
#include "conf/ports.h"
#include "helper/net/state.h"

/*
 * Fills in the subnets and host_ports, and adds the chains of all sections. six: the host has IPv6; without, boxes
 * have none. *wanted: some section says network = nat.
 */
int wish_read(bool six, struct state *state, struct ports *host_ports, bool *wanted, struct fail *f);

#endif
