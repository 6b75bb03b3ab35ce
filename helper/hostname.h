/* SPDX-License-Identifier: MIT */
/* runs as: root. The host name of a box. */
#ifndef NSBOX_HOSTNAME_H
#define NSBOX_HOSTNAME_H

#include <stddef.h>

#include "conf/fail.h"

/*
 * Makes it of the key hostname, "%u.%h": %u the user, %h the host's name up to its first dot. What does not fit is
 * cut.
 */
int hostname_make(const char *pattern, const char *user, char *out, size_t size, struct fail *f);

#endif
