/* SPDX-License-Identifier: MIT */
/* runs as: root, in the stand-in for the helper. A box with nothing in it but the namespaces. */
#ifndef NSBOX_TESTS_FAKE_BOX_H
#define NSBOX_TESTS_FAKE_BOX_H

#include <stdbool.h>

#include "helper/wire.h"

/* What the test reads: the pid of the box's init, and what was written to its cgroup.procs. */
#define FAKE_INIT "/run/fake-init"
#define FAKE_CGROUP "/run/fake-cgroup"

/* Of the host, that lead into it. */
#define FAKE_PORTS "20000-20009,8080"

/* The box's uid 0 is this one of the host's; 65536 follow it. */
enum { FAKE_BASE = 2000000000 };

/* Makes one, whose init is dead or alive, and answers with it. 0 or -1. */
int fake_box(bool dead, enum filter filter);

#endif
