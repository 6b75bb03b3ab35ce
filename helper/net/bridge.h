/* SPDX-License-Identifier: MIT */
/* runs as: root. The bridge that boxes are ports of: nsbox0. */
#ifndef NSBOX_NET_BRIDGE_H
#define NSBOX_NET_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/fail.h"
#include "helper/net/address.h"

struct bridge {
	unsigned index;
	uint32_t mtu;
	uint8_t mac[MAC_SIZE];
	bool up;
};

/*
 * Looks at it through a NETLINK_ROUTE socket of the host's network namespace. f->code is ENODEV when there is none.
 */
int bridge_look(int socket, struct bridge *out, struct fail *f);

/* There is no interface of that name, or it is ours: it has our hardware address. Else the error says so. */
int bridge_judge(int socket, struct fail *f);

/*
 * Makes it unless it is there, gives it the gateway's addresses and the MTU, and brings it up. The MTU is that of the
 * interface the host reaches the world through: a box that believes in more would send what has to be refused.
 */
int bridge_up(int socket, const struct subnet *subnet, uint32_t mtu, struct fail *f);

/* Removes it; that there is none is no failure. */
int bridge_down(int socket, struct fail *f);

/* The least MTU of the interfaces that default routes, of IPv4 or IPv6, lead through; 1500 if there is none. */
int bridge_uplink_mtu(int socket, uint32_t *mtu, struct fail *f);

#endif
