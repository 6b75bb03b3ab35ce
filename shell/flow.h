/* SPDX-License-Identifier: MIT */
/* runs as: the user. Bytes on their way from one descriptor to another, through a bounded buffer. */
#ifndef NSBOX_FLOW_H
#define NSBOX_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { FLOW_ROOM = 16384 };

/* One direction. Both descriptors are its own; -1 is an end that is closed. */
struct flow {
	int from;
	int to;
	size_t start; /* data[start..end) waits to be written */
	size_t end;
	size_t piece; /* the most bytes a write may have, so that it never waits */
	char data[FLOW_ROOM];
};

/* One with both ends closed; and back to that: what waits in it is dropped. */
void flow_init(struct flow *flow);
void flow_close(struct flow *flow);

/* Is something to be written, and somewhere to write it? */
static inline bool flow_pending(const struct flow *flow)
{
	return flow->to >= 0 && flow->start < flow->end;
}

/* Is there something to read from, and room for it? */
static inline bool flow_room(const struct flow *flow)
{
	return flow->from >= 0 && flow->to >= 0 && (flow->end < FLOW_ROOM || flow->start == flow->end);
}

/* Reads once. As read(2), with EINTR told as EAGAIN. Only with flow_room. */
ssize_t flow_fill(struct flow *flow);

/* Puts one byte into the buffer as if it had been read. False when there is no room. */
bool flow_put(struct flow *flow, char byte);

/* Writes once what is pending. Returns 0 (also when nothing could be written now), or -1 with errno. */
int flow_drain(struct flow *flow);

/*
 * An end for one of our own standard descriptors that can be used without ever waiting, mode O_RDONLY or O_WRONLY.
 * O_NONBLOCK belongs to the open file, which the user's shell shares, so the file is opened once more
 * where that is possible; elsewhere the descriptor is used as it is, with pieces so small that a write
 * after poll(2) does not wait. Returns a new descriptor, or -1 with errno; *piece as in struct flow.
 */
int flow_end(int fd, int mode, size_t *piece);

#endif
