/* SPDX-License-Identifier: MIT */
/* runs as: root. /proc/self/mountinfo, line by line. */
#ifndef NSBOX_MOUNTINFO_H
#define NSBOX_MOUNTINFO_H

#include <stddef.h>

#include "conf/fail.h"

struct mount_entry {
	int id;
	int parent;
	char *root;    /* the directory of the file system that is mounted */
	char *point;   /* where, as this process sees it */
	char *type;    /* "ext4" */
	char *options; /* of the super block: "rw,memory" */
};

/* All of /proc/self/mountinfo through proc, to be freed. */
char *mountinfo_read(int proc, struct fail *f);

/*
 * Takes the first line off *text and decodes it in place (proc(5): octal escapes for blank, tab, newline and
 * backslash). Returns 1, 0 at the end, -1 if the line is not of the documented form.
 */
int mountinfo_next(char **text, struct mount_entry *entry, struct fail *f);

#endif
