/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The pair of interfaces between a box and the bridge. */
#ifndef NSBOX_NET_VETH_H
#define NSBOX_NET_VETH_H

#include <stdint.h>

#include "conf/fail.h"
#include "helper/net/address.h"

/* All that is to be known of one pair. */
struct veth {
	unsigned slot;
	unsigned bridge;    /* index of the bridge */
	uint32_t mtu;
	uint32_t group;     /* the interface group of the host's end: its egress class */
	struct subnet subnet;
};

/*
 * Makes the pair and both ends' settings. It is called in the box's network namespace; host is a NETLINK_ROUTE socket
 * of the host's. The interfaces go with either namespace, so that nothing has to be undone.
 */
int veth_make(const struct veth *veth, int host, struct fail *f);

/*
 * Makes the host's end a port of the bridge, and lets bridge and host know where the box's addresses are: the second
 * half of veth_make, and what a box that lives needs when the bridge was down or is another one. f->code is ENODEV if
 * it has gone.
 */
int veth_attach(const struct veth *veth, int host, struct fail *f);

/*
 * Removes the host's end, and with it the pair, and what the bridge knows of its addresses. That there is none is no
 * failure.
 */
int veth_remove(int host, const struct subnet *subnet, unsigned slot, struct fail *f);

#endif
