/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. What nsbox-hop is asked by somebody in another box, and the environment that it makes of that. The
 * input is flags, the number of descriptors, the changes to a good request, and texts.
 */
#include "tests/fuzz/message.h"

#include <linux/memfd.h>

#include "helper/hop/hop.h"

static int asking;

/* HOP_SOCKET is a fixed number. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int pair[2];

	(void)argc;
	(void)argv;
	HOLDS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	asking = fcntl(pair[0], F_DUPFD_CLOEXEC, 10);
	HOLDS(pair[1] == HOP_SOCKET || dup3(pair[1], HOP_SOCKET, O_CLOEXEC) == HOP_SOCKET);
	if (pair[0] != HOP_SOCKET)
		HOLDS(close(pair[0]) == 0);
	return asking < 0;
}

/* The texts as they should be, or in a file that can keep its reader waiting, or is changed by others. */
static int texts_of(unsigned flags, const uint8_t *data, size_t size)
{
	int pipes[2];

	if ((flags & 1) == 0) {
		int fd = memfd_create("texts", MFD_CLOEXEC | MFD_ALLOW_SEALING);

		HOLDS(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
		return fd;
	}
	if ((flags & 2) == 0)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	HOLDS(pipe2(pipes, O_CLOEXEC) == 0 && close(pipes[1]) == 0);
	return pipes[0];
}

static void check_environment(const struct asked *asked)
{
	static const struct box box = { "ada-2", "/bin/bash", "/home/ada", "ada" };
	char **own = environ;
	struct fail f = { 0 };

	HOLDS(environment_set(asked, &box, &f) == 0);
	HOLDS(strcmp(getenv("NSBOX"), "ada-2") == 0 && strcmp(getenv("HOME"), "/home/ada") == 0);
	HOLDS(getenv("SSH_TTY") == NULL && getenv("TMUX") == NULL && getenv("NSBOX_PORTS") == NULL);
	for (char **variable = environ; *variable != NULL; variable++)
		HOLDS(strchr(*variable, '=') != NULL);
	HOLDS(clearenv() == 0);
	environ = own;
}

static void check(const struct asked *asked)
{
	const struct hop_request *r = &asked->request;

	HOLDS(r->version == HOP_VERSION && r->ttys <= 7);
	for (unsigned fd = 0; fd <= 2; fd++)
		HOLDS((r->kind != HOP_ENTER || ((r->ttys >> fd) & 1U) != 0) ? asked->stdio[fd] == -1
									     : is_private(asked->stdio[fd]));
	if (r->kind != HOP_ENTER)
		return;
	for (uint32_t i = 0; i < r->words; i++)
		HOLDS(asked->words[i] != NULL && strlen(asked->words[i]) <= HOP_TEXTS_MOST);
	HOLDS(asked->words[r->words] == NULL && strlen(asked->directory) <= HOP_TEXTS_MOST);
	check_environment(asked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hop_request request = { .version = HOP_VERSION, .kind = HOP_ENTER, .ttys = 0, .words = 1 };
	unsigned flags = next_byte(&data, &size), n = next_byte(&data, &size) % 8, before = count_fds();
	unsigned changes = next_byte(&data, &size) % 4;
	struct asked asked = ASKED_EMPTY;
	int fds[MESSAGE_FDS];
	struct fail f = { 0 };

	while (changes-- > 0)
		(void)overlay(&request, sizeof request, &data, &size);
	fds[0] = texts_of(flags, data, size);
	for (unsigned i = 1; i < n; i++)
		fds[i] = fds[0];
	send_message(asking, &request, sizeof request - (flags & 8), fds, n, false);
	HOLDS(close(fds[0]) == 0);
	if (asked_receive(&asked, &f) == 0)
		check(&asked);
	else
		HOLDS(is_said(&f));
	asked_cleanup(&asked);
	HOLDS(count_fds() == before);
	return 0;
}
