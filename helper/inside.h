/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace. The parts of a box's root, in the order they are made. */
#ifndef NSBOX_INSIDE_H
#define NSBOX_INSIDE_H

#include "helper/build.h"
#include "places.h"

/*
 * A tmpfs that only the builder sees, over /run/nsbox of its private mount namespace: the place where layers
 * are attached that must be attached somewhere. It goes away with the host's root.
 */
#define STAGE NSBOX_RUN

/* For as long as it makes files that the box's root should own, the builder's file system ids are that root's. */
int inside_as_box_root(const struct plan *plan, struct fail *f);
int inside_as_host_root(struct fail *f);

/* The stage, and on it the read-only idmapped root of the host and its disk file systems. Returns the root. */
int inside_root(const struct plan *plan, struct fail *f);

/* The sockets of the owner's boxes as a detached mount, on which nothing can be changed. Comes before the stage. */
int inside_boxes(const struct plan *plan, struct fail *f);

/* Fresh: /run, /tmp, /var/tmp. */
int inside_fresh(const struct plan *plan, int root, struct fail *f);

/* /dev with its nodes, pts, shm and mqueue; and the nodes of the key devices. */
int inside_dev(const struct plan *plan, int root, struct fail *f);

/* /proc and /sys, with the paths masked that containers mask, unless the box may have such of its own. */
int inside_proc(const struct plan *plan, int root, struct fail *f);

/* Secrets of the host: shadow files, host keys, /root, the storage, other homes, the key hide. */
int inside_hide(const struct plan *plan, int root, struct fail *f);

/* The home, by the key home. */
int inside_home(const struct plan *plan, int root, struct fail *f);

/* /etc/hostname, hosts and resolv.conf; no subordinate ids with nested = yes; the box's utmp and wtmp. */
int inside_etc(const struct plan *plan, int root, struct fail *f);

/* The keys bind and bind_ro. */
int inside_binds(const struct plan *plan, int root, struct fail *f);

/* What of the key hide lies below the home or a bind: they have been put on top of the covers. */
int inside_hide_again(const struct plan *plan, int root, struct fail *f);

/*
 * Fails where what is mounted at path, for the key of nsbox.conf, could be moved away: with nested = yes, below what
 * the owner writes to.
 */
int inside_holds(const struct plan *plan, const char *key, const char *path, struct fail *f);

/* Is path place or something in it? */
bool inside_below(const char *path, const char *place);

/*
 * Mounts an empty read-only directory, or an empty file owned like the one it covers, at path; nothing if path does
 * not exist.
 */
int inside_cover(int root, const char *path, struct fail *f);

/* Makes the directories of path below dir that are missing. */
int inside_make_path(int dir, const char *path, mode_t mode, struct fail *f);

#endif
