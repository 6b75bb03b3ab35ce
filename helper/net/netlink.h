/* SPDX-License-Identifier: MIT */
/* runs as: root. Requests to the kernel's network configuration, many in one system call. */
#ifndef NSBOX_NET_NETLINK_H
#define NSBOX_NET_NETLINK_H

#include <libmnl/libmnl.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/fail.h"

enum { BATCH_MESSAGES = 24 };

/*
 * Requests that go out together, each acknowledged. libmnl puts the messages together; the sockets are plain
 * descriptors, owned as all others are. The room is for what is sent here, and neither grows with what anybody says.
 */
struct batch {
	struct nlmsghdr *last; /* the message that attributes are put into now */
	unsigned count;
	struct {
		const char *what; /* for the error: "set the address of the box"; NULL: not acknowledged */
		int harmless;     /* an errno value that is as good as none, or 0 */
	} message[BATCH_MESSAGES];
	void *room;
};

/* An empty one, with room for so many bytes that lives as long as the block it stands in. */
#define BATCH(bytes) { .room = (uint64_t[(bytes) / 8]){ 0 } }

/*
 * A socket in the network namespace we are in, that waits for no answer for ever. bus: NETLINK_ROUTE or
 * NETLINK_NETFILTER.
 */
int netlink_open(int bus, struct fail *f);

/*
 * The same in the host's own network namespace, which is that of its process 1: whoever starts the helper may be in
 * another one, and the bridge is not there. proc is the host's procfs.
 */
int netlink_open_host(int proc, int bus, struct fail *f);

/*
 * Begins a message with a zeroed header of its own of header_size bytes, and returns that header. What follows with
 * mnl_attr_put(b->last, ...) belongs to it. Without what it is not acknowledged.
 */
void *batch_add(struct batch *b, uint16_t type, uint16_t flags, size_t header_size, const char *what, int harmless);

/* Sends all and waits for the answers. Of a message that failed the error says what; the socket is of no use then. */
int batch_run(struct batch *b, int socket, struct fail *f);

/*
 * Sends the one message of b, which asks for data (with NLM_F_DUMP in many parts), and hands each part to take. What
 * take fails with ends it. f->code is ENOENT or ENODEV for what is not there.
 */
int batch_ask(struct batch *b, int socket, mnl_cb_t take, void *context, struct fail *f);

/* The index of an interface in the socket's own namespace; 0: there is none. */
unsigned netlink_index(int socket, const char *name);

#endif
