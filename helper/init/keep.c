/* SPDX-License-Identifier: MIT */
/* runs as: root, on a host with systemd, one for all. Keeps the cgroup of nsbox.service, by being in it. */

/*
 * nsbox-keep. systemd removes the cgroup of a service in which no process is left, and with it the place where boxes
 * go; this is the process. It does nothing until it is ended, which ends no box.
 */
#include "helper/init/powerless.h"
#include "helper/init/start.h"
#include "helper/init/sys.h"

void start(const long *stack)
{
	(void)stack;
	become_powerless();
	for (;;)
		(void)sys(SYS_ppoll, 0, 0, 0, 0, 0);
}
