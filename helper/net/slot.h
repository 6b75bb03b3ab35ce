/* SPDX-License-Identifier: MIT */
/* runs as: root. Which box has which place: one symbolic link each, /run/nsbox/net/SLOT -> UID/NUMBER. */
#ifndef NSBOX_NET_SLOT_H
#define NSBOX_NET_SLOT_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"

/* Opens /run/nsbox/net; makes it if create. Without create and without the directory: ENOENT. */
int slot_directory(bool create, struct fail *f);

/*
 * Takes the lowest free slot from 1 to most for the box: a symbolic link is made whole or not at all, and only by
 * one. It stays until it is given back, whatever becomes of us. Returns the slot, or -1.
 */
int slot_claim(int directory, unsigned most, uid_t uid, unsigned number, struct fail *f);

/* Gives a slot back if it is that box's. */
int slot_release(int directory, unsigned slot, uid_t uid, unsigned number, struct fail *f);

/* What is done for a slot that is claimed. Returns 0 or -1, which ends the walk. */
typedef int each_slot(void *context, unsigned slot, uid_t uid, unsigned number, struct fail *f);

int slots_each(int directory, each_slot *each, void *context, struct fail *f);

#endif
