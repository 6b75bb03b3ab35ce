/* SPDX-License-Identifier: MIT */
/* runs as: root. The sizes of a live box's file systems in memory. */
#ifndef NSBOX_RESIZE_H
#define NSBOX_RESIZE_H

#include <stdint.h>

#include "conf/policy.h"
#include "helper/record.h"

/*
 * Gives /tmp, /dev/shm and /run of the box behind pidfd the sizes of the policy, unless they are the host's. One that
 * holds more already is an error that names it.
 */
int resize(int pidfd, const struct record *record, const struct policy *policy, int64_t deadline, struct fail *f);

#endif
