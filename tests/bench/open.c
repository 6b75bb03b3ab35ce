/* SPDX-License-Identifier: MIT */
/*
 * runs as: root, in the disposable host. Opens boxes as pam_nsbox does, and times it.
 *
 *   open ROUNDS PROGRAM [WORD...] [-- PROGRAM [WORD...]]...
 *       the programs in turn, so that all meet the same load; prints the median of each in microseconds, and the fastest
 *   open hold BOXES PROGRAM [WORD...]
 *       opens so many, prints "up" and holds them until standard input ends
 *
 * A PROGRAM is one that answers on descriptor WIRE_FD: nsbox-helper, or bare-open.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/wire.h"
#include "tests/bench/clock.h"

enum { PROGRAMS = 4, SAMPLES = 1000, ANSWER_MS = 15000, PAUSE_US = 30000 };

static void execute(char **words, int socket) __attribute__((noreturn));
static void execute(char **words, int socket)
{
	static char *const nothing[] = { NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int end = fcntl(socket, F_DUPFD_CLOEXEC, 64);

	(void)dup2(null, 0);
	(void)dup2(null, 1); /* 2 stays: what goes wrong should be read */
	(void)dup2(end, WIRE_FD);
	(void)close_range(WIRE_FD + 1, 63, 0);
	(void)execve(words[0], words, nothing);
	_exit(126);
}

/* Until the answer is here. Its descriptors are the caller's. */
static double open_one(char **words, int fds[WIRE_FDS])
{
	struct fail f = { 0 };
	struct answer a;
	int ends[2];
	double began, took;
	pid_t pid;

	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
	began = clock_us();
	pid = fork();
	if (pid == 0)
		execute(words, ends[1]);
	(void)close(ends[1]);
	if (wire_receive(ends[0], clock_ms() + ANSWER_MS, &a, fds, &f) < 0) {
		(void)fprintf(stderr, "%s: %s\n", words[0], f.text);
		exit(1);
	}
	took = clock_us() - began;
	if (a.kind != ANSWER_BOXED) {
		(void)fprintf(stderr, "%s: no box: %s\n", words[0], a.text);
		exit(1);
	}
	(void)close(ends[0]);
	must(waitpid(pid, NULL, 0) == pid, "waitpid");
	return took;
}

/* The box, and all that collects what it left: as the reaper of orphans we see the last of them go. */
static void end_one(int fds[WIRE_FDS])
{
	for (int i = 0; i < WIRE_FDS; i++)
		fd_close(&fds[i]);
	while (waitpid(-1, NULL, 0) > 0)
		;
	/* The kernel takes network namespaces down behind our back. */
	(void)usleep(PAUSE_US);
}

static int hold(int boxes, char **words)
{
	int fds[WIRE_FDS];
	char byte;

	for (int i = 0; i < boxes; i++)
		(void)open_one(words, fds);
	(void)puts("up");
	(void)fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}

static int split(int argc, char **argv, char **programs[PROGRAMS])
{
	int n = 0;

	programs[n++] = argv;
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--") == 0 && n < PROGRAMS) {
			argv[i] = NULL;
			programs[n++] = &argv[i + 1];
		}
	return n;
}

int main(int argc, char **argv)
{
	static double samples[PROGRAMS][SAMPLES];
	char **programs[PROGRAMS];
	int fds[WIRE_FDS], rounds, n;

	must(argc > 2, "open ROUNDS PROGRAM...");
	must(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0, "PR_SET_CHILD_SUBREAPER");
	if (strcmp(argv[1], "hold") == 0)
		return hold(atoi(argv[2]), argv + 3);
	rounds = atoi(argv[1]);
	must(rounds > 0 && rounds <= SAMPLES, "rounds");
	n = split(argc - 2, argv + 2, programs);
	/* The first of each finds cold caches. */
	for (int round = -1; round < rounds; round++)
		for (int p = 0; p < n; p++) {
			double took = open_one(programs[p], fds);

			end_one(fds);
			if (round >= 0)
				samples[p][round] = took;
		}
	for (int p = 0; p < n; p++) {
		double median = median_us(samples[p], rounds);

		(void)printf("%.0f %.0f\n", median, samples[p][0]);
	}
	return 0;
}
