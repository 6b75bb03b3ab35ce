/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. An answer of the helper's, or of somebody who has its end of the socket, as nssh and pam_nsbox take
 * it.
 */
#include "tests/fuzz/message.h"

#include "helper/wire.h"

static int pair[2], null;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const int on = 1;

	(void)argc;
	(void)argv;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	HOLDS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	/* So that something else than descriptors can arrive. */
	HOLDS(null >= 0 && setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
	return setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &(int){ 0 }, sizeof on) < 0;
}

static void check(const struct answer *a, const int fds[WIRE_FDS])
{
	HOLDS(a->version == WIRE_VERSION && a->kind >= ANSWER_BOXED && a->kind <= ANSWER_ENDED);
	HOLDS((a->kind == ANSWER_BOXED) == (a->fds > 0) && a->fds <= WIRE_FDS);
	HOLDS(strlen(a->box) < sizeof a->box && strlen(a->ports) < sizeof a->ports &&
	      strlen(a->text) < sizeof a->text);
	for (unsigned i = 0; i < WIRE_FDS; i++)
		HOLDS(i < a->fds ? is_private(fds[i]) : fds[i] == -1);
}

/* Flags, the number of descriptors, and what differs from a good answer; or else what the message is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned flags = next_byte(&data, &size), n = next_byte(&data, &size) % MESSAGE_FDS, before = count_fds();
	struct answer sent = { .version = WIRE_VERSION, .kind = ANSWER_BOXED, .fds = n, .box = "ada-1" }, a;
	int fds[MESSAGE_FDS], got[WIRE_FDS];
	struct fail f = { 0 };
	const int credentials = (flags & 1) != 0;

	for (unsigned i = 0; i < n; i++)
		fds[i] = null;
	HOLDS(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &credentials, sizeof credentials) == 0);
	while ((flags & 2) == 0 && size > 0)
		(void)overlay(&sent, sizeof sent, &data, &size);
	if ((flags & 2) == 0)
		send_message(pair[0], &sent, sizeof sent - (flags & 4), fds, n, credentials);
	else
		send_message(pair[0], data, size, fds, n, credentials);
	if (wire_receive(pair[1], clock_ms(), &a, got, &f) == 0) {
		check(&a, got);
		for (unsigned i = 0; i < a.fds; i++)
			fd_close(&got[i]);
	} else {
		HOLDS(is_said(&f));
	}
	HOLDS(count_fds() == before);
	return 0;
}
