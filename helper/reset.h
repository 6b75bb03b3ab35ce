/* SPDX-License-Identifier: MIT */
/* runs as: root. A new home for the boxes of a user: the layer of the old one is put aside. */
#ifndef NSBOX_RESET_H
#define NSBOX_RESET_H

#include <stdint.h>

#include "conf/fail.h"
#include "helper/owner.h"

enum reset {
	RESET_DONE,    /* the next box begins with a new home */
	RESET_LATER,   /* there are live boxes: when the last of them has ended */
	RESET_NOTHING, /* nothing is stored of the home */
};

/* What the owner has asked for. Takes the user's lock. */
int reset_home(const struct owner *owner, enum reset *outcome, struct fail *f);

/*
 * Does what was asked for while boxes lived, if anything was. The caller holds the user's lock, and no box lives.
 * Trouble goes to the log: it keeps nobody from their boxes, and the wish stays.
 */
void reset_pending(int storage, const struct owner *owner);

/* The same for who knows the uid only. */
void reset_pending_of(uid_t uid);

/* Removes, until deadline, homes that were put aside before the last one. Needs no lock. Trouble goes to the log. */
void reset_clear(uid_t uid, int64_t deadline);

#endif
