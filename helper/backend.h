/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. What control groups boxes live in, for `nssh --check`. */
#ifndef NSBOX_BACKEND_H
#define NSBOX_BACKEND_H

#include <stdbool.h>

#include "conf/fail.h"

/*
 * Prints one line: version=1|2 service=yes|no place=PATH controllers=pids,... missing=memory_high,...
 * place is the cgroup that holds all others, with CONTROLLER in it where each has one; missing are the keys of
 * nsbox.conf that cannot be enforced, "-" if there are none. Fails as a login would where there is no such cgroup.
 * make: one that is not there yet is made. Otherwise its controllers count as having all their files.
 */
int backend_print(bool make, struct fail *f);

#endif
