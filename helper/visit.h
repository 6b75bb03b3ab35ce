/* SPDX-License-Identifier: MIT */
/* runs as: root. Work in the mount namespace of a live box, done by a child that visits it. */
#ifndef NSBOX_VISIT_H
#define NSBOX_VISIT_H

#include <stdint.h>

#include "conf/fail.h"

enum { VISIT_FDS = 4 };

/*
 * What the visitor does there. It is root of the host in every other respect, and stays in the host's PID namespace:
 * nothing in the box can see it, and it must run nothing of the box. It may leave *n descriptors in fds. Returns 0 or
 * -1.
 */
typedef int visit_work(void *context, int fds[VISIT_FDS], unsigned *n, struct fail *f);

/*
 * Has work done in the mount namespace of the process behind pidfd, until deadline. The n descriptors of fds (all
 * that are asked for, or it is a failure) are the caller's. The visitor is dead and reaped on return.
 */
int visit(int pidfd, visit_work *work, void *context, int64_t deadline, int *fds, unsigned n, struct fail *f);

#endif
