/* SPDX-License-Identifier: MIT */
/* runs as: a user, in tests. Descriptors that a caller has left, or not left, to the program that it executes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/hostile/conditions.h"

static int put(int fd, int place)
{
	if (fd < 0)
		return -1;
	return dup2(fd, place) == place && (fd == place || close(fd) == 0) ? 0 : -1;
}

/* Whoever has the other end of a pipe, and does nothing with it. */
static void keep(int fd)
{
	if (fork() != 0)
		return;
	(void)dup2(fd, 0);
	(void)close_range(1, ~0U, 0);
	(void)sleep(25);
	_exit(0);
}

/* A pipe that takes no more, and that nobody reads. */
static int full_pipe(void)
{
	char page[4096] = { 0 };
	int ends[2];

	if (pipe2(ends, O_NONBLOCK) != 0)
		return -1;
	while (write(ends[1], page, sizeof page) > 0)
		;
	keep(ends[0]);
	(void)close(ends[0]);
	return fcntl(ends[1], F_SETFL, 0) == 0 ? ends[1] : -1;
}

static int socket_of(int type, bool peer)
{
	int pair[2];

	if (socketpair(AF_UNIX, type, 0, pair) != 0)
		return -1;
	return peer || close(pair[1]) == 0 ? pair[0] : -1;
}

/* Its peer lives and never reads, and there is no room for one message more. */
static int full_socket(void)
{
	char page[256] = { 0 };
	int fd = socket_of(SOCK_SEQPACKET, true);

	while (send(fd, page, sizeof page, MSG_DONTWAIT) > 0)
		;
	return fd;
}

static int kind_open(const char *kind)
{
	int ends[2];

	if (strcmp(kind, "fullpipe") == 0)
		return full_pipe();
	if (strcmp(kind, "pipe") == 0)
		return pipe(ends) == 0 ? ends[1] : -1;
	if (strcmp(kind, "unread") == 0)
		return full_socket();
	if (strcmp(kind, "hungup") == 0)
		return socket_of(SOCK_SEQPACKET, false);
	if (strcmp(kind, "dgram") == 0)
		return socket_of(SOCK_DGRAM, true);
	if (strcmp(kind, "stream") == 0)
		return socket_of(SOCK_STREAM, true);
	if (strcmp(kind, "inet") == 0)
		return socket(AF_INET, SOCK_STREAM, 0);
	if (strcmp(kind, "path") == 0)
		return open("/", O_PATH);
	if (strcmp(kind, "writeonly") == 0)
		return open("/dev/null", O_WRONLY);
	return open(kind, O_RDONLY);
}

int descriptors_put(const char *value)
{
	return put(kind_open(strchr(value, ':') + 1), atoi(value));
}

int descriptors_close(const char *digits)
{
	for (; *digits != '\0'; digits++)
		(void)close(*digits - '0');
	return 0;
}

int descriptors_fill(const char *value)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return -1;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
	while (dup(2) >= 0)
		;
	return errno == EMFILE ? close_range(50, 49U + (unsigned)atoi(value), 0) : -1;
}
