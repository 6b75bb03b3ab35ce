/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --stat: what users and their boxes use, against what they may. */
#ifndef NSBOX_STAT_H
#define NSBOX_STAT_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"

/*
 * Prints a line of key=value fields for each live box and for each user who has one on standard output: level=box or
 * level=user, whose it is, clock_usec (a clock that counts microseconds, for rates between two calls), and what
 * helper/measure.h has. Takes no lock.
 */
int stat_print(uid_t uid, bool everybody, struct fail *f);

#endif
