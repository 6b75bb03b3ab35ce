/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh as a login shell. */
#ifndef NSBOX_LOGIN_H
#define NSBOX_LOGIN_H

#include <pwd.h>
#include <stdbool.h>

/* Is nssh the login shell of this user (NULL: there is none)? */
bool login_shell_is_nssh(const struct passwd *user);

/*
 * Were we called as a login shell is: with a dash, or by somebody whose login shell we are with a command line (-c)
 * as all that is asked, or outside of any box with nothing at all?
 */
bool login_asked(char *const *argv);

/*
 * Becomes the shell that is meant, with our arguments: in a box that of the box, outside one in the box that policy
 * gives a login, or /bin/sh where it gives none, and for root. Returns an exit status.
 */
int login(char **argv);

#endif
