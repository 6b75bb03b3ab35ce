/* SPDX-License-Identifier: MIT */
/* runs as: root. The worker process that opens a box, and the process that waits for it. */
#ifndef NSBOX_BROKER_H
#define NSBOX_BROKER_H

#include "helper/open.h"

/*
 * Opens a box in a child in a session of its own, which no signal or terminal of the caller reaches; it is killed
 * when it takes longer than its deadline. If it made a box it turns into nsbox-sweep, the parent of the box's init.
 * Always gives an answer (a refusal when all else fails); a->fds descriptors in fds are the caller's.
 */
void broker_open(const struct owner *owner, const struct request *request, struct answer *a, int fds[WIRE_FDS]);

/*
 * The same for a caller that waits on WIRE_FD: the worker answers there itself, which saves a login the way through
 * this process; that one only sees to it that there is an answer in time. Returns the exit code.
 */
int broker_serve(const struct owner *owner, const struct request *request);

#endif
