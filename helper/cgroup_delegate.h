/* SPDX-License-Identifier: MIT */
/* runs as: root. delegate = yes: a box's cgroup in which its owner makes children (v2 only). */
#ifndef NSBOX_CGROUP_DELEGATE_H
#define NSBOX_CGROUP_DELEGATE_H

#include "conf/fail.h"
#include "helper/owner.h"

/*
 * Gives the owner what a delegatee has (cgroup-v2.rst, "Delegation"): the directory, cgroup.procs, cgroup.threads and
 * cgroup.subtree_control, but none of the limits.
 */
int cgroup_delegate(int box, const struct owner *owner, struct fail *f);

/*
 * The child "login" of a delegated box, made if its owner has removed it: a cgroup that passes controllers on must
 * have no processes, so those who enter do so there. *login is -1 if the box is not delegated.
 */
int cgroup_delegated(int box, const struct owner *owner, int *login, struct fail *f);

/* Removes the children of a cgroup whose processes are dead. What cannot be removed yet shows when it is itself. */
void cgroup_remove_children(int box);

#endif
