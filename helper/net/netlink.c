/* SPDX-License-Identifier: MIT */
/* runs as: root. Requests to the kernel's network configuration, many in one system call. */
#include "helper/net/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "conf/fd.h"

enum { ANSWER_S = 5, ANSWER_ROOM = 32768, SEND_ROOM = 1 << 20 };

int netlink_open(int bus, struct fail *f)
{
	const struct timeval wait = { .tv_sec = ANSWER_S };
	OWN_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);

	const int room = SEND_ROOM, on = 1;

	/*
	 * The ports of a user go out as one message, which may be larger than the default; and errors do not repeat
	 * it.
	 */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on) != 0 ||
	    (bus == NETLINK_NETFILTER && setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) != 0))
		return fail(f, errno, "open a netlink socket");
	return fd_give(&fd);
}

/* Opens it in another network namespace, and comes back. */
static int open_there(int own, int there, int bus, struct fail *f)
{
	int fd = -1;

	if (setns(there, CLONE_NEWNET) != 0)
		return fail(f, errno, "enter the host's network namespace");
	fd = netlink_open(bus, f);
	if (setns(own, CLONE_NEWNET) == 0)
		return fd;

	int code = errno;

	fd_close(&fd);
	return fail(f, code, "come back from the host's network namespace");
}

int netlink_open_host(int proc, int bus, struct fail *f)
{
	struct stat first, second;
	OWN_FD int there = openat(proc, "1/ns/net", O_RDONLY | O_CLOEXEC);
	OWN_FD int own = openat(proc, "self/ns/net", O_RDONLY | O_CLOEXEC);

	if (there < 0 || own < 0 || fstat(there, &first) != 0 || fstat(own, &second) != 0)
		return fail(f, errno, "look at the host's network namespace");
	return first.st_ino == second.st_ino ? netlink_open(bus, f) : open_there(own, there, bus, f);
}

static size_t used(const struct batch *b)
{
	if (b->last == NULL)
		return 0;
	return (size_t)((const uint8_t *)b->last - (const uint8_t *)b->room) + NLMSG_ALIGN(b->last->nlmsg_len);
}

void *batch_add(struct batch *b, uint16_t type, uint16_t flags, size_t header_size, const char *what, int harmless)
{
	size_t at = used(b);

	b->last = mnl_nlmsg_put_header((uint8_t *)b->room + at);
	b->last->nlmsg_type = type;
	b->last->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags | (what != NULL ? NLM_F_ACK : 0));
	b->message[b->count].what = what;
	b->message[b->count].harmless = harmless;
	b->last->nlmsg_seq = ++b->count;
	return mnl_nlmsg_put_extra_header(b->last, header_size);
}

static int send_all(const struct batch *b, int socket, struct fail *f)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t size = used(b);

	if (sendto(socket, b->room, size, 0, (const struct sockaddr *)&kernel, sizeof kernel) != (ssize_t)size)
		return fail(f, errno, "ask the kernel to %s",
			    b->message[0].what != NULL ? b->message[0].what : "do so");
	return 0;
}

/* One datagram from the kernel itself, not from a process that guessed our port. */
static ssize_t receive(int socket, void *text, size_t size, struct fail *f)
{
	struct sockaddr_nl from = { .nl_pid = 0 };
	socklen_t length = sizeof from;
	ssize_t got;

	do
		got = recvfrom(socket, text, size, MSG_TRUNC, (struct sockaddr *)&from, &length);
	while ((got < 0 && errno == EINTR) || (got >= 0 && from.nl_pid != 0));
	if (got < 0)
		return fail(f, errno == EAGAIN ? ETIMEDOUT : errno, "wait for netlink's answer");
	return (size_t)got > size ? fail(f, EMSGSIZE, "take netlink's answer") : got;
}

/* Returns 1 if it acknowledges one of ours, 0 if it is none of our business, -1 for an error. */
static int take_ack(const struct batch *b, const struct nlmsghdr *h, struct fail *f)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_seq == 0 || h->nlmsg_seq > b->count)
		return 0;

	unsigned i = h->nlmsg_seq - 1;

	if (e->error != 0 && e->error != -b->message[i].harmless)
		return fail(f, -e->error, "%s", b->message[i].what != NULL ? b->message[i].what : "netlink");
	return b->message[i].what != NULL;
}

int batch_run(struct batch *b, int socket, struct fail *f)
{
	uint8_t text[ANSWER_ROOM];
	unsigned wanted = 0;

	for (unsigned i = 0; i < b->count; i++)
		wanted += b->message[i].what != NULL;
	if (send_all(b, socket, f) < 0)
		return -1;
	while (wanted > 0) {
		ssize_t got = receive(socket, text, sizeof text, f);
		int left = (int)got;

		if (got < 0)
			return -1;
		for (const struct nlmsghdr *h = (void *)text; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
			int taken = take_ack(b, h, f);

			if (taken < 0)
				return -1;
			wanted -= (unsigned)taken;
		}
	}
	return 0;
}

static bool ends(const uint8_t *text, ssize_t got)
{
	int left = (int)got;

	for (const struct nlmsghdr *h = (const void *)text; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return true;
	return false;
}

/*
 * What was changed while it was read (EINTR) is read to its end all the same, so that the socket is fit for the next
 * try.
 */
static int rest(int socket, uint8_t text[ANSWER_ROOM], ssize_t got, int code)
{
	struct fail ignored;

	while (code == EINTR && got >= 0 && !ends(text, got))
		got = receive(socket, text, ANSWER_ROOM, &ignored);
	return code;
}

int batch_ask(struct batch *b, int socket, mnl_cb_t take, void *context, struct fail *f)
{
	uint8_t text[ANSWER_ROOM];
	const char *what = b->message[0].what;
	int more = MNL_CB_OK;

	b->last->nlmsg_flags &= (uint16_t)~NLM_F_ACK; /* the data is acknowledgement enough */
	if (send_all(b, socket, f) < 0)
		return -1;
	while (more == MNL_CB_OK) {
		ssize_t got = receive(socket, text, sizeof text, f);

		if (got < 0)
			return -1;
		more = mnl_cb_run(text, (size_t)got, b->last->nlmsg_seq, 0, take, context);
		if (more < 0)
			return fail(f, rest(socket, text, got, errno), "%s", what);
	}
	return 0;
}

unsigned netlink_index(int socket, const char *name)
{
	struct ifreq r = { .ifr_ifindex = 0 };

	(void)snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	return ioctl(socket, SIOCGIFINDEX, &r) == 0 ? (unsigned)r.ifr_ifindex : 0;
}
