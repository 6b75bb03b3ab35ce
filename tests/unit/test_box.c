/* SPDX-License-Identifier: MIT */
/* runs as: root. A live box: its init's identity, its lease and its tether, with a child in init's place. */
#include "tests/unit/child.h"

#include <errno.h>
#include <poll.h>

#include "helper/box.h"

enum { SOON = 5000 };

/* What a stand-in for init does with its lease. */
enum conduct { ANSWERS, IS_BUSY, CLOSES_WHEN_ASKED, HAS_NO_LEASE, HAS_A_WRITE_END, HAS_A_DEVICE };

struct stand_in {
	int proc, pidfd;
	int keep;  /* write end: it does not end by itself while we have this */
	pid_t pid;
	struct record record;
	int before; /* open descriptors, all these included */
};

static void answer(void)
{
	char byte;

	while (read(INIT_LEASE, &byte, 1) == 1)
		;
	_exit(0);
}

static void close_when_asked(void)
{
	struct pollfd lease = { .fd = INIT_LEASE, .events = POLLIN };

	(void)poll(&lease, 1, -1);
	(void)close(INIT_LEASE);
	for (;;)
		(void)pause();
}

/* Has its descriptors where init has them and nothing else open. */
static void live(enum conduct conduct, int lease, int tether, int ready)
{
	int device = conduct == HAS_A_DEVICE ? open("/dev/null", O_RDWR) : -1;

	/* Up out of the way first, as one may be another's place. */
	lease = fcntl(conduct == HAS_A_DEVICE ? device : lease, F_DUPFD, 20);
	tether = fcntl(tether, F_DUPFD, 20);
	ready = fcntl(ready, F_DUPFD, 20);
	if (dup2(lease, INIT_LEASE) < 0 || dup2(tether, INIT_TETHER) < 0 || dup2(ready, INIT_SYNC) < 0)
		_exit(1);
	closefrom(INIT_SYNC + 1);
	if (conduct == HAS_NO_LEASE)
		(void)close(INIT_LEASE);
	if (write(INIT_SYNC, "r", 1) != 1)
		_exit(1);
	(void)close(INIT_SYNC);
	if (conduct == ANSWERS)
		answer();
	if (conduct == CLOSES_WHEN_ASKED)
		close_when_asked();
	for (;;)
		(void)pause();
}

static void start(enum conduct conduct, struct stand_in *s)
{
	int lease[2], tether[2], ready[2];
	char byte;
	struct fail f = { 0 };

	assert_int_equal(pipe2(lease, O_CLOEXEC), 0);
	assert_int_equal(pipe2(tether, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	s->pid = child_start();
	if (s->pid == 0)
		live(conduct, lease[conduct == HAS_A_WRITE_END ? 1 : 0], tether[1], ready[1]);
	fd_close(&lease[0]);
	fd_close(&tether[0]);
	fd_close(&tether[1]);
	fd_close(&ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	fd_close(&ready[0]);
	s->keep = lease[1];
	s->proc = process_open_proc(&f);
	s->record = record_of(s->proc, 1, s->pid);
	s->pidfd = box_pidfd(s->proc, &s->record, &f);
	if (s->pidfd < 0)
		flunk("%s\n", f.text);
	s->before = count_fds();
}

static void stop(struct stand_in *s)
{
	assert_int_equal(count_fds(), s->before);
	child_end(s->pid, true);
	fd_close(&s->keep);
	fd_close(&s->pidfd);
	fd_close(&s->proc);
}

static void no_lease(const struct stand_in *s, int code)
{
	struct fail f = { 0 };

	assert_int_equal(box_lease(s->proc, s->pidfd, &s->record, &f), -1);
	assert_int_equal(f.code, code);
	assert_int_equal(f.plain[0] != '\0', code == ETIMEDOUT);
	assert_non_null(strstr(f.text, "ada-1"));
	assert_int_equal(count_fds(), s->before);
}

static void lease__of_an_init_that_answers_keeps_it_alive(void **state)
{
	struct stand_in s;
	struct fail f = { 0 };

	(void)state;
	start(ANSWERS, &s);

	int first = box_lease(s.proc, s.pidfd, &s.record, &f);
	int second = box_lease(s.proc, s.pidfd, &s.record, &f);

	assert_true(first >= 0 && second >= 0);
	assert_int_equal(fcntl(first, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(first, F_GETFL) & O_ACCMODE, O_WRONLY);
	fd_close(&s.keep);
	fd_close(&first);
	assert_int_equal(process_wait_ended(s.pidfd, clock_ms() + 50), -1);
	fd_close(&second);
	assert_int_equal(process_wait_ended(s.pidfd, clock_ms() + SOON), 0);
	s.before--;
	no_lease(&s, ESRCH);
	stop(&s);
}

static void freeze(const struct stand_in *s)
{
	siginfo_t info;

	assert_int_equal(kill(s->pid, SIGSTOP), 0);
	assert_int_equal(waitid(P_PID, (id_t)s->pid, &info, WSTOPPED), 0);
}

static void lease__of_a_stopped_init_is_given_up_soon(void **state)
{
	struct stand_in s;
	struct fail f = { 0 };
	int64_t began;

	(void)state;
	start(ANSWERS, &s);
	freeze(&s);
	began = clock_ms();
	no_lease(&s, EOWNERDEAD);
	assert_in_range(clock_ms() - began, 1000, 3000);
	assert_int_equal(kill(s.pid, SIGCONT), 0);

	OWN_FD int lease = box_lease(s.proc, s.pidfd, &s.record, &f);

	assert_true(lease >= 0);
	fd_close(&lease);
	stop(&s);
}

static void lease__of_a_busy_init_is_waited_for_longer(void **state)
{
	struct stand_in s;
	int64_t began;

	(void)state;
	start(IS_BUSY, &s);
	began = clock_ms();
	no_lease(&s, ETIMEDOUT);
	assert_in_range(clock_ms() - began, 5000, 8000);
	stop(&s);
}

/* Somebody else's bytes are in the way: init is as alive as before. */
static void lease__with_a_full_pipe_is_not_taken_for_the_end(void **state)
{
	static const char bytes[4096];
	struct stand_in s;
	struct fail f = { 0 };

	(void)state;
	start(ANSWERS, &s);
	freeze(&s);
	assert_int_equal(fcntl(s.keep, F_SETFL, O_NONBLOCK), 0);
	while (write(s.keep, bytes, sizeof bytes) > 0)
		;
	no_lease(&s, EOWNERDEAD);
	assert_int_equal(kill(s.pid, SIGCONT), 0);

	OWN_FD int lease = box_lease(s.proc, s.pidfd, &s.record, &f);

	assert_true(lease >= 0);
	fd_close(&lease);
	stop(&s);
}

static void lease__of_an_init_that_closes_it_unread_is_none(void **state)
{
	struct stand_in s;

	(void)state;
	start(CLOSES_WHEN_ASKED, &s);
	no_lease(&s, ESRCH);
	no_lease(&s, ESRCH);
	stop(&s);
}

static void lease__of_an_init_without_one_is_none(void **state)
{
	struct stand_in s;

	(void)state;
	start(HAS_NO_LEASE, &s);
	no_lease(&s, ESRCH);
	stop(&s);
}

static void lease__that_nobody_reads_is_none(void **state)
{
	struct stand_in s;

	(void)state;
	start(HAS_A_WRITE_END, &s);
	no_lease(&s, ESRCH);
	stop(&s);
}

static void lease__that_is_no_pipe_is_an_error(void **state)
{
	struct stand_in s;

	(void)state;
	start(HAS_A_DEVICE, &s);
	no_lease(&s, ENOTTY);
	stop(&s);
}

static void box__of_an_ended_init_has_neither_pidfd_nor_lease_nor_tether(void **state)
{
	struct stand_in s;
	struct fail f = { 0 };

	(void)state;
	start(ANSWERS, &s);
	child_end(s.pid, false);
	no_lease(&s, ESRCH);
	assert_int_equal(box_tether(s.proc, s.pidfd, &s.record, &f), -1);
	assert_int_equal(f.code, ESRCH);
	assert_int_equal(box_pidfd(s.proc, &s.record, &f), -1);
	assert_int_equal(f.code, ESRCH);
	stop(&s);
	assert_int_equal(s.pidfd, -1);
}

static void tether__ends_with_init(void **state)
{
	struct stand_in s;
	struct fail f = { 0 };
	char byte;

	(void)state;
	start(ANSWERS, &s);

	OWN_FD int tether = box_tether(s.proc, s.pidfd, &s.record, &f);
	struct pollfd end = { .fd = tether, .events = POLLIN };

	assert_true(tether >= 0);
	assert_int_equal(fcntl(tether, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(tether, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(poll(&end, 1, 0), 0);
	child_end(s.pid, false);
	assert_int_equal(poll(&end, 1, SOON), 1);
	assert_int_equal(read(tether, &byte, 1), 0);
	fd_close(&tether);
	stop(&s);
}

static void pidfd__is_of_the_recorded_process_only(void **state)
{
	struct stand_in s;
	struct record other;
	struct fail f = { 0 };

	(void)state;
	start(ANSWERS, &s);
	other = s.record;
	other.start--;
	assert_int_equal(box_pidfd(s.proc, &other, &f), -1);
	assert_int_equal(f.code, ESRCH);
	other = s.record;
	other.userns ^= 1;
	assert_int_equal(box_pidfd(s.proc, &other, &f), -1);
	assert_int_equal(f.code, ESRCH);
	other = s.record;
	other.pid = getpid();
	assert_int_equal(box_pidfd(s.proc, &other, &f), -1);
	assert_int_equal(f.code, ESRCH);
	stop(&s);
}

/* The name of a process is its own choice, and field 2 of stat shows it raw. */
static void pidfd__is_found_behind_a_name_full_of_brackets(void **state)
{
	struct record before, after;
	struct fail f = { 0 };
	OWN_FD int proc = process_open_proc(&f);
	char name[16];

	(void)state;
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	before = record_of(proc, 1, getpid());
	assert_int_equal(prctl(PR_SET_NAME, ") R 1 (x) 2 ) 3"), 0);
	after = record_of(proc, 1, getpid());
	assert_true(before.start == after.start);
	assert_int_equal(prctl(PR_SET_NAME, name), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lease__of_an_init_that_answers_keeps_it_alive),
		cmocka_unit_test(lease__of_a_stopped_init_is_given_up_soon),
		cmocka_unit_test(lease__of_a_busy_init_is_waited_for_longer),
		cmocka_unit_test(lease__with_a_full_pipe_is_not_taken_for_the_end),
		cmocka_unit_test(lease__of_an_init_that_closes_it_unread_is_none),
		cmocka_unit_test(lease__of_an_init_without_one_is_none),
		cmocka_unit_test(lease__that_nobody_reads_is_none),
		cmocka_unit_test(lease__that_is_no_pipe_is_an_error),
		cmocka_unit_test(box__of_an_ended_init_has_neither_pidfd_nor_lease_nor_tether),
		cmocka_unit_test(tether__ends_with_init),
		cmocka_unit_test(pidfd__is_of_the_recorded_process_only),
		cmocka_unit_test(pidfd__is_found_behind_a_name_full_of_brackets),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* the helper blocks all signals */
	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
