/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. What system calls are named, and how each of them can fail. */
#ifndef NSBOX_TESTS_CALLS_H
#define NSBOX_TESTS_CALLS_H

#include <stdbool.h>

enum { CALLS = 512, ERRORS = 4 };

/* Its name, or "?". */
const char *call_name(long nr);

/* The which-th (0 to ERRORS - 1) error to try: ENOMEM, EPERM, EINTR, and one that is typical for the call. */
int call_error(long nr, unsigned which);

/* How a failure is made. */
enum call_failure {
	CALL_NEVER_FAILS,  /* by its definition: getpid(2) */
	CALL_IS_LEFT_OUT,  /* the kernel does nothing, and the error is returned */
	CALL_IS_MADE,      /* close(2) closes, whatever it returns */
	CALL_SAYS_SO,      /* brk(2), setfsuid(2): they return what there is; so the argument is made one that changes nothing */
};

enum call_failure call_failure(long nr);

#endif
