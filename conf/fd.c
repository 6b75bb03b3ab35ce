/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Ownership of file descriptors, deadlines, bounded reads. */
#include "conf/fd.h"

#include <errno.h>
#include <string.h>
#include <time.h>

void fd_close(int *fd)
{
	int saved = errno;

	/* Linux releases the fd even when close says EINTR or EIO (close(2)): nothing to retry. */
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}

void fd_cleanup(int *fd)
{
	fd_close(fd);
}

int fd_give(int *fd)
{
	int given = *fd;

	*fd = -1;
	return given;
}

int64_t clock_ms(void)
{
	struct timespec now;

	/* CLOCK_MONOTONIC always exists on Linux: clock_gettime(2) lists no other error. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int deadline_left(int64_t deadline)
{
	int64_t left = deadline - clock_ms();

	if (left <= 0)
		return 0;
	return left > 3600000 ? 3600000 : (int)left;
}

int deadline_nap(int64_t deadline, int milliseconds)
{
	int left = deadline_left(deadline);
	struct timespec nap = { 0 };

	if (left == 0)
		return -1;
	if (milliseconds > left)
		milliseconds = left;
	nap.tv_sec = milliseconds / 1000;
	nap.tv_nsec = (long)(milliseconds % 1000) * 1000000;
	(void)nanosleep(&nap, NULL);
	return 0;
}

ssize_t fd_read_text(int fd, char *text, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t got = pread(fd, text + used, size - used, (off_t)used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	if (used == size) {
		errno = EFBIG;
		return -1;
	}
	text[used] = '\0';
	if (strlen(text) != used) {
		errno = EINVAL;
		return -1;
	}
	return (ssize_t)used;
}

int fd_write_all(int fd, const void *text, size_t size)
{
	const char *at = text;

	while (size > 0) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		at += put;
		size -= (size_t)put;
	}
	return 0;
}
