/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The network of one box (network = nat), from its claim to its end. */
#ifndef NSBOX_NET_H
#define NSBOX_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/fail.h"
#include "conf/policy.h"
#include "conf/ports.h"
#include "helper/net/veth.h"
#include "helper/record.h"

/* Of a box in the making. Empty (slot 0) for every other kind of network. */
struct net {
	int directory, lock; /* /run/nsbox/net, shared until the record is written */
	int route, filter;   /* netlink sockets of the host's network namespace */
	struct veth veth;
};

#define NET_EMPTY { .directory = -1, .lock = -1, .route = -1, .filter = -1 }

/*
 * Finds the bridge and the rules in place and takes an address for the box. Fails, in words, when anything of that is
 * missing: there is no such thing as a box whose network is open instead.
 */
int net_claim(struct net *net, const struct policy *policy, uid_t uid, unsigned number, int proc, int64_t deadline,
	      struct fail *f);

/* In the box's network namespace: its interfaces. */
int net_build(const struct net *net, struct fail *f);

/* Makes all of these ports lead to the box, or none. f->code is EEXIST if one leads to somebody else's. */
int net_publish(const struct net *net, const struct ports *ports, struct fail *f);

/* Fills in slot and address. */
void net_note(const struct net *net, struct record *record);

/*
 * Closes what the login held; undoes everything unless the box is done. published: there may be ports that lead to
 * it.
 */
void net_cleanup(struct net *net, bool done, uid_t uid, unsigned number, bool published);

/* What one dead box had: its interfaces, its ports, and last its claim. */
int net_release(int proc, unsigned slot, uid_t uid, unsigned number, bool published, struct fail *f);

/*
 * Gives back the claims of this user's boxes that do not live, should any have been left; the caller holds the lock.
 */
int net_collect(int proc, uid_t uid, const unsigned *live, int count, struct fail *f);

#endif
