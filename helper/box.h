/* SPDX-License-Identifier: MIT */
/* runs as: root. A live box: its init, verified against the record, and the two pipes to it. */
#ifndef NSBOX_BOX_H
#define NSBOX_BOX_H

#include <stdint.h>

#include "conf/fail.h"
#include "helper/init/init.h"
#include "helper/record.h"

/*
 * A pidfd of the record's init, after its pid, start time and user namespace were found to be the record's
 * (CVE-2022-31214: identity is the root-owned record, checked through a pidfd). ESRCH in f->code: that init
 * is gone, and the box with it.
 */
int box_pidfd(int proc, const struct record *record, struct fail *f);

/*
 * A new write end of the lease of a live init. init has answered: it read a byte written here, so it cannot
 * have decided to end before this lease counted. f->code: ESRCH, it is ending; EOWNERDEAD, it is stopped and
 * did not answer for a second, so the box counts as dead; ETIMEDOUT, it is only too busy to answer for five.
 */
int box_lease(int proc, int pidfd, const struct record *record, struct fail *f);

/* A new read end of init's tether. */
int box_tether(int proc, int pidfd, const struct record *record, struct fail *f);

#endif
