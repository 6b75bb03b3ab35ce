/* SPDX-License-Identifier: MIT */
/* runs as: root. For harnesses: input as a message with descriptors, in any number and of several kinds. */
#ifndef NSBOX_FUZZ_MESSAGE_H
#define NSBOX_FUZZ_MESSAGE_H

#include <sys/socket.h>

#include "tests/fuzz/fuzz.h"

enum { MESSAGE_FDS = 40 };

/* One that was refused may have had any. */
static inline void send_message(int socket, const void *data, size_t size, const int *fds, size_t n, bool credentials)
{
	struct ucred me = { .pid = getpid() };
	union {
		char room[CMSG_SPACE(MESSAGE_FDS * sizeof(int)) + CMSG_SPACE(sizeof me)];
		struct cmsghdr aligned;
	} control = { .room = { 0 } };
	struct iovec body = { .iov_base = (void *)(uintptr_t)data, .iov_len = size };
	struct msghdr m = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = &control,
			    .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	size_t used = 0;

	if (n > 0) {
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
		used = CMSG_SPACE(n * sizeof(int));
		c = CMSG_NXTHDR(&m, c);
	}
	if (credentials) {
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_CREDENTIALS;
		c->cmsg_len = CMSG_LEN(sizeof me);
		memcpy(CMSG_DATA(c), &me, sizeof me);
		used += CMSG_SPACE(sizeof me);
	}
	m.msg_control = used > 0 ? &control : NULL;
	m.msg_controllen = used;
	HOLDS(sendmsg(socket, &m, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size);
}

/*
 * The bytes over what would be there without the input: a message as it should be, in which the input changes some.
 */
static inline size_t overlay(void *message, size_t whole, const uint8_t **data, size_t *size)
{
	size_t at = next_byte(data, size) | next_byte(data, size) << 8, length = next_byte(data, size), i;

	at %= whole;
	for (i = 0; i < length && *size > 0 && at + i < whole; i++)
		((uint8_t *)message)[at + i] = (uint8_t)next_byte(data, size);
	return i;
}

/* Receivers have no descriptor that their children would inherit. */
static inline bool is_private(int fd)
{
	return fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

#endif
