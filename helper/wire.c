/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Answers and their descriptors over a SOCK_SEQPACKET socket. */
#include "helper/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/fd.h"

/* Room for the control message of WIRE_FDS descriptors, aligned as the kernel wants it. */
union control {
	char room[CMSG_SPACE(WIRE_FDS * sizeof(int))];
	struct cmsghdr aligned;
};

/* Every descriptor that came, also those of a message that is then refused. */
enum { WIRE_HELD = sizeof(union control) / sizeof(int) };

struct held {
	int fds[WIRE_HELD];
	unsigned n;
};

static void held_cleanup(struct held *held)
{
	while (held->n > 0)
		fd_close(&held->fds[--held->n]);
}

int wire_send(int socket, const struct answer *a, const int *fds, struct fail *f)
{
	struct answer out = *a;
	union control control = { 0 };
	struct iovec text = { .iov_base = &out, .iov_len = sizeof out };
	struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1 };
	ssize_t put;

	if (a->fds > WIRE_FDS)
		return fail(f, EINVAL, "send an answer with %u descriptors", a->fds);
	out.version = WIRE_VERSION;
	if (a->fds > 0) {
		size_t size = a->fds * sizeof(int);

		control.aligned.cmsg_level = SOL_SOCKET;
		control.aligned.cmsg_type = SCM_RIGHTS;
		control.aligned.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&control.aligned), fds, size);
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(size);
	}
	/* Never waits: a caller that has filled the socket must not hold up a root process and its lock. */
	do {
		put = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (put < 0 && errno == EINTR);
	if (put < 0)
		return fail(f, errno, "send an answer");
	return 0;
}

static int wait_readable(int socket, int64_t deadline, struct fail *f)
{
	struct pollfd ready = { .fd = socket, .events = POLLIN };

	for (;;) {
		int left = deadline_left(deadline);
		int n = poll(&ready, 1, left);

		if (n > 0)
			return 0;
		if (n == 0 && deadline_left(deadline) == 0)
			return fail(f, ETIMEDOUT, "wait for an answer");
		if (n < 0 && errno != EINTR)
			return fail(f, errno, "wait for an answer");
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

		for (size_t i = 0; i < n && held->n < WIRE_HELD; i++) {
			memcpy(&held->fds[held->n], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			held->n++;
		}
	}
	return good;
}

/* What is wrong with an answer that came whole, or NULL. */
static const char *judge(const struct answer *a, unsigned fds)
{
	if (a->version != WIRE_VERSION)
		return "its version is another one";
	if (a->kind < ANSWER_BOXED || a->kind > ANSWER_ENDED)
		return "its kind is unknown";
	if (a->fds != fds || fds > WIRE_FDS)
		return "its number of descriptors is wrong";
	if ((a->kind == ANSWER_BOXED) != (fds > 0))
		return "its descriptors do not fit its kind";
	if (memchr(a->box, '\0', sizeof a->box) == NULL || memchr(a->text, '\0', sizeof a->text) == NULL)
		return "its text does not end";
	return NULL;
}

/* Takes one message that is there, with what came along. Returns 0 or -1. */
static int take(int socket, struct answer *in, struct held *held, struct fail *f)
{
	union control control = { 0 };
	struct iovec text = { .iov_base = in, .iov_len = sizeof *in };
	struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof control };
	ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (got == 0 || (got < 0 && errno == ECONNRESET))
		return fail(f, EPIPE, "receive an answer");
	if (got < 0)
		return fail(f, errno, "receive an answer");
	if (!hold(&message, held))
		return fail(f, EPROTO, "an answer with something else than descriptors");
	if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || (size_t)got != sizeof *in)
		return fail(f, EPROTO, "an answer of the wrong size");
	return 0;
}

int wire_receive(int socket, int64_t deadline, struct answer *a, int fds[WIRE_FDS], struct fail *f)
{
	__attribute__((cleanup(held_cleanup))) struct held held = { .n = 0 };
	struct answer in;
	const char *wrong;

	/* Somebody else who has the socket may take the message between the two: then wait again. */
	do {
		if (wait_readable(socket, deadline, f) < 0)
			return -1;
		f->code = 0;
	} while (take(socket, &in, &held, f) < 0 && (f->code == EAGAIN || f->code == EINTR));
	if (f->code != 0)
		return -1;
	wrong = judge(&in, held.n);
	if (wrong != NULL)
		return fail(f, EPROTO, "an answer that is refused, %s", wrong);
	*a = in;
	for (unsigned i = 0; i < WIRE_FDS; i++)
		fds[i] = i < held.n ? fd_give(&held.fds[i]) : -1;
	return 0;
}
