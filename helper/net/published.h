/* SPDX-License-Identifier: MIT */
/* runs as: root. Our tables of nftables: are they there, and which ports lead where. */
#ifndef NSBOX_NET_PUBLISHED_H
#define NSBOX_NET_PUBLISHED_H

#include "conf/fail.h"
#include "conf/ports.h"
#include "helper/net/address.h"

/* The maps of table inet nsbox, from protocol and port to the box's address (helper/net/rules.h). */
#define PUBLISHED_4 "published4"
#define PUBLISHED_6 "published6"

/*
 * Sockets here are NETLINK_NETFILTER ones of the host's network namespace. Who adds or removes holds LOCK_PORTS: no
 * two do so at a time (helper/net/state.h).
 */

/* Are both tables there? f->code is ENOENT if not. */
int tables_look(int socket, struct fail *f);

/*
 * Makes the ports lead to the box in this slot: all of them, or none. f->code is EEXIST when one leads to another
 * box.
 */
int published_add(int socket, const struct subnet *subnet, unsigned slot, const struct ports *ports, struct fail *f);

/* Whatever leads to the box does so no more. That there is no table is no failure. */
int published_remove(int socket, const struct subnet *subnet, unsigned slot, struct fail *f);

#endif
