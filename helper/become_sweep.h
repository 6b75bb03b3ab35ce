/* SPDX-License-Identifier: MIT */
/* runs as: root. The worker that made a box turns into the box's nsbox-sweep. */
#ifndef NSBOX_BECOME_SWEEP_H
#define NSBOX_BECOME_SWEEP_H

#include <sys/types.h>

/*
 * Leaves the caller's descriptors, session and cgroup, so that the end of the login is not its own, and executes
 * nsbox-sweep for box number of uid, whose init is behind pidfd and
 * sends its news (helper/init/sweep.h) on news. Returns only on failure, which is logged.
 */
void become_sweep(uid_t uid, unsigned number, int pidfd, int news);

#endif
