/* SPDX-License-Identifier: MIT */
/* runs as: root, on the host, one for each box. Waits for the box's init and has its remains collected. */

/*
 * nsbox-sweep UID. It is the parent of init and there is nothing else it knows: it waits, and then becomes
 * `nsbox-helper gc UID`. If it is killed the next open of the user collects instead.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "paths.h"

int main(int argc, char **argv)
{
	char *none[] = { NULL };
	char *collect[] = { (char[]){ "nsbox-helper" }, (char[]){ "gc" }, argc == 2 ? argv[1] : NULL, NULL };
	siginfo_t gone;
	sigset_t mask;

	if (argc != 2)
		return 2;
	(void)sigfillset(&mask);
	if (sigprocmask(SIG_SETMASK, &mask, NULL) != 0)
		return 1;
	/* __WALL: init may have been cloned without a signal for its parent. */
	while (waitid(P_ALL, 0, &gone, WEXITED | __WALL) == 0 || errno == EINTR)
		;
	(void)sigemptyset(&mask);
	if (sigprocmask(SIG_SETMASK, &mask, NULL) != 0)
		return 1;
	(void)execve(NSBOX_HELPER, collect, none);
	return 1;
}
