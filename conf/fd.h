/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Ownership of file descriptors in the declaration; deadlines; bounded reads. */
#ifndef NSBOX_FD_H
#define NSBOX_FD_H

#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include "conf/fail.h"

/* An fd that closes by itself when it goes out of scope. Empty is -1 and nothing else. */
#define OWN_FD __attribute__((cleanup(fd_cleanup)))

void fd_cleanup(int *fd);

/* Closes *fd if it is open and leaves -1; errno is kept. */
void fd_close(int *fd);

/* Hands *fd on: returns it and leaves -1, so that its cleanup does nothing. */
int fd_give(int *fd);

/* Milliseconds of CLOCK_MONOTONIC, for deadlines: deadline = clock_ms() + 1000. */
int64_t clock_ms(void);

/* What is left until deadline, in milliseconds, never below 0: fit for poll(2). */
int deadline_left(int64_t deadline);

/* Sleeps for a moment (milliseconds); gives up early, returning -1, once deadline has passed. */
int deadline_nap(int64_t deadline, int milliseconds);

/*
 * Reads at most size-1 bytes of fd from its start into text and terminates it. Returns the length, or -1
 * with errno: EFBIG if the file holds more, EINVAL if it holds a NUL byte.
 */
ssize_t fd_read_text(int fd, char *text, size_t size);

/* Writes all of text to fd. Returns 0, or -1 with errno. */
int fd_write_all(int fd, const void *text, size_t size);

#endif
