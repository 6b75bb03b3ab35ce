/* SPDX-License-Identifier: MIT */
/* runs as: root. The AppArmor profile of nsbox-helper, for what must not keep it. */
#ifndef NSBOX_APPARMOR_H
#define NSBOX_APPARMOR_H

#include "conf/fail.h"

/*
 * The calling thread leaves the profile that apparmor/nsbox gives to nsbox-helper, if it is in it: what it becomes
 * belongs to a user. Has to come before no_new_privs, with which the kernel refuses it, and before the host's /proc
 * behind the descriptor proc is out of reach. Where AppArmor is not in use, or the profile not loaded, nothing
 * happens.
 */
int apparmor_leave(int proc, struct fail *f);

#endif
