/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. Ends a live box, with whatever is in it. */
#ifndef NSBOX_END_H
#define NSBOX_END_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"

/*
 * Asks the init of the user's box of this name to end it as it does after the last login, and kills what is there
 * three seconds later; *killed tells whether it had to. On success nothing of the box is left. by is who wants it,
 * for the log. f->code is ESRCH when there is no such box.
 */
int end_box(uid_t uid, uid_t by, const char *name, bool *killed, struct fail *f);

#endif
