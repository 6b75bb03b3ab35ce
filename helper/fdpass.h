/* SPDX-License-Identifier: MIT */
/* runs as: anyone. One message of a fixed size, with descriptors, over a SOCK_SEQPACKET socket. */
#ifndef NSBOX_FDPASS_H
#define NSBOX_FDPASS_H

#include <stddef.h>
#include <stdint.h>

#include "conf/fail.h"

/* The most descriptors one message may carry here. */
enum { FDPASS_FDS = 16 };

/*
 * Sends size bytes and n descriptors, which stay the caller's. Never waits: a receiver that has filled the
 * socket must not hold up a root process and its lock.
 */
int fdpass_send(int socket, const void *data, size_t size, const int *fds, unsigned n, struct fail *f);

/*
 * Waits until deadline (clock_ms) for one message of just size bytes. The *n descriptors in fds (room for
 * FDPASS_FDS, the rest -1) are the caller's, close-on-exec. On failure nothing is left open; f->code is
 * ETIMEDOUT when the deadline passed, EPIPE when the other end is gone, EPROTO for a message of another form.
 */
int fdpass_receive(int socket, int64_t deadline, void *data, size_t size, int fds[FDPASS_FDS], unsigned *n,
		   struct fail *f);

#endif
