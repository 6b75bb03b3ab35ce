/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The network of one box, whatever kind it is, from its beginning to its end. */
#ifndef NSBOX_NETWORK_H
#define NSBOX_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/fail.h"
#include "conf/policy.h"
#include "conf/ports.h"
#include "helper/net/net.h"
#include "helper/net/pasta.h"
#include "helper/owner.h"
#include "helper/record.h"

struct network_of_box {
	enum network kind;
	struct net net;     /* nat */
	struct pasta pasta; /* pasta */
	bool dns;           /* pasta answers for the host's name server */
	struct ports ports; /* of the host, that lead to the box */
};

#define NETWORK_EMPTY { .net = NET_EMPTY, .pasta = PASTA_EMPTY }

/*
 * What must be there before the box's first process: an address on the bridge, or a namespace that pasta has power
 * over.
 */
int network_claim(struct network_of_box *n, const struct policy *policy, const struct owner *owner, unsigned number,
		  int proc, int64_t deadline, struct fail *f);

/* In that process: enters the namespace, unless it was cloned into a new one. */
int network_enter(const struct network_of_box *n, struct fail *f);

/* In it, as soon as the namespace is that of the box: the loopback interface, and those of nat. */
int network_build(const struct network_of_box *n, struct fail *f);

/*
 * Once the process and its cgroup are there: the ports of the owner lead to it (unless elsewhere, to a box of theirs
 * that lives), and pasta is started. That somebody else has the ports is no failure: it is logged.
 */
int network_open(struct network_of_box *n, const struct policy *policy, const struct owner *owner, bool elsewhere,
		 const struct cgroup *cgroup, bool v2, int64_t deadline, struct fail *f);

/* Fills in network, slot, address and ports. */
void network_note(const struct network_of_box *n, struct record *record);

/* Closes what the login held; undoes everything unless the box is done. */
void network_cleanup(struct network_of_box *n, bool done, uid_t uid, unsigned number);

#endif
