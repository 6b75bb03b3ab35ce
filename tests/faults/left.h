/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. What a user's boxes have left on it. */
#ifndef NSBOX_TESTS_LEFT_H
#define NSBOX_TESTS_LEFT_H

#include <stddef.h>
#include <sys/types.h>

enum { LEFT = 65536 };

/* One line for each thing there is: two of these texts are the same when nothing was left. */
void left_describe(uid_t uid, char text[LEFT]);

/* The lines of one that the other has not. */
void left_compare(const char *before, const char *after, char *what, size_t size);

#endif
