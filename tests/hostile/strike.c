/* SPDX-License-Identifier: MIT */
/*
 * runs as: a user, in tests. Strikes a program with signals while it runs: strike SIGNALS STEPS MICROSECONDS CMD...
 * The program is started STEPS times, in a session of its own and on an open socket as the helper has it, and is hit
 * a little later than the time before, up to MICROSECONDS; SIGNALS are numbers with commas between, sent one after the
 * other. Prints how often it was hit while it ran.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "helper/wire.h"

static void rest(long microseconds)
{
	const struct timespec t = { microseconds / 1000000, microseconds % 1000000 * 1000 };

	(void)nanosleep(&t, NULL);
}

static pid_t start(char **command, int *socket)
{
	int pair[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd <= 2; fd++)
			(void)dup2(null, fd);
		(void)close(null);
		(void)dup2(pair[1], WIRE_FD);
		(void)setsid();
		(void)execv(command[0], command);
		_exit(126);
	}
	(void)close(pair[1]);
	*socket = pair[0];
	return child;
}

/* The number is the child's as long as it is not waited for. EPERM: it is root's by now. */
static void hit(pid_t child, const char *signals)
{
	while (*signals != '\0') {
		char *end;

		(void)kill(child, (int)strtol(signals, &end, 10));
		signals = *end == ',' ? end + 1 : end;
	}
}

/* Waits for it as long as a box may take; one that is stopped is let go on. False: it hangs. */
static int gone(pid_t child)
{
	for (int i = 0; i < 15000; i++) {
		int status;
		pid_t got = waitpid(child, &status, WNOHANG | WUNTRACED);

		if (got == child && !WIFSTOPPED(status))
			return 1;
		if (got == child)
			(void)kill(child, SIGCONT);
		rest(1000);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int steps = argc > 4 ? atoi(argv[2]) : 0, hits = 0;

	for (int i = 0; i < steps; i++) {
		int socket = -1;
		pid_t child = start(argv + 4, &socket);
		siginfo_t ended = { 0 };

		if (child < 0)
			return 1;
		rest(atol(argv[3]) * i / steps);
		(void)waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT);
		hits += ended.si_pid == 0;
		hit(child, argv[1]);
		(void)close(socket);
		if (!gone(child)) {
			(void)printf("%d hangs\n", child);
			return 1;
		}
	}
	(void)printf("%d of %d\n", hits, steps);
	return hits == 0;
}
