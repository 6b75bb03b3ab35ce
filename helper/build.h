/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The builder: makes the inside of a box and turns into its init. */
#ifndef NSBOX_BUILD_H
#define NSBOX_BUILD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/fail.h"
#include "conf/policy.h"
#include "helper/cgroup.h"
#include "helper/idmap.h"
#include "helper/owner.h"
#include "helper/wire.h"

struct network_of_box;

/*
 * All that the builder needs, decided before it is cloned: it looks nothing up and reads no configuration.
 * It is cloned into the box's PID, mount, UTS, IPC and network namespaces while still root of the host
 * and outside the box's user namespace, which therefore owns none of them (see user_namespaces(7)): no power
 * inside the box reaches its mounts, network or host name.
 */
struct plan {
	const struct owner *owner;
	const struct policy *policy;
	const struct idmap *uids;
	const struct idmap *gids;
	const struct cgroup *cgroup;
	char box[WIRE_BOX];
	char hostname[65];
	char real_home[PATH_MAX]; /* the home without symbolic links; "" if there is none */
	const struct network_of_box *network;
	int proc;       /* the host's procfs */
	int run;        /* the owner's run directory */
	int userns;
	int live_home;  /* a detached clone of the home of another box of the owner, or -1 */
	int init;       /* the program nsbox-init */
	int lease;      /* read end */
	int tether;     /* write end */
	int sync;       /* to the worker: one struct built; then init speaks on it */
	int hops;       /* listening: who comes from other boxes of the owner */
	int news;       /* write end */
	int hop;        /* the program nsbox-hop */
	enum filter filter;
	bool in_cgroup; /* cloned into the cgroup already */
};

/* What the builder reports with its BUILT_FDS descriptors, when the inside stands. */
enum built_fd { BUILT_DEVPTS, BUILT_UTMP, BUILT_WTMP, BUILT_FDS };

struct built {
	struct fail failed; /* text empty: all is well */
	uint64_t devpts;    /* st_dev */
	uint64_t home_dev;  /* st_dev of the home */
};

/* The life of the builder. Does not return. */
void build_and_become_init(const struct plan *plan) __attribute__((noreturn));

#endif
