/* SPDX-License-Identifier: MIT */
/* runs as: anyone. One message of a fixed size, with descriptors, over a SOCK_SEQPACKET socket. */
#include "helper/fdpass.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/fd.h"

/* Room for the control message, aligned as the kernel wants it. */
union control {
	char room[CMSG_SPACE(FDPASS_FDS * sizeof(int))];
	struct cmsghdr aligned;
};

/* Every descriptor that came, also those of a message that is then refused. */
enum { MOST_HELD = sizeof(union control) / sizeof(int) };

struct held {
	int fds[MOST_HELD];
	unsigned n;
};

static void held_cleanup(struct held *held)
{
	while (held->n > 0)
		fd_close(&held->fds[--held->n]);
}

int fdpass_send(int socket, const void *data, size_t size, const int *fds, unsigned n, struct fail *f)
{
	union control control = { 0 };
	struct iovec body = { .iov_base = (void *)(uintptr_t)data, .iov_len = size };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1 };
	ssize_t put;

	if (n > FDPASS_FDS)
		return fail(f, EINVAL, "send a message with %u descriptors", n);
	if (n > 0) {
		control.aligned.cmsg_level = SOL_SOCKET;
		control.aligned.cmsg_type = SCM_RIGHTS;
		control.aligned.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.aligned), fds, n * sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	do {
		put = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (put < 0 && errno == EINTR);
	return put < 0 ? fail(f, errno, "send a message") : 0;
}

static int wait_readable(int socket, int64_t deadline, struct fail *f)
{
	struct pollfd ready = { .fd = socket, .events = POLLIN };

	for (;;) {
		int n = poll(&ready, 1, deadline_left(deadline));

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return fail(f, errno, "wait for a message");
		if (deadline_left(deadline) == 0)
			return fail(f, ETIMEDOUT, "wait for a message");
	}
}

/* Takes over all descriptors of the message. False: something else than descriptors came with it. */
static bool hold(struct msghdr *message, struct held *held)
{
	bool good = true;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
			good = false;
			continue;
		}

		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		for (size_t i = 0; i < n && held->n < MOST_HELD; i++)
			memcpy(&held->fds[held->n++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
	}
	return good;
}

/* Takes one message that is there, with what came along. */
static int take(int socket, void *data, size_t size, struct held *held, struct fail *f)
{
	union control control = { 0 };
	struct iovec body = { .iov_base = data, .iov_len = size };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof control };
	ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (got < 0)
		return fail(f, errno == ECONNRESET ? EPIPE : errno, "receive a message");
	if (!hold(&message, held))
		return fail(f, EPROTO, "a message with something else than descriptors");
	/* Nothing at all is the end; an empty message could still have brought descriptors. */
	if (got == 0 && held->n == 0)
		return fail(f, EPIPE, "receive a message");
	if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || (size_t)got != size || held->n > FDPASS_FDS)
		return fail(f, EPROTO, "a message of the wrong size");
	return 0;
}

int fdpass_receive(int socket, int64_t deadline, void *data, size_t size, int fds[FDPASS_FDS], unsigned *n,
		   struct fail *f)
{
	__attribute__((cleanup(held_cleanup))) struct held held = { .n = 0 };
	int done;

	/* Somebody else who has the socket may take the message between the two: then wait again. */
	do {
		if (wait_readable(socket, deadline, f) < 0)
			return -1;
		done = take(socket, data, size, &held, f);
	} while (done < 0 && (f->code == EAGAIN || f->code == EINTR));
	if (done < 0)
		return -1;
	*n = held.n;
	for (unsigned i = 0; i < FDPASS_FDS; i++)
		fds[i] = i < held.n ? fd_give(&held.fds[i]) : -1;
	held.n = 0;
	return 0;
}
