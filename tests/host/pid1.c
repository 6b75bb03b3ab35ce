/* SPDX-License-Identifier: MIT */
/* runs as: root, PID 1 of the disposable host. Starts its services and reaps. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void start(char **command)
{
	if (fork() != 0)
		return;
	setsid();
	execv(command[0], command);
	_exit(127);
}

/* A PID 1 that exits takes all its processes along, so it never does: whoever wants the end kills it. */
int main(int argc, char **argv)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (argc > 1)
		start(argv + 1);
	closefrom(3);
	sigprocmask(SIG_BLOCK, &child, NULL);
	for (;;) {
		int signal;

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		sigwait(&child, &signal);
	}
}
