/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. Which system calls stop for the tracer. */
#ifndef NSBOX_TESTS_FILTER_H
#define NSBOX_TESTS_FILTER_H

/*
 * From here on this process and all that come of it stop for their tracer at calls of this number, at their words to it,
 * at rt_sigprocmask, with which our programs begin, and at what they write to the log or to standard error; nowhere else,
 * which takes a fraction of the time. Returns 0 or -1.
 */
int filter_install(long nr);

#endif
