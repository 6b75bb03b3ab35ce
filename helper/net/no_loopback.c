/* SPDX-License-Identifier: MIT */
/* runs as: root. A network namespace from which no packet for a loopback address leaves. */
#include "helper/net/no_loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/fd.h"

/* The local table is asked by the rule of priority 0 (ip-rule(8)). */
enum { AFTER_LOCAL = 1 };

static const struct loopback {
	unsigned char family, prefix;
	const char *address;
} loopbacks[] = {
	{ AF_INET, 8, "127.0.0.0" },
	{ AF_INET6, 128, "::1" },
};

struct request {
	struct nlmsghdr head;
	struct fib_rule_hdr rule;
	unsigned char attributes[64];
};

static void add_attribute(struct request *r, unsigned short type, const void *data, size_t size)
{
	struct rtattr *a = (struct rtattr *)((unsigned char *)r + NLMSG_ALIGN(r->head.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(a), data, size);
	r->head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
}

/* The kernel answers while it takes the request (rtnetlink(7)). Returns 0, or an errno value. */
static int ask(int netlink, const struct request *r)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		unsigned char rest[256];
	} answer;

	if (send(netlink, r, r->head.nlmsg_len, 0) != (ssize_t)r->head.nlmsg_len)
		return errno;

	ssize_t got = recv(netlink, &answer, sizeof answer, 0);

	if (got < 0)
		return errno;
	if ((size_t)got < NLMSG_LENGTH(sizeof answer.error) || answer.head.nlmsg_type != NLMSG_ERROR)
		return EPROTO;
	return -answer.error.error;
}

static int prohibit(int netlink, const struct loopback *l, struct fail *f)
{
	struct request r = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(sizeof r.rule),
			.nlmsg_type = RTM_NEWRULE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
		},
		.rule = { .family = l->family, .dst_len = l->prefix, .action = FR_ACT_PROHIBIT },
	};
	const uint32_t priority = AFTER_LOCAL;
	struct in6_addr address;

	if (inet_pton(l->family, l->address, &address) != 1)
		return fail(f, EINVAL, "address %s", l->address);
	add_attribute(&r, FRA_DST, &address, l->family == AF_INET ? sizeof(struct in_addr) : sizeof address);
	add_attribute(&r, FRA_PRIORITY, &priority, sizeof priority);

	int code = ask(netlink, &r);

	/* There already, or a kernel without IPv6. */
	if (code == 0 || code == EEXIST || (code == EAFNOSUPPORT && l->family == AF_INET6))
		return 0;
	return fail(f, code, "keep packets for %s from leaving the box", l->address);
}

int no_loopback(int netns, struct fail *f)
{
	OWN_FD int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (here < 0 || setns(netns, CLONE_NEWNET) != 0)
		return fail(f, errno, "enter the box's network namespace");

	OWN_FD int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int code = errno;

	/* The socket stays where it was made. */
	if (setns(here, CLONE_NEWNET) != 0)
		return fail(f, errno, "leave the box's network namespace");
	if (netlink < 0)
		return fail(f, code, "open a netlink socket in the box's network namespace");
	for (size_t i = 0; i < sizeof loopbacks / sizeof loopbacks[0]; i++)
		if (prohibit(netlink, &loopbacks[i], f) < 0)
			return -1;
	return 0;
}
