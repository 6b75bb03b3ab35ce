/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. What can be seen of another process. */
#ifndef NSBOX_TESTS_LOOK_H
#define NSBOX_TESTS_LOOK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct traced;

/* The base name of the program it runs. */
void look_image(pid_t pid, char *image, size_t size);

/* Counts a user's command as boxed, in the dead end of refused sessions, or unboxed. */
void look_command(pid_t pid, struct traced *t);

/* Appends what is at an address of the process to text, as a line. */
void look_text(pid_t pid, uint64_t at, uint64_t length, char *text, size_t size);

/* The same for what is in pieces, as writev(2) has them. */
void look_pieces(pid_t pid, uint64_t at, uint64_t count, char *text, size_t size);

/* The call it is in, " in openat". */
void look_call(pid_t pid, char *text, size_t size);

#endif
