/* SPDX-License-Identifier: MIT */
/* runs as: root, on the host, one for each box. Waits for the box's init and has its remains collected. */

/*
 * nsbox-sweep UID. It is the parent of init and there is nothing else it knows: it waits, and then becomes
 * `nsbox-helper gc UID`. If it is killed the next open of the user collects instead.
 */
#include "helper/init/sys.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>

#include "places.h"

static long block_signals(uint64_t mask)
{
	return sys(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0);
}

/* __WALL: init may have been cloned without a signal for its parent. */
static void wait_for_children(void)
{
	long result;

	do
		result = sys(SYS_waitid, P_ALL, 0, 0, WEXITED | __WALL, 0);
	while (result == 0 || result == -EINTR);
}

void start(const long *stack)
{
	const char *collect[] = { "nsbox-helper", "gc", arg(stack, 1), (char *)0 };
	const char *none[] = { (char *)0 };

	if (arg_count(stack) != 2)
		sys_exit(2);
	if (block_signals(UINT64_MAX) != 0)
		sys_exit(1);
	wait_for_children();
	if (block_signals(0) != 0)
		sys_exit(1);
	(void)sys(SYS_execve, (long)NSBOX_HELPER, (long)collect, (long)none, 0, 0);
	sys_exit(1);
}
