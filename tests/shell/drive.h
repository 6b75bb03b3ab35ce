/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh under test, on terminals and pipes of ours. See tests/shell/run. */
#ifndef TESTS_DRIVE_H
#define TESTS_DRIVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
/* cmocka wants the first three, and stdint.h, before itself */
#include <cmocka.h>

#undef fail /* cmocka's; ours has other arguments */

enum { BIG = 10 << 20, TEXT = 8192 };

/* nssh under test, its ends of three descriptors, and what they are. */
struct run {
	pid_t pid;
	int master; /* of the outer terminal; -1: none */
	int slave;  /* kept open, to look at its modes */
	int in;     /* where we write what it reads; -1: not a pipe */
	int out;
	int err;
};

enum kind { TERMINAL, PIPE, CLOSED, NOTHING };

/* How nssh is started: as the session's leader, or by a shell with job control. */
enum job { LEADER, FOREGROUND, BACKGROUND };

/* With AS_NOBODY in the environment, if we are root: as that user. */
struct run start(enum job job, bool stops, const enum kind kinds[3], const char *const *argv);

/* With three kinds and the arguments; START_AS with argv[0] before those. */
#define START(...) START_JOB(LEADER, false, __VA_ARGS__)
#define START_JOB(job, stops, k0, k1, k2, ...) START_ALL(job, stops, k0, k1, k2, "nssh", __VA_ARGS__)
#define START_AS(k0, k1, k2, ...) START_ALL(LEADER, false, k0, k1, k2, __VA_ARGS__)
#define START_ALL(job, stops, k0, k1, k2, ...) \
	start(job, stops, (enum kind[]){ k0, k1, k2 }, (const char *[]){ __VA_ARGS__, NULL })

/* Waits for the end, closes all, and returns the wait status. */
int finish(struct run *run);

/* Waits for the end but leaves it for finish. False with now: it has not come yet. */
bool ended(const struct run *run, bool now);

/* Reads until text has come, for at most 5 s; what came is in got. */
bool expect(int fd, const char *text, char got[TEXT]);

/* Waits until the outer terminal is raw, or is not; at most 5 s. */
bool is_raw(int slave);
bool becomes(const struct run *run, bool raw);

void assert_exit(int status, int code);

/* Writes BIG bytes to in (as fast as it is taken) and compares what comes out of out. */
void round_trip(int *in, int out);

/* From now on nssh is in the box ada-1, with others beside it; and on the host again. For setup and teardown. */
int enter_box(void **state);
int leave_box(void **state);

/* The tests by what they are about. A list ends with an empty one. */
extern const struct CMUnitTest relay_tests[], tell_tests[], hop_tests[], login_tests[];

#endif
