/* SPDX-License-Identifier: MIT */
/* runs as: root. Kills what is in a cgroup. */
#ifndef NSBOX_CGROUP_KILL_H
#define NSBOX_CGROUP_KILL_H

#include "conf/fail.h"

/* Sends SIGKILL to every process that is in the cgroup now. What is forked meanwhile takes another call. */
int cgroup_kill(int directory, struct fail *f);

#endif
