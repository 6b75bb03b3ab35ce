/* SPDX-License-Identifier: MIT */
/* runs as: anyone. What went wrong, in words: the last parameter of every step that can fail. */
#ifndef NSBOX_FAIL_H
#define NSBOX_FAIL_H

/*
 * A step that fails fills this and returns -1; it prints nothing and allocates nothing. Only a main()
 * and the PAM entry points speak. Outputs of a failed step are untouched.
 */
struct fail {
	int code;        /* an errno value, 0 when none fits */
	char text[384];  /* for the log: the step, the object, and the errno in words */
	char plain[192]; /* for the user: a plain sentence; empty when there is nothing they could do */
};

/* Says what failed; ": " and the words for code (when not 0) are appended. Returns -1. */
int fail(struct fail *f, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts context in front of what a callee said: "box of ada: open /x: No such file". Returns -1. */
int fail_in(struct fail *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds the sentence the user is shown. The first one said, nearest to the cause, stays. Returns -1. */
int fail_plain(struct fail *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
