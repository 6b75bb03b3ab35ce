/* SPDX-License-Identifier: MIT */
/* runs as: root. The mount calls by file descriptor, with errors in words. */
#ifndef NSBOX_MNT_H
#define NSBOX_MNT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>

#include "conf/fail.h"

/* One parameter of a file system; value NULL for a flag. A table of them ends with key NULL. */
struct mnt_option {
	const char *key;
	const char *value;
};

/* A new instance of a file system as a detached mount. attributes: MOUNT_ATTR_*. Returns its fd. */
int mnt_new(const char *type, const struct mnt_option *options, uint64_t attributes, struct fail *f);

/* A detached copy of the mount at path (below dir, "" for dir itself), without what is mounted further down. */
int mnt_clone(int dir, const char *path, struct fail *f);

/* Sets attributes on a detached mount; with userns >= 0 it is idmapped by that namespace. errno is kept. */
int mnt_set(int mount, uint64_t attributes, int userns, struct fail *f);

/*
 * Attaches a mount at path inside the tree root, following no symlink on the way. path may start with "/";
 * "" is root itself.
 */
int mnt_attach(int mount, int root, const char *path, struct fail *f);

/* Opens path inside root (both as for mnt_attach) as O_PATH. */
int mnt_resolve(int root, const char *path, struct fail *f);

/* The same from the caller's own root directory. */
int mnt_find(const char *path, struct fail *f);

#endif
