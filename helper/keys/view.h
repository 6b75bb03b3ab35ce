/* SPDX-License-Identifier: MIT */
/* runs as: root, then the user. The authorized_keys that a user sees, read without a mount. */
#ifndef NSBOX_KEYS_VIEW_H
#define NSBOX_KEYS_VIEW_H

#include <pwd.h>
#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"

enum { KEYS_MAX = 256 * 1024 }; /* bytes an authorized_keys may have */

/* The layers a user sees one file through; -1 stands for a layer that is not there. VIEW_NONE to begin with. */
struct view {
	int top;      /* what only the box has: an upper, or a private home */
	int top_ssh;  /* .ssh in it */
	int home;     /* the real home */
	bool covered; /* the top's .ssh hides that of the real home */
	bool layered; /* home is a lower: what is mounted below it does not show */
};

#define VIEW_NONE { -1, -1, -1, false, false }

void view_close(struct view *v);

/*
 * As root, which the mark of an opaque directory needs: opens the top layer, path below the directory state.
 * A layer that is not there (the user had no box yet) is no error.
 */
int view_open_top(struct view *v, int state, const char *path, struct fail *f);

/* Becomes the user for good, with their groups, and proves it. */
int view_become(const struct passwd *user, struct fail *f);

/* As the user: opens the real home; it is the lower if layered. */
int view_open_home(struct view *v, const char *path, bool layered, struct fail *f);

/*
 * As the user: reads .ssh/authorized_keys as the layers show it into text (room for KEYS_MAX + 1). Returns its
 * length, 0 if there is none, and -1 if it must not be believed: a symbolic link or anything but a regular
 * file, too large, or it or a directory on the way could have been written by somebody else.
 */
ssize_t view_read(const struct view *v, uid_t owner, char *text, struct fail *f);

#endif
