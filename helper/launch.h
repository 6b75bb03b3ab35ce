/* SPDX-License-Identifier: MIT */
/* runs as: root. Clones the builder and sees it through until init waits for its "go". */
#ifndef NSBOX_LAUNCH_H
#define NSBOX_LAUNCH_H

#include <stdint.h>
#include <sys/types.h>

#include "helper/build.h"

struct launched {
	pid_t pid;
	int pidfd;
	int sync;   /* init waits here for one byte */
	int lease;  /* write end */
	int tether; /* read end */
	int news;   /* read end: for nsbox-sweep */
	int mounts[BUILT_FDS];
	struct built built;
};

#define LAUNCHED_EMPTY { \
	.pid = -1, .pidfd = -1, .sync = -1, .lease = -1, .tether = -1, .news = -1, \
	.mounts = { -1, -1, -1 } }

/*
 * plan's descriptors of init (init, lease, tether, sync, hops, news, hop) and in_cgroup are filled in here. On
 * failure the builder is dead and reaped; the socket's name stays, for hopdir_remove.
 */
int launch(struct plan *plan, bool v2, int64_t deadline, struct launched *out, struct fail *f);

/* Lets init run. */
int launch_go(struct launched *launched, struct fail *f);

/* Closes everything; kills and reaps an init that was not let go. */
void launch_cleanup(struct launched *launched);

#endif
