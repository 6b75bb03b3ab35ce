/* SPDX-License-Identifier: MIT */
/* runs as: root. What the host remembers of connections of a box. */
#include "helper/net/conntrack.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

#include "helper/net/netlink.h"

/* Of the bits in CTA_FILTER_ORIG_FLAGS and CTA_FILTER_REPLY_FLAGS: compare the source address (the kernel's nf_internals.h). */
enum { COMPARE_SOURCE = 1 };

/*
 * tuple is CTA_TUPLE_ORIG for what the box has begun, or CTA_TUPLE_REPLY for what was led to it: there its own address is
 * the source of the answers.
 */
static void put_delete(struct batch *b, uint16_t tuple, const void *address, size_t size)
{
	struct nfgenmsg *header = batch_add(b, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, 0, sizeof *header,
					    "forget the connections of a box", 0);
	struct nlattr *outer, *ip;

	header->nfgen_family = size == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	header->version = NFNETLINK_V0;
	outer = mnl_attr_nest_start(b->last, tuple);
	ip = mnl_attr_nest_start(b->last, CTA_TUPLE_IP);
	mnl_attr_put(b->last, size == sizeof(struct in_addr) ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, size, address);
	mnl_attr_nest_end(b->last, ip);
	mnl_attr_nest_end(b->last, outer);
	outer = mnl_attr_nest_start(b->last, CTA_FILTER);
	mnl_attr_put_u32(b->last, CTA_FILTER_ORIG_FLAGS, tuple == CTA_TUPLE_ORIG ? COMPARE_SOURCE : 0);
	mnl_attr_put_u32(b->last, CTA_FILTER_REPLY_FLAGS, tuple == CTA_TUPLE_REPLY ? COMPARE_SOURCE : 0);
	mnl_attr_nest_end(b->last, outer);
}

int conntrack_forget(int socket, const struct subnet *subnet, unsigned slot, struct fail *f)
{
	const struct in_addr four = address_4(subnet, slot);
	const struct in6_addr six = address_6(subnet, slot);
	struct batch b = BATCH(1024);

	put_delete(&b, CTA_TUPLE_ORIG, &four, sizeof four);
	put_delete(&b, CTA_TUPLE_REPLY, &four, sizeof four);
	if (has_6(subnet)) {
		put_delete(&b, CTA_TUPLE_ORIG, &six, sizeof six);
		put_delete(&b, CTA_TUPLE_REPLY, &six, sizeof six);
	}
	return batch_run(&b, socket, f);
}
