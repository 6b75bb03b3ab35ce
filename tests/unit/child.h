/* SPDX-License-Identifier: MIT */
/* runs as: root. For tests: a process of the test's own, and a record that is its. */
#ifndef NSBOX_UNIT_CHILD_H
#define NSBOX_UNIT_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "helper/process.h"
#include "tests/unit/record.h"
#include "tests/unit/unit.h"

/* A copy of this process that dies with it; 0 in the copy. */
static inline pid_t child_start(void)
{
	pid_t parent = getpid(), pid = fork();

	assert_true(pid >= 0);
	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
		_exit(1);
	return pid;
}

static inline pid_t child_that_waits(void)
{
	pid_t pid = child_start();

	while (pid == 0)
		(void)pause();
	return pid;
}

/* Kills it; a zombie stays if not reaped. */
static inline void child_end(pid_t pid, bool reap)
{
	siginfo_t info;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | (reap ? 0 : WNOWAIT)), 0);
}

static inline struct record record_of(int proc, unsigned number, pid_t pid)
{
	struct record r = good_record(number);
	struct fail f = { 0 };

	r.pid = pid;
	GOOD(process_start(proc, pid, &r.start, &f));
	GOOD(process_namespace(proc, pid, "user", &r.userns, &f));
	return r;
}

#endif
