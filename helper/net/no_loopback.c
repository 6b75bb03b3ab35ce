/* SPDX-License-Identifier: MIT */
/* runs as: root. A network namespace from which no packet for a loopback address leaves. */
#include "helper/net/no_loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/fd.h"

/*
 * table inet nsbox_pasta {
 *	chain output {
 *		type filter hook output priority 0
 *		meta nfproto ipv4 oif != lo ip daddr 127.0.0.0/8 drop
 *		meta nfproto ipv4 oif != lo ip daddr 0.0.0.0/8 drop
 *		meta nfproto ipv6 oif != lo ip6 daddr ::/80 drop
 *	}
 * }
 * Who connects to 0.0.0.0 or :: means loopback too; ::/80 holds those, ::1, and 127.0.0.1 as IPv6 writes it.
 */
#define TABLE "nsbox_pasta"
#define CHAIN "output"

/* lo has it in every network namespace. */
static const uint32_t lo = 1;

/* What a destination address starts with, and where it stands behind the start of the header. */
static const struct loopback {
	uint8_t protocol, offset, size;
	unsigned char bytes[10];
} loopbacks[] = {
	{ NFPROTO_IPV4, 16, 1, { 127 } },
	{ NFPROTO_IPV4, 16, 1, { 0 } },
	{ NFPROTO_IPV6, 24, 10, { 0 } },
};

enum { LOOPBACKS = sizeof loopbacks / sizeof loopbacks[0] };

struct batch {
	uint32_t used, message; /* where the last message starts */
	unsigned char bytes[2048]; /* several times what is put here */
};

static void put_bytes(struct batch *b, const void *data, size_t size)
{
	memcpy(b->bytes + b->used, data, size);
	b->used += NLMSG_ALIGN((uint32_t)size);
}

static void put(struct batch *b, uint16_t type, const void *data, size_t size)
{
	const struct nlattr a = { .nla_len = (uint16_t)(sizeof a + size), .nla_type = type };

	put_bytes(b, &a, sizeof a);
	put_bytes(b, data, size);
}

static void put_number(struct batch *b, uint16_t type, uint32_t value)
{
	const uint32_t wire = htonl(value);

	put(b, type, &wire, sizeof wire);
}

static void put_text(struct batch *b, uint16_t type, const char *text)
{
	put(b, type, text, strlen(text) + 1);
}

/* What is put from here to close_nest is inside of it. */
static uint32_t open_nest(struct batch *b, uint16_t type)
{
	uint32_t at = b->used;

	put(b, type | NLA_F_NESTED, "", 0);
	return at;
}

static void close_nest(struct batch *b, uint32_t at)
{
	const uint16_t length = (uint16_t)(b->used - at);

	memcpy(b->bytes + at, &length, sizeof length); /* nla_len stands first */
}

static void start_message(struct batch *b, int type, int flags)
{
	bool control = type == NFNL_MSG_BATCH_BEGIN || type == NFNL_MSG_BATCH_END;
	const struct nlmsghdr head = {
		.nlmsg_type = (uint16_t)(control ? type : NFNL_SUBSYS_NFTABLES << 8 | type),
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
	};
	const struct nfgenmsg family = {
		.nfgen_family = control ? AF_UNSPEC : NFPROTO_INET,
		.res_id = htons(control ? NFNL_SUBSYS_NFTABLES : 0),
	};

	b->message = b->used;
	put_bytes(b, &head, sizeof head);
	put_bytes(b, &family, sizeof family);
}

static void end_message(struct batch *b)
{
	const uint32_t length = b->used - b->message;

	memcpy(b->bytes + b->message, &length, sizeof length); /* nlmsg_len stands first */
}

struct expression {
	uint32_t element, data;
};

static struct expression open_expression(struct batch *b, const char *name)
{
	struct expression e = { .element = open_nest(b, NFTA_LIST_ELEM) };

	put_text(b, NFTA_EXPR_NAME, name);
	e.data = open_nest(b, NFTA_EXPR_DATA);
	return e;
}

static void close_expression(struct batch *b, struct expression e)
{
	close_nest(b, e.data);
	close_nest(b, e.element);
}

static void put_meta(struct batch *b, uint32_t key)
{
	struct expression e = open_expression(b, "meta");

	put_number(b, NFTA_META_KEY, key);
	put_number(b, NFTA_META_DREG, NFT_REG_1);
	close_expression(b, e);
}

static void put_compare(struct batch *b, uint32_t operation, const void *value, size_t size)
{
	struct expression e = open_expression(b, "cmp");

	put_number(b, NFTA_CMP_SREG, NFT_REG_1);
	put_number(b, NFTA_CMP_OP, operation);

	uint32_t data = open_nest(b, NFTA_CMP_DATA);

	put(b, NFTA_DATA_VALUE, value, size);
	close_nest(b, data);
	close_expression(b, e);
}

static void put_payload(struct batch *b, uint32_t offset, uint32_t size)
{
	struct expression e = open_expression(b, "payload");

	put_number(b, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_number(b, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	put_number(b, NFTA_PAYLOAD_OFFSET, offset);
	put_number(b, NFTA_PAYLOAD_LEN, size);
	close_expression(b, e);
}

static void put_drop(struct batch *b)
{
	struct expression e = open_expression(b, "immediate");

	put_number(b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);

	uint32_t data = open_nest(b, NFTA_IMMEDIATE_DATA), verdict = open_nest(b, NFTA_DATA_VERDICT);

	put_number(b, NFTA_VERDICT_CODE, NF_DROP);
	close_nest(b, verdict);
	close_nest(b, data);
	close_expression(b, e);
}

static void put_rule(struct batch *b, const struct loopback *l, int flags)
{
	start_message(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | flags);
	put_text(b, NFTA_RULE_TABLE, TABLE);
	put_text(b, NFTA_RULE_CHAIN, CHAIN);

	uint32_t list = open_nest(b, NFTA_RULE_EXPRESSIONS);

	put_meta(b, NFT_META_NFPROTO);
	put_compare(b, NFT_CMP_EQ, &l->protocol, sizeof l->protocol);
	put_meta(b, NFT_META_OIF);
	put_compare(b, NFT_CMP_NEQ, &lo, sizeof lo);
	put_payload(b, l->offset, l->size);
	put_compare(b, NFT_CMP_EQ, l->bytes, l->size);
	put_drop(b);
	close_nest(b, list);
	end_message(b);
}

static void put_chain(struct batch *b)
{
	start_message(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	put_text(b, NFTA_TABLE_NAME, TABLE);
	end_message(b);

	start_message(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	put_text(b, NFTA_CHAIN_TABLE, TABLE);
	put_text(b, NFTA_CHAIN_NAME, CHAIN);
	put_text(b, NFTA_CHAIN_TYPE, "filter");

	uint32_t hook = open_nest(b, NFTA_CHAIN_HOOK);

	put_number(b, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
	put_number(b, NFTA_HOOK_PRIORITY, 0);
	close_nest(b, hook);
	end_message(b);
}

/* All or nothing. The answer is the first error, or the acknowledgement that the last rule asks for. */
static int ask(int netlink, struct fail *f)
{
	struct batch b = { .used = 0 };
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		unsigned char rest[512];
	} answer;

	start_message(&b, NFNL_MSG_BATCH_BEGIN, 0);
	end_message(&b);
	put_chain(&b);
	for (int i = 0; i < LOOPBACKS; i++)
		put_rule(&b, &loopbacks[i], i == LOOPBACKS - 1 ? NLM_F_ACK : 0);
	start_message(&b, NFNL_MSG_BATCH_END, 0);
	end_message(&b);
	if (send(netlink, b.bytes, b.used, 0) != (ssize_t)b.used)
		return fail(f, errno, "send the table to nftables");

	/* The kernel has answered when it has taken it: there is nothing to wait for. */
	ssize_t got = recv(netlink, &answer, sizeof answer, MSG_DONTWAIT);

	if (got < 0)
		return fail(f, errno, "read the answer of nftables");
	if ((size_t)got < NLMSG_LENGTH(sizeof answer.error) || answer.head.nlmsg_type != NLMSG_ERROR)
		return fail(f, EPROTO, "read the answer of nftables");
	/* There already: pasta is started once more. */
	if (answer.error.error == 0 || answer.error.error == -EEXIST)
		return 0;
	return fail(f, -answer.error.error, "make the table " TABLE " of nftables");
}

int no_loopback(int netns, struct fail *f)
{
	OWN_FD int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (here < 0 || setns(netns, CLONE_NEWNET) != 0)
		return fail(f, errno, "enter the box's network namespace");

	OWN_FD int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	int code = errno;

	/* The socket stays where it was made. */
	if (setns(here, CLONE_NEWNET) != 0)
		return fail(f, errno, "leave the box's network namespace");
	if (netlink < 0)
		return fail(f, code, "open a netlink socket in the box's network namespace");
	return ask(netlink, f) < 0 ? fail_in(f, "keep packets for loopback addresses in the box") : 0;
}
