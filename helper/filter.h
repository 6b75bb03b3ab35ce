/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and nsbox-helper. The seccomp filters of what enters a box. */
#ifndef NSBOX_FILTER_H
#define NSBOX_FILTER_H

#include "conf/fail.h"

/* Which one a box has, from its first process on. Numbers of the wire and of records: only ever add to them. */
enum filter {
	FILTER_OFF,
	FILTER_DEFAULT,
	FILTER_NESTED, /* with namespaces, mounts and keyrings */
	FILTERS,
};

/*
 * Attaches it to the calling process, which has one thread and no_new_privs; it stays, over fork and exec, and
 * nothing takes it off. helper/seccomp/calls.def has what it denies.
 */
int filter_apply(enum filter filter, struct fail *f);

#endif
