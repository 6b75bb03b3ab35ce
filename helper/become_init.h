/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The last steps of the builder. */
#ifndef NSBOX_BECOME_INIT_H
#define NSBOX_BECOME_INIT_H

#include "helper/build.h"

/*
 * From root of the host to the box's init (its words are in helper/init/init.c): enters the user namespace, closes it
 * to further ones unless the policy wants them, becomes the owner without any capability, attaches the filter, and
 * executes nsbox-init. Returns only on failure.
 */
int become_init(const struct plan *plan, struct fail *f);

/*
 * The same for a process of the host that goes on to wait for one of the owner's: its effective uid is the owner's,
 * so that it may signal what is theirs, but its real and saved ones are others, as which nobody runs, so that nothing
 * of the owner's may signal it (kill(2)).
 */
int become_waiter(uid_t owner, uid_t uid, gid_t gid, struct fail *f);

/*
 * Gives up everything for good: becomes uid, gid (as seen in the current user namespace) and the groups, with
 * an empty bounding set, no capability in any set, and no_new_privs; proves it by trying to come back. For
 * processes that have left host root's user namespace or are about to execute a user's program.
 */
int become_owner(uid_t uid, gid_t gid, struct fail *f);

#endif
