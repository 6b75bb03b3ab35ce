/* SPDX-License-Identifier: MIT */
/* runs as: root. How long nothing was typed or shown on the terminals of a live box. */
#ifndef NSBOX_IDLE_H
#define NSBOX_IDLE_H

#include <stdint.h>

#include "conf/fail.h"
#include "helper/record.h"

/*
 * Sets *seconds to the time since the newest access or change of a terminal of the box, which the kernel keeps to
 * eight seconds. pidfd: its init. Returns 1, 0 if there is no terminal, -1.
 */
int idle_of(int proc, int pidfd, const struct record *record, uint64_t *seconds, struct fail *f);

#endif
