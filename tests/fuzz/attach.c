/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. What nssh makes of an answer to "enter": the helper's, or in a box that of an init, or of whoever
 * has taken its place. The file under test is taken in whole.
 */
#include "tests/fuzz/message.h"

#include <sys/eventfd.h>

#include "shell/attach.c"

int complain(const struct fail *f)
{
	HOLDS(is_said(f));
	return NSSH_FAILED;
}

static int pair[2], device;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	device = open("/dev/null", O_RDWR | O_CLOEXEC);
	return device < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct server whom = { .name = "box ada-1", .shut = "lets nobody in" };
	unsigned flags = next_byte(&data, &size), n = next_byte(&data, &size) % MESSAGE_FDS, before = count_fds();
	struct answer sent = { .version = WIRE_VERSION, .kind = ANSWER_BOXED, .fds = n, .box = "ada-1" };
	struct relay relay;
	int fds[MESSAGE_FDS];
	struct fail f = { 0 };

	relay_init(&relay);
	relay.socket = fcntl(pair[1], F_DUPFD_CLOEXEC, 3);
	relay.signals.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (unsigned i = 0; i < n; i++)
		fds[i] = device;
	while (size > 0)
		(void)overlay(&sent, sizeof sent, &data, &size);
	send_message(pair[0], &sent, sizeof sent - (flags & 16), fds, n, false);
	if (take_box(&relay, flags & 7, &whom, &f) == 0)
		HOLDS(is_private(relay.pidfd) && (relay.master >= 0) == ((flags & 7) != 0));
	else
		HOLDS(is_said(&f));
	fd_close(&relay.signals.fd);
	relay_close(&relay);
	HOLDS(count_fds() == before);
	return 0;
}
