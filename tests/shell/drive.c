/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh under test, on terminals and pipes of ours. See tests/shell/run. */
#include "tests/shell/drive.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "conf/fd.h"

enum { NOBODY = 65534 };

static void terminal(struct run *run)
{
	char name[64];
	struct winsize size = { .ws_row = 33, .ws_col = 77 };

	run->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(run->master >= 0);
	assert_int_equal(grantpt(run->master), 0);
	assert_int_equal(unlockpt(run->master), 0);
	assert_int_equal(ptsname_r(run->master, name, sizeof name), 0);
	run->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(run->slave >= 0);
	assert_int_equal(ioctl(run->master, TIOCSWINSZ, &size), 0);
}

static void place(enum kind kind, int fd, int slave, int theirs)
{
	switch (kind) {
	case TERMINAL:
		(void)dup2(slave, fd);
		break;
	case PIPE:
		(void)dup2(theirs, fd);
		break;
	case CLOSED:
		(void)close(fd);
		break;
	case NOTHING:
		(void)dup2(open("/dev/null", O_RDWR), fd);
		break;
	}
}

bool is_raw(int slave)
{
	struct termios modes;

	return tcgetattr(slave, &modes) == 0 && (modes.c_lflag & (ICANON | ECHO | ISIG)) == 0;
}

/*
 * Stands in for that shell: continues a job that was stopped once, by SIGTSTP and with the terminal as it was. Ends as the
 * job does, or with 98 if anything was not so.
 */
static void be_shell(enum job job, int slave, bool stops)
{
	bool stopped = false;
	int status;
	pid_t pid;

	(void)signal(SIGTTOU, SIG_IGN);
	pid = fork();
	if (pid < 0)
		_exit(98); /* -1 would be everybody to kill(2) */
	if (pid == 0) {
		(void)setpgid(0, 0);
		if (job == FOREGROUND)
			(void)tcsetpgrp(slave, getpid());
		(void)signal(SIGTTOU, SIG_DFL);
		return;
	}
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		if (stopped || WSTOPSIG(status) != SIGTSTP || is_raw(slave))
			_exit(98);
		stopped = true;
		(void)usleep(50000);
		(void)kill(-pid, SIGCONT);
	}
	_exit(WIFEXITED(status) && stopped == stops ? WEXITSTATUS(status) : 98);
}

struct run start(enum job job, bool stops, const enum kind kinds[3], const char *const *argv)
{
	struct run run = { .master = -1, .slave = -1, .in = -1, .out = -1, .err = -1 };
	int pipes[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };

	terminal(&run);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pipe2(pipes[i], O_CLOEXEC), 0);
	run.pid = fork();
	assert_true(run.pid >= 0);
	if (run.pid == 0) {
		(void)setsid();
		(void)ioctl(run.slave, TIOCSCTTY, 0);
		if (job != LEADER)
			be_shell(job, run.slave, stops);
		place(kinds[0], 0, run.slave, pipes[0][0]);
		place(kinds[1], 1, run.slave, pipes[1][1]);
		place(kinds[2], 2, run.slave, pipes[2][1]);
		if (getenv("AS_NOBODY") != NULL && (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
			_exit(99);
		(void)execv(getenv("NSSH"), (char *const *)(uintptr_t)argv);
		_exit(99);
	}
	(void)close(pipes[0][0]);
	(void)close(pipes[1][1]);
	(void)close(pipes[2][1]);
	run.in = pipes[0][1];
	run.out = pipes[1][0];
	run.err = pipes[2][0];
	return run;
}

int finish(struct run *run)
{
	int status;

	assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
	fd_close(&run->master);
	fd_close(&run->slave);
	fd_close(&run->in);
	fd_close(&run->out);
	fd_close(&run->err);
	return status;
}

bool ended(const struct run *run, bool now)
{
	siginfo_t info = { .si_pid = 0 };

	assert_int_equal(waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOWAIT | (now ? WNOHANG : 0)), 0);
	return info.si_pid == run->pid;
}

bool expect(int fd, const char *text, char got[TEXT])
{
	int64_t deadline = clock_ms() + 5000;
	size_t n = 0;

	got[0] = '\0';
	while (strstr(got, text) == NULL) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		ssize_t more;

		if (n + 1 >= TEXT || poll(&ready, 1, deadline_left(deadline)) != 1)
			return false;
		more = read(fd, got + n, TEXT - 1 - n);
		if (more <= 0)
			return false;
		n += (size_t)more;
		got[n] = '\0';
	}
	return true;
}

bool becomes(const struct run *run, bool raw)
{
	int64_t deadline = clock_ms() + 5000;

	while (is_raw(run->slave) != raw)
		if (deadline_nap(deadline, 5) < 0)
			return false;
	return true;
}

void assert_exit(int status, int code)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

/* The bytes of a test stream: every value, at no even period. */
static char byte_at(size_t i)
{
	return (char)((i * 31 + i / 251) & 0xff);
}

void round_trip(int *in, int out)
{
	static char buffer[65536];
	size_t put = 0;
	size_t got = 0;

	assert_int_equal(fcntl(*in, F_SETFL, O_NONBLOCK), 0);
	while (got < BIG) {
		struct pollfd polls[] = { { .fd = put < BIG ? *in : -1, .events = POLLOUT }, { .fd = out, .events = POLLIN } };

		assert_true(poll(polls, 2, 10000) > 0);
		if (polls[0].revents != 0) {
			size_t n = BIG - put < sizeof buffer ? BIG - put : sizeof buffer;

			for (size_t i = 0; i < n; i++)
				buffer[i] = byte_at(put + i);

			ssize_t done = write(*in, buffer, n);

			if (done < 0)
				assert_int_equal(errno, EAGAIN);
			else
				put += (size_t)done;
			if (put == BIG && *in != out)
				fd_close(in);
		}
		if (polls[1].revents != 0) {
			ssize_t done = read(out, buffer, sizeof buffer);

			assert_true(done > 0);
			for (ssize_t i = 0; i < done; i++)
				if (buffer[i] != byte_at(got + (size_t)i))
					assert_int_equal(got + (size_t)i, -1); /* shows which byte */
			got += (size_t)done;
		}
	}
}

static void name_file(char path[256])
{
	(void)snprintf(path, 256, "%s/name", getenv("INSIDE"));
}

int enter_box(void **state)
{
	char path[256];
	FILE *out;

	(void)state;
	name_file(path);
	out = fopen(path, "w");
	if (out == NULL)
		return -1;
	(void)fputs("ada-1\n", out);
	return fclose(out);
}

int leave_box(void **state)
{
	char path[256];

	(void)state;
	name_file(path);
	return unlink(path);
}
