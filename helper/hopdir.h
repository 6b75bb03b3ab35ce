/* SPDX-License-Identifier: MIT */
/* runs as: root. /run/nsbox/UID/boxes: where each box of a user is reached from the others (helper/hop.h). */
#ifndef NSBOX_HOPDIR_H
#define NSBOX_HOPDIR_H

#include "conf/fail.h"
#include "helper/owner.h"
#include "helper/record.h"

/*
 * run: the user's run directory, whose lock the caller holds. Makes the directory if need be and in it the socket of
 * box, which nobody but the owner may connect to. Returns it listening, and not waiting in accept(2).
 */
int hopdir_listen(int run, const char *box, const struct owner *owner, struct fail *f);

/*
 * Writes BOX.info, which the owner's boxes may read: a line like those of a list, with nothing that has to be
 * measured.
 */
int hopdir_note(int run, const struct record *record, struct fail *f);

/* Removes both of box number of the user, whatever its name was; nothing if there is neither. */
int hopdir_remove(int run, unsigned number, struct fail *f);

#endif
