/* SPDX-License-Identifier: MIT */
/* runs as: root. Tells the user of a box which limit ended a process or refused one. */
#ifndef NSBOX_TELL_H
#define NSBOX_TELL_H

#include <stddef.h>
#include <sys/types.h>

#include "conf/fail.h"
#include "helper/kmsg.h"

enum { TELL_TEXT = 400, TELL_NAMES = 3 };

/*
 * If the kernel has counted something against box number of uid that was not told yet, says so in a line on the box's
 * terminals and in the log. That a process was refused is told at most once a minute. Where processes are killed
 * again and again, not all are named. The box may have ended.
 */
int tell(uid_t uid, unsigned number, struct fail *f);

/*
 * The sentence for count killed processes, of which n (at most TELL_NAMES) are known by name, and the words of the
 * log; limit is the user's as in nsbox.conf ("512M"), "none" if they have none.
 */
void tell_kills(uint64_t count, const struct kmsg_kill *kills, int n, const char *limit, char text[TELL_TEXT],
		char words[TELL_TEXT]);

#endif
