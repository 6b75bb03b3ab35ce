/* SPDX-License-Identifier: MIT */
/*
 * runs as: a user, in a box, in tests. Floods the socket of another box (helper/hop.h): flood BOX NUMBER. Connects so
 * many times, each time with another kind of nonsense: nothing at all, halves and doubles of a request, random bytes,
 * and descriptors, as many as the kernel takes, of sockets that have others in flight. Prints how many connections
 * were taken.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "helper/hop.h"

enum { RIGHTS = 253, KINDS = 6, OPEN_MOST = 400 };

/* With descriptors, each of them the socket at. */
static void send_rights(int to, int at, const void *data, size_t size)
{
	union {
		char room[CMSG_SPACE(RIGHTS * sizeof(int))];
		struct cmsghdr aligned;
	} control = { 0 };
	struct iovec body = { (void *)(size_t)data, size };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof control };

	control.aligned.cmsg_level = SOL_SOCKET;
	control.aligned.cmsg_type = SCM_RIGHTS;
	control.aligned.cmsg_len = CMSG_LEN(RIGHTS * sizeof(int));
	for (size_t i = 0; i < RIGHTS; i++)
		memcpy(CMSG_DATA(&control.aligned) + i * sizeof at, &at, sizeof at);
	(void)sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A socket in which a socket waits, in which a socket waits. */
static void send_nested(int to)
{
	int inner = to, pair[2];

	for (int i = 0; i < 4 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0; i++) {
		send_rights(pair[0], inner, "x", 1);
		(void)close(pair[0]);
		if (inner != to)
			(void)close(inner);
		inner = pair[1];
	}
	send_rights(to, inner, "x", 1);
	if (inner != to)
		(void)close(inner);
}

static void send_nonsense(int to, int kind)
{
	char bytes[2 * sizeof(struct hop_request)];
	struct hop_request r = { .version = HOP_VERSION, .kind = HOP_ENTER, .words = 4000000000U };

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)rand();
	switch (kind) {
	case 1:
		(void)send(to, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
		return;
	case 2:
		(void)send(to, &r, sizeof r / 2, MSG_DONTWAIT | MSG_NOSIGNAL);
		return;
	case 3:
		while (send(to, bytes, (size_t)rand() % sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			;
		return;
	case 4:
		send_rights(to, to, &r, sizeof r);
		return;
	case 5:
		send_nested(to);
		return;
	default:
		return;
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int open[OPEN_MOST], taken = 0, wanted = argc > 2 ? atoi(argv[2]) : 0;

	for (int i = 0; i < OPEN_MOST; i++)
		open[i] = -1;
	(void)snprintf(at.sun_path, sizeof at.sun_path, HOP_DIR "/%s", argc > 1 ? argv[1] : "");
	for (int i = 0; i < wanted; i++) {
		int *fd = &open[i % OPEN_MOST];

		(void)close(*fd);
		*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (connect(*fd, (const struct sockaddr *)&at, sizeof at) == 0)
			taken++;
		else
			(void)usleep(1000); /* its queue is full */
		send_nonsense(*fd, i % KINDS);
	}
	(void)printf("%d\n", taken);
	return taken == 0;
}
