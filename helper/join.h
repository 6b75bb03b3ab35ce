/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and nsbox-helper. Places the calling process in a box. */
#ifndef NSBOX_JOIN_H
#define NSBOX_JOIN_H

#include "conf/fail.h"

/*
 * Ties the calling process to a box's init: when init is gone the kernel kills the caller, whoever it has
 * become meanwhile (F_SETSIG with SIGKILL; the permission is that of the moment of F_SETOWN, so call it as
 * host root). tether is the read end from the helper and must stay open for as long as the tie should last.
 * Fails with ESRCH when init is gone already.
 */
int join_tether(int tether, struct fail *f);

/* Moves the calling process, which has one thread, into the box's cgroup through its n descriptors (OPEN_CGROUP). */
int join_cgroups(const int *cgroups, unsigned n, struct fail *f);

/*
 * Enters all seven namespaces of the process behind pidfd (its children are then in the box's PID namespace, it is
 * not), as root of the box with an empty bounding set, non-dumpable, with no_new_privs and a new session keyring.
 * Afterwards the caller has no power outside the box, and what it still has inside ends when it becomes the user with
 * setresgid and setresuid. The caller must have one thread, and resolves every name before it calls this.
 */
int join_namespaces(int pidfd, struct fail *f);

#endif
