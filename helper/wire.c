/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Answers and their descriptors, checked. */
#include "helper/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/fd.h"
#include "helper/fdpass.h"

enum { START_MS = 10000 };

_Static_assert((int)WIRE_FDS <= (int)FDPASS_FDS, "an answer's descriptors must fit into one message");

int wire_send(int socket, const struct answer *a, const int *fds, struct fail *f)
{
	struct answer out = *a;

	if (a->fds > WIRE_FDS)
		return fail(f, EINVAL, "send an answer with %u descriptors", a->fds);
	out.version = WIRE_VERSION;
	return fdpass_send(socket, &out, sizeof out, fds, a->fds, f) < 0 ? fail_in(f, "answer") : 0;
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
	if (a->filter >= FILTERS)
		return "its filter is unknown";
	if (memchr(a->box, '\0', sizeof a->box) == NULL || memchr(a->ports, '\0', sizeof a->ports) == NULL ||
	    memchr(a->text, '\0', sizeof a->text) == NULL)
		return "its text does not end";
	return NULL;
}

int wire_receive(int socket, int64_t deadline, struct answer *a, int fds[WIRE_FDS], struct fail *f)
{
	struct answer in;
	int got[FDPASS_FDS];
	unsigned n;
	const char *wrong;

	if (fdpass_receive(socket, deadline, &in, sizeof in, got, &n, f) < 0)
		return fail_in(f, "answer");
	wrong = judge(&in, n);
	if (wrong != NULL) {
		while (n > 0)
			fd_close(&got[--n]);
		return fail(f, EPROTO, "an answer that is refused, %s", wrong);
	}
	*a = in;
	memcpy(fds, got, sizeof(int) * WIRE_FDS);
	return 0;
}

int wire_wait_start(int socket, struct fail *f)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	char byte = 0;

	if (poll(&p, 1, START_MS) != 1 || recv(socket, &byte, 1, MSG_DONTWAIT) != 1 || byte != WIRE_START)
		return fail(f, ETIMEDOUT, "wait for the caller to take the terminal");
	return 0;
}
