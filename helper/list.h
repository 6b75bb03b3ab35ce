/* SPDX-License-Identifier: MIT */
/* runs as: root. Over the boxes of a user, or of all users. */
#ifndef NSBOX_LIST_H
#define NSBOX_LIST_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"

/* Prints a line of key=value fields a live box on standard output. */
int list_print(uid_t uid, bool everybody, struct fail *f);

/* Collects what dead boxes left; with force also ends boxes whose records cannot be read. */
int list_collect(uid_t uid, bool everybody, bool force, struct fail *f);

#endif
