/* SPDX-License-Identifier: MIT */
/* runs as: the user. Bytes on their way from one descriptor to another, through a bounded buffer. */
#include "shell/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"

/* A terminal that poll calls writable has room for this much (WAKEUP_CHARS in the kernel), a pipe for PIPE_BUF. */
enum { SMALL_PIECE = 256 };

void flow_init(struct flow *flow)
{
	flow->from = -1;
	flow->to = -1;
	flow->start = 0;
	flow->end = 0;
	flow->piece = FLOW_ROOM;
}

void flow_close(struct flow *flow)
{
	fd_close(&flow->from);
	fd_close(&flow->to);
	flow->start = 0;
	flow->end = 0;
}

ssize_t flow_fill(struct flow *flow)
{
	ssize_t got;

	if (flow->start == flow->end) {
		flow->start = 0;
		flow->end = 0;
	}
	got = read(flow->from, flow->data + flow->end, FLOW_ROOM - flow->end);
	if (got < 0 && errno == EINTR)
		errno = EAGAIN;
	if (got > 0)
		flow->end += (size_t)got;
	return got;
}

bool flow_put(struct flow *flow, char byte)
{
	if (flow->end == FLOW_ROOM)
		return false;
	flow->data[flow->end++] = byte;
	return true;
}

int flow_drain(struct flow *flow)
{
	size_t size = flow->end - flow->start;
	ssize_t put = write(flow->to, flow->data + flow->start, size < flow->piece ? size : flow->piece);

	if (put < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	flow->start += (size_t)put;
	return 0;
}

int flow_end(int fd, int mode, size_t *piece)
{
	char path[32];
	struct stat st;
	int again;

	*piece = FLOW_ROOM;
	if (fstat(fd, &st) < 0)
		return -1;
	/* A regular file's position is shared with the shell, and it never makes anybody wait. */
	if (S_ISREG(st.st_mode))
		return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (S_ISFIFO(st.st_mode) || isatty(fd)) {
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		again = open(path, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (again >= 0)
			return again;
	}
	*piece = SMALL_PIECE;
	return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}
