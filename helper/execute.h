/* SPDX-License-Identifier: MIT */
/*
 * runs as: the user, in a box. What all commands in a box have in common, whether they come from outside or from
 * another box.
 */
#ifndef NSBOX_EXECUTE_H
#define NSBOX_EXECUTE_H

#include "conf/fail.h"

/* Exit statuses where there is none of the command's: as env(1) and nssh(1) have them. */
enum { EXECUTE_FAILED = 125, EXECUTE_CANNOT_RUN = 126, EXECUTE_NOT_FOUND = 127 };

/*
 * A session of its own even without a terminal: the caller's must not be /dev/tty in the box (CVE-2017-5226). slave:
 * -1 for none.
 */
int execute_session(int slave, struct fail *f);

/* Goes to wanted (NULL or "": none), or else home, or else nowhere: as the user, so only where they may go. */
void execute_directory(const char *wanted, const char *home);

/* Becomes the command, or without words a login shell; says on standard error if it cannot. */
void execute(char *const *words, const char *shell) __attribute__((noreturn));

#endif
