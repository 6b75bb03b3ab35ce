/* SPDX-License-Identifier: MIT */
/*
 * runs as: root, in the disposable host. What `nssh -- CMD` is measured against: into the namespaces of a process,
 * and a command there.
 *
 *   bare-enter PID PROGRAM [WORD...]
 */
#include <sched.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/clock.h"

int main(int argc, char **argv)
{
	int pidfd, status = -1;
	pid_t pid;

	must(argc > 2, "bare-enter PID PROGRAM...");
	pidfd = pidfd_open(atoi(argv[1]), 0);
	must(pidfd >= 0, "pidfd_open");
	must(setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
				  CLONE_NEWCGROUP) == 0,
	     "setns");
	pid = vfork();
	if (pid == 0) {
		(void)execv(argv[2], argv + 2);
		_exit(127);
	}
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
