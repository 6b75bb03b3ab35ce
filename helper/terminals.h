/* SPDX-License-Identifier: MIT */
/* runs as: root. A line on all terminals of a live box. */
#ifndef NSBOX_TERMINALS_H
#define NSBOX_TERMINALS_H

#include <stdint.h>

#include "conf/fail.h"
#include "helper/record.h"

/*
 * Writes text, which has nothing in it that a terminal would obey, as a line to each terminal of the box that is the
 * owner's; one that takes nothing now (stopped, or nobody reads) is passed over. pidfd: the box's init.
 */
int terminals_tell(int pidfd, const struct record *record, const char *text, int64_t deadline, struct fail *f);

#endif
