/* SPDX-License-Identifier: MIT */
/* runs as: root. What the host remembers of connections of a box. */
#ifndef NSBOX_NET_CONNTRACK_H
#define NSBOX_NET_CONNTRACK_H

#include "conf/fail.h"
#include "helper/net/address.h"

/*
 * Has the host forget all connections from and to the box in this slot, before its address becomes another box's:
 * packets that go on coming would be translated as if nothing had changed, and reach that one. socket is a
 * NETLINK_NETFILTER one of the host's network namespace.
 */
int conntrack_forget(int socket, const struct subnet *subnet, unsigned slot, struct fail *f);

#endif
