/* SPDX-License-Identifier: MIT */
/* runs as: root. The user namespace of a box. */
#ifndef NSBOX_USERNS_H
#define NSBOX_USERNS_H

#include "conf/fail.h"
#include "helper/idmap.h"

/*
 * Makes a user namespace with these maps, owned by the ids that the box's root has outside, never by host
 * root: the kernel charges what is counted in it (inotify instances, namespaces) to its owner, up the tree,
 * and one box could use up root's. Returns its fd.
 */
int userns_make(int proc, const struct idmap *uids, const struct idmap *gids, struct fail *f);

/*
 * One for a program that serves a network namespace, which is made with it and which it owns: *netns. Host root is
 * the owner here, for in it only that program runs, and its maps let no process be host root: the owner of a user
 * namespace has every power over it, and over what it owns, from outside.
 */
int userns_make_network(int proc, const struct idmap *uids, const struct idmap *gids, int *netns, struct fail *f);

#endif
