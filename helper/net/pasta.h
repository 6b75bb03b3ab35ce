/* SPDX-License-Identifier: MIT */
/* runs as: root. Network of a box through pasta(1), a program of the owner's that carries what goes in and out. */
#ifndef NSBOX_PASTA_H
#define NSBOX_PASTA_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/fail.h"
#include "helper/cgroup.h"
#include "helper/owner.h"

/*
 * The box's network namespace, and the user namespace that owns it. Nothing of the box is ever in the latter, so
 * nothing of the box has power over its network; pasta has, and it has none anywhere else.
 */
struct pasta {
	int userns;
	int netns;
};

#define PASTA_EMPTY { .userns = -1, .netns = -1 }

/*
 * Where pasta answers for the host's first IPv4 name server, with UDP only: for hosts that have none but on loopback.
 */
#define PASTA_DNS "169.254.1.1"

struct pasta_box {
	const struct owner *owner;
	const struct cgroup *cgroup; /* made; pasta ends when it is ended */
	bool v2;
	/* As in the record: "20000-20009,8080", or "-"; the same for tcp and udp, inside and outside. */
	const char *ports;
	bool dns; /* answer at PASTA_DNS */
};

/*
 * Makes both namespaces, before the builder, which enters p->netns. What is in *p is the caller's, also on failure.
 */
int pasta_namespace(int proc, const struct owner *owner, struct pasta *p, struct fail *f);

/*
 * Starts pasta in the box's cgroup and waits until the network is there, no longer than deadline. No process of the
 * box may run yet. f->code is ENOENT if pasta is not installed, and EADDRINUSE if the ports are not all free for the
 * owner: then it may be started once more without them. After any other failure something of it may be left in the
 * cgroup.
 */
int pasta_start(const struct pasta *p, const struct pasta_box *box, int64_t deadline, struct fail *f);

void pasta_close(struct pasta *p);

#endif
