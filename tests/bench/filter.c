/* SPDX-License-Identifier: MIT */
/*
 * runs as: anyone. What a seccomp filter of ours costs: medians of what attaching it takes, in microseconds, and of one call
 * that it allows and of one that it looks at, in nanoseconds.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/filter.h"
#include "tests/bench/clock.h"

enum { ROUNDS = 101, CALLS = 50000 };

struct sample {
	double attach, call, judged;
};

/* The fastest of some, for what interrupts it is not the filter. */
static double each_ns(long number, long second)
{
	double best = 1e9;

	for (int turn = 0; turn < 5; turn++) {
		double began = clock_us();

		for (int i = 0; i < CALLS / 5; i++)
			(void)syscall(number, -1, second);
		began = (clock_us() - began) * 1e3 / (CALLS / 5);
		best = began < best ? began : best;
	}
	return best;
}

static void measure(enum filter filter, int to)
{
	struct fail f = { 0 };
	struct sample s = { 0 };
	double began;

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
	began = clock_us();
	must(filter_apply(filter, &f) == 0, f.text);
	s.attach = clock_us() - began;
	s.call = each_ns(SYS_getppid, 0);
	s.judged = each_ns(SYS_ioctl, TCGETS);
	must(write(to, &s, sizeof s) == (ssize_t)sizeof s, "write");
}

static struct sample once(enum filter filter)
{
	struct sample s = { 0 };
	int ends[2];
	pid_t pid;

	must(pipe(ends) == 0, "pipe");
	pid = fork();
	if (pid == 0) {
		measure(filter, ends[1]);
		_exit(0);
	}
	must(read(ends[0], &s, sizeof s) == (ssize_t)sizeof s, "read");
	must(waitpid(pid, NULL, 0) == pid, "waitpid");
	(void)close(ends[0]);
	(void)close(ends[1]);
	return s;
}

int main(void)
{
	static const char *const names[] = { "off", "default", "nested" };
	static double attach[ROUNDS], call[ROUNDS], judged[ROUNDS];

	for (int kind = FILTER_OFF; kind < FILTERS; kind++) {
		for (int i = 0; i < ROUNDS; i++) {
			struct sample s = once((enum filter)kind);

			attach[i] = s.attach, call[i] = s.call, judged[i] = s.judged;
		}
		(void)printf("%-8s attach %6.1f us   getppid %6.1f ns   ioctl %6.1f ns\n", names[kind],
			     median_us(attach, ROUNDS), median_us(call, ROUNDS), median_us(judged, ROUNDS));
	}
	return 0;
}
