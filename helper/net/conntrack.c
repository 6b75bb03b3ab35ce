/* SPDX-License-Identifier: MIT */
/* runs as: root. What the host remembers of connections of a box. */
#include "helper/net/conntrack.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "helper/net/netlink.h"

/*
 * Of the bits in CTA_FILTER_ORIG_FLAGS and CTA_FILTER_REPLY_FLAGS: compare the source address (the kernel's
 * nf_internals.h).
 */
enum { COMPARE_SOURCE = 1 };

/* What one reading takes at most, and how many there are; a tuple has two addresses and a few numbers. */
enum { TUPLES = 4096, TUPLE = 128, AT_ONCE = 20, PASSES = 256 };

/* Connections by what they began with, one attribute CTA_TUPLE_ORIG each. */
struct found {
	struct {
		uint16_t size; /* of its payload */
		uint8_t payload[TUPLE];
	} *tuple;
	unsigned count;
};

static int take_tuple(const struct nlattr *a, void *context)
{
	struct found *found = context;
	size_t size = mnl_attr_get_payload_len(a);

	if (mnl_attr_get_type(a) != CTA_TUPLE_ORIG || size > TUPLE || found->count == TUPLES)
		return MNL_CB_OK;
	memcpy(found->tuple[found->count].payload, mnl_attr_get_payload(a), size);
	found->tuple[found->count++].size = (uint16_t)size;
	return MNL_CB_OK;
}

static int take_connection(const struct nlmsghdr *h, void *context)
{
	return mnl_attr_parse(h, sizeof(struct nfgenmsg), take_tuple, context);
}

static void add(struct batch *b, uint16_t type, uint16_t flags, uint8_t family, const char *what, int harmless)
{
	struct nfgenmsg *header = batch_add(b, (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type), flags, sizeof *header,
					    what, harmless);

	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
}

/* Those whose source, in the direction that tuple names, is the address. */
static int find(int socket, uint16_t tuple, const void *address, size_t size, struct found *found, struct fail *f)
{
	struct batch b = BATCH(256);
	struct nlattr *outer, *ip;

	add(&b, IPCTNL_MSG_CT_GET, NLM_F_DUMP, size == sizeof(struct in_addr) ? AF_INET : AF_INET6,
	    "read the connections of a box", 0);
	outer = mnl_attr_nest_start(b.last, tuple);
	ip = mnl_attr_nest_start(b.last, CTA_TUPLE_IP);
	mnl_attr_put(b.last, size == sizeof(struct in_addr) ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, size, address);
	mnl_attr_nest_end(b.last, ip);
	mnl_attr_nest_end(b.last, outer);
	outer = mnl_attr_nest_start(b.last, CTA_FILTER);
	mnl_attr_put_u32(b.last, CTA_FILTER_ORIG_FLAGS, tuple == CTA_TUPLE_ORIG ? COMPARE_SOURCE : 0);
	mnl_attr_put_u32(b.last, CTA_FILTER_REPLY_FLAGS, tuple == CTA_TUPLE_REPLY ? COMPARE_SOURCE : 0);
	mnl_attr_nest_end(b.last, outer);
	found->count = 0;
	return batch_ask(&b, socket, take_connection, found, f);
}

/* One connection at a time: Linux 6.1 deletes none by a filter. */
static int delete(int socket, uint8_t family, const struct found *found, struct fail *f)
{
	for (unsigned i = 0; i < found->count;) {
		struct batch b = BATCH(AT_ONCE * (TUPLE + 64));

		for (unsigned n = 0; n < AT_ONCE && i < found->count; n++, i++) {
			add(&b, IPCTNL_MSG_CT_DELETE, 0, family, "forget a connection of a box", ENOENT);
			mnl_attr_put(b.last, CTA_TUPLE_ORIG | NLA_F_NESTED, found->tuple[i].size,
				     found->tuple[i].payload);
		}
		if (batch_run(&b, socket, f) < 0)
			return -1;
	}
	return 0;
}

/*
 * tuple is CTA_TUPLE_ORIG for what the box has begun, or CTA_TUPLE_REPLY for what was led to it: there its own
 * address is the source of the answers.
 */
static int forget(int socket, uint16_t tuple, const void *address, size_t size, struct found *found, struct fail *f)
{
	for (int pass = 0; pass < PASSES; pass++) {
		int done = find(socket, tuple, address, size, found, f);

		/* EINTR: the table has changed meanwhile, and is read again. */
		if (done < 0 && f->code != EINTR)
			return -1;
		if (done == 0 && found->count == 0)
			return 0;
		if (delete(socket, size == sizeof(struct in_addr) ? AF_INET : AF_INET6, found, f) < 0)
			return -1;
	}
	return fail(f, EAGAIN, "forget the connections of a box");
}

int conntrack_forget(int socket, const struct subnet *subnet, unsigned slot, struct fail *f)
{
	const struct in_addr four = address_4(subnet, slot);
	const struct in6_addr six = address_6(subnet, slot);
	struct found found = { .tuple = malloc(TUPLES * sizeof *found.tuple) };
	int done;

	if (found.tuple == NULL)
		return fail(f, ENOMEM, "forget the connections of a box");
	done = forget(socket, CTA_TUPLE_ORIG, &four, sizeof four, &found, f);
	if (done == 0)
		done = forget(socket, CTA_TUPLE_REPLY, &four, sizeof four, &found, f);
	if (done == 0 && has_6(subnet))
		done = forget(socket, CTA_TUPLE_ORIG, &six, sizeof six, &found, f);
	if (done == 0 && has_6(subnet))
		done = forget(socket, CTA_TUPLE_REPLY, &six, sizeof six, &found, f);
	free(found.tuple);
	return done;
}
