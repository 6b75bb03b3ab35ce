/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh as its users see it, with a helper that has no boxes. See tests/shell/run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above before itself */
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#undef fail /* cmocka's; ours has other arguments */
#include "conf/fd.h"

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

/* How nssh is started: as the session's leader, or by a shell with job control. */
enum job { LEADER, FOREGROUND, BACKGROUND };

static bool is_raw(int slave)
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

static struct run start(enum job job, bool stops, const enum kind kinds[3], const char *const *argv)
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

#define START(...) START_JOB(LEADER, false, __VA_ARGS__)
#define START_JOB(job, stops, k0, k1, k2, ...) start(job, stops, (enum kind[]){ k0, k1, k2 }, (const char *[]){ "nssh", __VA_ARGS__, NULL })

static int finish(struct run *run)
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

/* Waits for the end but leaves it for finish. False with now: it has not come yet. */
static bool ended(const struct run *run, bool now)
{
	siginfo_t info = { .si_pid = 0 };

	assert_int_equal(waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOWAIT | (now ? WNOHANG : 0)), 0);
	return info.si_pid == run->pid;
}

/* Reads until text has come, for at most 5 s; what came is in got. */
static bool expect(int fd, const char *text, char got[TEXT])
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

static bool becomes(const struct run *run, bool raw)
{
	int64_t deadline = clock_ms() + 5000;

	while (is_raw(run->slave) != raw)
		if (deadline_nap(deadline, 5) < 0)
			return false;
	return true;
}

static void assert_exit(int status, int code)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

static void nssh__exits_as_the_command_does(void **state)
{
	struct run run = START(NOTHING, PIPE, PIPE, "--", "sh", "-c", "exit 42");

	(void)state;
	assert_exit(finish(&run), 42);
	run = START(NOTHING, PIPE, PIPE, "-c", "exit 43");
	assert_exit(finish(&run), 43);
	run = START(NOTHING, PIPE, PIPE, "--", "no-such-command");
	assert_exit(finish(&run), 127);
	run = START(NOTHING, PIPE, PIPE, "--", "/etc/passwd");
	assert_exit(finish(&run), 126);
	run = START(TERMINAL, TERMINAL, TERMINAL, "--", "sh", "-c", "exit 44");
	assert_exit(finish(&run), 44);
}

static void nssh__says_what_is_wrong_with_its_own_options(void **state)
{
	static const char *const wrong[] = { "--nonsense", "two words", "a/b-1", "ada", "-1", "ada-", "--json", "--stat=x",
					     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1" };
	char got[TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct run run = START(NOTHING, PIPE, PIPE, wrong[i]);

		assert_true(expect(run.err, "nssh --help", got));
		assert_exit(finish(&run), 125);
	}

	struct run run = START(NOTHING, PIPE, PIPE, "--stat", "ada");

	assert_true(expect(run.err, "\n", got));
	assert_non_null(strstr(got, "nssh: unexpected word 'ada'; did you mean -u ada?\n"));
	assert_exit(finish(&run), 125);
}

static void nssh__says_why_there_is_no_box(void **state)
{
	static const char *const box[] = { "refused-1", "outside-1", "silent-1", "garbage-1" };
	char got[TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof box / sizeof box[0]; i++) {
		struct run run = START(TERMINAL, TERMINAL, PIPE, box[i]);

		assert_true(expect(run.err, "nssh: ", got));
		assert_null(strchr(got, '\033'));
		assert_false(is_raw(run.slave));
		assert_exit(finish(&run), 125);
	}
}

static void nssh__dies_by_the_signal_the_command_died_by(void **state)
{
	struct run run = START(NOTHING, PIPE, PIPE, "--", "sh", "-c", "kill -SEGV $$");
	int status = finish(&run);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_false(WCOREDUMP(status));
	run = START(NOTHING, PIPE, PIPE, "--", "sh", "-c", "kill -KILL $$");
	status = finish(&run);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void nssh__passes_signals_on(void **state)
{
	static const int sigs[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2 };
	static const char script[] = "trap 'exit 11' TERM; trap 'exit 12' HUP; trap 'exit 13' INT; trap 'exit 14' QUIT;"
				     "trap 'exit 15' USR1; trap 'exit 16' USR2; echo ready; while :; do sleep 0.02; done";
	char got[TEXT];

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct run run = START(NOTHING, PIPE, PIPE, "--", "sh", "-c", script);

		assert_true(expect(run.out, "ready", got));
		assert_int_equal(kill(run.pid, sigs[i]), 0);
		assert_exit(finish(&run), 11 + i);
	}
}

static void nssh__restores_the_terminal_when_a_signal_ends_it(void **state)
{
	static const int sigs[] = { SIGTERM, SIGHUP, SIGALRM, SIGXCPU, SIGUSR1 };

	(void)state;
	for (size_t i = 0; i < sizeof sigs / sizeof sigs[0]; i++) {
		struct run run = START(TERMINAL, TERMINAL, TERMINAL, "--", "sleep", "100");
		int status;

		assert_true(becomes(&run, true));
		assert_int_equal(kill(run.pid, sigs[i]), 0);
		assert_true(ended(&run, false));
		assert_false(is_raw(run.slave));
		status = finish(&run);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), sigs[i]);
	}
}

static void nssh__can_be_interrupted_while_the_box_opens(void **state)
{
	struct run run = START(TERMINAL, TERMINAL, TERMINAL, "slow-1");
	int status;

	(void)state;
	(void)usleep(200000);
	assert_int_equal(write(run.master, "\003", 1), 1);
	status = finish(&run);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

static void nssh__interrupts_what_runs_in_the_foreground(void **state)
{
	char got[TEXT];
	struct run run = START(TERMINAL, TERMINAL, TERMINAL, "--", "sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.02; done");

	(void)state;
	assert_true(expect(run.master, "ready", got));
	assert_int_equal(write(run.master, "\003", 1), 1);
	assert_true(expect(run.master, "caught", got));
	assert_exit(finish(&run), 5);
	/* The outer terminal stays cooked when standard input is none: then the signal is typed to nssh. */
	run = START(NOTHING, TERMINAL, TERMINAL, "--", "sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.02; done");
	assert_true(expect(run.master, "ready", got));
	assert_false(is_raw(run.slave));
	assert_int_equal(write(run.master, "\003", 1), 1);
	assert_true(expect(run.master, "caught", got));
	assert_exit(finish(&run), 5);
}

/* The bytes of a test stream: every value, at no even period. */
static char byte_at(size_t i)
{
	return (char)((i * 31 + i / 251) & 0xff);
}

/* Writes BIG bytes to in (as fast as it is taken) and compares what comes out of out. */
static void round_trip(int *in, int out)
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

static void nssh__passes_pipes_through_unchanged(void **state)
{
	struct run run = START(PIPE, PIPE, PIPE, "--", "cat");

	(void)state;
	round_trip(&run.in, run.out);
	assert_exit(finish(&run), 0);
}

static void nssh__pumps_pipes_for_another_user(void **state)
{
	struct run run;

	(void)state;
	if (getuid() != 0)
		skip();
	run = START(PIPE, PIPE, PIPE, "-u", "nobody", "--", "cat");
	round_trip(&run.in, run.out);
	assert_exit(finish(&run), 0);
	/* A background process that keeps writing does not keep nssh. */
	run = START(PIPE, PIPE, PIPE, "-u", "nobody", "--", "sh", "-c", "yes & sleep 0.1");
	(void)fcntl(run.out, F_SETFL, O_NONBLOCK);
	for (char buffer[65536]; !ended(&run, true);)
		assert_true(read(run.out, buffer, sizeof buffer) > 0 || errno == EAGAIN);
	assert_exit(finish(&run), 0);
}

static void nssh__relays_a_raw_terminal_byte_by_byte(void **state)
{
	char got[TEXT];
	struct run run = START(TERMINAL, TERMINAL, TERMINAL, "--", "sh", "-c", "stty raw -echo; echo ready; exec head -c 10485760");

	(void)state;
	assert_true(becomes(&run, true));
	assert_true(expect(run.master, "ready\n", got));
	round_trip(&run.master, run.master);
	assert_exit(finish(&run), 0);
}

static void nssh__loses_nothing_of_the_end(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct run run = START(TERMINAL, TERMINAL, TERMINAL, "--", "sh", "-c", "stty raw; head -c 300000 /dev/zero; echo done");
		char buffer[4096];
		size_t got = 0;
		bool last = false;

		/* A slow reader: nssh must wait for it. */
		(void)usleep(20000);
		while (!last) {
			struct pollfd ready = { .fd = run.master, .events = POLLIN };

			assert_int_equal(poll(&ready, 1, 5000), 1);

			ssize_t n = read(run.master, buffer, sizeof buffer);

			assert_true(n > 0);
			got += (size_t)n;
			last = memchr(buffer, 'd', (size_t)n) != NULL;
			while (last && memchr(buffer, '\n', (size_t)n) == NULL) {
				n = read(run.master, buffer, sizeof buffer);
				got += (size_t)n;
			}
		}
		assert_int_equal(got, 300005);
		assert_exit(finish(&run), 0);
	}
}

static void nssh__keeps_the_window_size(void **state)
{
	struct winsize size = { .ws_row = 44, .ws_col = 88 };
	char got[TEXT];
	struct run run = START(TERMINAL, TERMINAL, TERMINAL, "--", "sh", "-c", "stty size; trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.02; done");

	(void)state;
	assert_true(expect(run.master, "ready", got));
	assert_non_null(strstr(got, "33 77"));
	assert_int_equal(ioctl(run.master, TIOCSWINSZ, &size), 0);
	assert_true(expect(run.master, "44 88", got));
	assert_exit(finish(&run), 0);
}

static void nssh__leaves_closed_descriptors_as_good_as_closed(void **state)
{
	char got[TEXT];
	struct run run = START(CLOSED, PIPE, PIPE, "--", "cat");

	(void)state;
	assert_true(expect(run.err, "Bad file descriptor", got));
	assert_exit(finish(&run), 1);
	run = START(NOTHING, CLOSED, PIPE, "--", "sh", "-c", "echo x");
	assert_true(expect(run.err, "rror", got));
	assert_exit(finish(&run), 1);
	run = START(CLOSED, CLOSED, CLOSED, "--", "true");
	assert_exit(finish(&run), 0);
	run = START(NOTHING, PIPE, CLOSED, "--", "sh", "-c", "echo x; echo y >&2 || exit 9");
	assert_true(expect(run.out, "x", got));
	assert_exit(finish(&run), 9);
}

static void nssh__shows_on_the_terminal_what_reads_a_pipe(void **state)
{
	char got[TEXT];
	struct run run = START(PIPE, TERMINAL, PIPE, "--", "sh", "-c", "cat; test -t 1 && test ! -t 0 && test ! -t 2 && echo right");

	(void)state;
	assert_int_equal(write(run.in, "one\ntwo\n", 8), 8);
	fd_close(&run.in);
	assert_true(expect(run.master, "right\r\n", got));
	/* Both terminals are cooked, and still a line ends once. */
	assert_non_null(strstr(got, "one\r\ntwo\r\n"));
	assert_false(is_raw(run.slave));
	assert_exit(finish(&run), 0);
}

static void nssh__stops_at_the_suspend_key_and_goes_on(void **state)
{
	char got[TEXT];
	struct run run = START_JOB(FOREGROUND, true, NOTHING, TERMINAL, TERMINAL, "--", "sh", "-c", "echo ready; sleep 0.3; echo more; exit 7");

	(void)state;
	assert_true(expect(run.master, "ready", got));
	assert_int_equal(write(run.master, "\032", 1), 1);
	assert_true(expect(run.master, "more", got));
	assert_exit(finish(&run), 7);
}

static void nssh__goes_on_after_a_stop_it_did_not_see(void **state)
{
	char got[TEXT];
	struct run run = START(TERMINAL, TERMINAL, TERMINAL, "--", "sh", "-c", "echo ready; read x; echo =$x");
	int status;

	(void)state;
	assert_true(expect(run.master, "ready", got));
	assert_int_equal(kill(run.pid, SIGSTOP), 0);
	assert_int_equal(waitpid(run.pid, &status, WUNTRACED), run.pid);
	assert_int_equal(kill(run.pid, SIGCONT), 0);
	assert_int_equal(kill(run.pid, SIGCONT), 0);
	assert_int_equal(write(run.master, "hi\r", 3), 3);
	assert_true(expect(run.master, "=hi", got));
	assert_true(ended(&run, false));
	assert_false(is_raw(run.slave));
	assert_exit(finish(&run), 0);
}

static void nssh__runs_in_the_background_without_touching_the_terminal(void **state)
{
	char got[TEXT];
	struct run run = START_JOB(BACKGROUND, false, TERMINAL, TERMINAL, TERMINAL, "--", "sh", "-c", "echo ready; sleep 0.3; exit 7");

	(void)state;
	assert_true(expect(run.master, "ready", got));
	assert_false(is_raw(run.slave));
	assert_exit(finish(&run), 7);
}

static void nssh__never_leaves_the_users_files_non_blocking(void **state)
{
	struct run run = START(TERMINAL, TERMINAL, TERMINAL, "--", "sh", "-c", "exit 0");
	int flags = fcntl(run.slave, F_GETFL);

	(void)state;
	assert_true(ended(&run, false));
	assert_int_equal(fcntl(run.slave, F_GETFL), flags);
	assert_int_equal(flags & O_NONBLOCK, 0);
	(void)finish(&run);
}

static void nssh__gives_the_other_end_of_a_pipe_its_end(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "--", "sh", "-c", "exec >/dev/null; echo said >&2; exec sleep 100");

	(void)state;
	assert_true(expect(run.err, "said", got));
	assert_false(expect(run.out, "x", got));
	assert_int_equal(kill(run.pid, SIGTERM), 0);
	(void)finish(&run);
}

static void nssh__hangs_up_with_its_terminal(void **state)
{
	char got[TEXT];
	struct run run = START(TERMINAL, TERMINAL, PIPE, "--", "sh", "-c", "trap 'echo gone >&2; exit 3' HUP; echo ready >&2; while :; do sleep 0.02; done");

	(void)state;
	assert_true(expect(run.err, "ready", got));
	fd_close(&run.slave);
	fd_close(&run.master);
	assert_true(expect(run.err, "gone", got));
	assert_exit(finish(&run), 3);
}

static void nssh__lists_boxes_escaped(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "-l");

	(void)state;
	assert_true(expect(run.out, "\\xff", got));
	assert_null(strchr(got, '\033'));
	assert_non_null(strstr(got, "2001:db8::1"));
	assert_exit(finish(&run), 0);
	run = START(NOTHING, PIPE, PIPE, "--list", "--json");
	assert_true(expect(run.out, "\n]\n", got));
	assert_non_null(strstr(got, "\"state\": \"\\\"\\u001b[m\\ufffd\""));
	assert_non_null(strstr(got, "\"pid\": 18"));
	assert_exit(finish(&run), 0);
	run = START(NOTHING, TERMINAL, PIPE, "-l");
	assert_true(expect(run.master, "\033[1mBOX", got));
	assert_exit(finish(&run), 0);
}

static void nssh__lists_what_boxes_use(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "-l");

	(void)state;
	assert_true(expect(run.out, "     -  -           -\n", got));
	assert_non_null(strstr(got, "  MEMORY/MAX  PIDS/MAX   TIME  ADDRESS     PORTS\n"));
	assert_non_null(strstr(got, "     81M/2G     12/4096  1:02  10.189.0.2  20000-20009,8080\n"));
	assert_exit(finish(&run), 0);
	run = START(NOTHING, PIPE, PIPE, "-l", "--json");
	assert_true(expect(run.out, "\n]\n", got));
	assert_non_null(strstr(got, "\"memory\": 84934656, \"pids\": 12, \"cpu_usec\": 62999999, "
				    "\"address\": \"10.189.0.2,fd6e:7362:6f78::2\", \"ports\": \"20000-20009,8080\", "));
	assert_non_null(strstr(got, "\"memory_max\": 2147483648, \"pids_max\": 4096, \"network\": \"nat\"}"));
	assert_non_null(strstr(got, "\"memory\": null, \"pids\": null, \"cpu_usec\": null,"));
	assert_exit(finish(&run), 0);
}

static void nssh__leaves_out_columns_of_a_network_that_is_none(void **state)
{
	char got[TEXT];
	struct run run;

	(void)state;
	assert_int_equal(setenv("NETLESS", "1", 1), 0);
	run = START(NOTHING, PIPE, PIPE, "-l");
	assert_true(expect(run.out, "     -\n", got));
	assert_non_null(strstr(got, "  MEMORY/MAX  PIDS/MAX   TIME\n"));
	assert_exit(finish(&run), 0);
	run = START(NOTHING, PIPE, PIPE, "-l", "--json");
	assert_true(expect(run.out, "\n]\n", got));
	assert_non_null(strstr(got, "\"address\": \"-\", \"ports\": \"-\", "));
	assert_non_null(strstr(got, "\"network\": \"none\"}"));
	assert_exit(finish(&run), 0);
	assert_int_equal(unsetenv("NETLESS"), 0);
}

/* In plain text: the heaviest first, boxes below their user, rates of two samples, and no limit at a box. */
static void nssh__shows_who_uses_what(void **state)
{
	static const char want[] =
		"USER/BOX   CPU/MAX   MEMORY/MAX  SWAP/MAX  PIDS/MAX   READ/s  WRITE/s  PRESSURE(cpu/mem/io)\n"
		"ada        88%/150%    1.8G/2G      0        12/4096       0     1.5G  2/0/12\n"
		"  ada-1   100%           1M         -         -            -        -  -\n"
		"  ada-2     0%           2M         -         -            -        -  -\n"
		"  ada-3      -            -         -         -            -        -  -\n"
		"bob          -            8         -         3            -        -  -\n"
		"  bob-1      -            8         -         -            -        -  -\n";
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "--stat");

	(void)state;
	assert_true(expect(run.out, "bob-1", got));
	while (expect(run.out, "\n", got + strlen(got)))
		;
	assert_string_equal(got, want);
	assert_exit(finish(&run), 0);
}

static void nssh__makes_what_is_near_its_limit_stand_out(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, TERMINAL, PIPE, "--stat");

	(void)state;
	assert_true(expect(run.master, "bob-1", got));
	assert_non_null(strstr(got, "\033[1mUSER/BOX\033[m"));
	assert_non_null(strstr(got, "\033[1m1.8G/2G\033[m"));
	assert_null(strstr(got, "\033[1m88%"));
	assert_exit(finish(&run), 0);
}

static void nssh__tells_programs_who_uses_what(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "--stat", "--json");

	(void)state;
	assert_true(expect(run.out, "\n]\n", got));
	assert_non_null(strstr(got, "[\n {\"user\": \"ada\", \"box\": null, \"uid\": 1001, \"boxes\": 3, \"cpu\": 87.5, "
				    "\"cpu_max\": 150, \"cpu_weight\": null, \"cpu_usec\": 875000, "
				    "\"memory\": 1932735284, \"memory_max\": 2147483648, "));
	assert_non_null(strstr(got, "\"write_rate\": 1610612736, \"write_bytes\": 1610612736, \"cpu_pressure\": 1.50, "
				    "\"memory_pressure\": 0.00, \"io_pressure\": 12.25}"));
	assert_non_null(strstr(got, "{\"user\": \"bob\", \"box\": \"bob-1\", \"uid\": 1002, \"boxes\": null, \"cpu\": null,"));
	assert_null(strstr(got, "clock"));
	assert_exit(finish(&run), 0);
}

static void nssh__leaves_it_to_the_helper_to_say_what_is_wrong(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "--reload");

	(void)state;
	assert_true(expect(run.err, "\n", got));
	if (getuid() == 0)
		assert_string_equal(got, "nsbox-helper: /etc/nsbox.conf:3: unknown key colour\n");
	else
		assert_non_null(strstr(got, "nssh: only root may"));
	assert_exit(finish(&run), 125);
}

static void nssh__has_the_network_of_boxes_made_and_removed(void **state)
{
	bool root = getuid() == 0;
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "--net-up");

	(void)state;
	if (!root) {
		assert_true(expect(run.err, "\n", got));
		assert_string_equal(got, "nssh: only root may bring the network of boxes up\n");
	}
	assert_exit(finish(&run), root ? 0 : 125);
	run = START(NOTHING, PIPE, PIPE, "--net-down");
	assert_true(expect(run.err, "\n", got));
	assert_string_equal(got, root ? "nsbox-helper: ada-1 uses it\n" :
				 "nssh: only root may take the network of boxes down\n");
	assert_exit(finish(&run), 125);
	run = START(NOTHING, PIPE, PIPE, "--net-up", "--net-down");
	assert_true(expect(run.err, "\n", got));
	assert_non_null(strstr(got, "nssh: only one of "));
	assert_exit(finish(&run), 125);
	run = START(NOTHING, PIPE, PIPE, "--net-up", "ada");
	assert_true(expect(run.err, "\n", got));
	assert_non_null(strstr(got, "nssh: unexpected word 'ada'\n"));
	assert_exit(finish(&run), 125);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nssh__exits_as_the_command_does),
		cmocka_unit_test(nssh__says_what_is_wrong_with_its_own_options),
		cmocka_unit_test(nssh__says_why_there_is_no_box),
		cmocka_unit_test(nssh__dies_by_the_signal_the_command_died_by),
		cmocka_unit_test(nssh__passes_signals_on),
		cmocka_unit_test(nssh__restores_the_terminal_when_a_signal_ends_it),
		cmocka_unit_test(nssh__can_be_interrupted_while_the_box_opens),
		cmocka_unit_test(nssh__interrupts_what_runs_in_the_foreground),
		cmocka_unit_test(nssh__passes_pipes_through_unchanged),
		cmocka_unit_test(nssh__pumps_pipes_for_another_user),
		cmocka_unit_test(nssh__relays_a_raw_terminal_byte_by_byte),
		cmocka_unit_test(nssh__loses_nothing_of_the_end),
		cmocka_unit_test(nssh__keeps_the_window_size),
		cmocka_unit_test(nssh__leaves_closed_descriptors_as_good_as_closed),
		cmocka_unit_test(nssh__shows_on_the_terminal_what_reads_a_pipe),
		cmocka_unit_test(nssh__stops_at_the_suspend_key_and_goes_on),
		cmocka_unit_test(nssh__goes_on_after_a_stop_it_did_not_see),
		cmocka_unit_test(nssh__runs_in_the_background_without_touching_the_terminal),
		cmocka_unit_test(nssh__never_leaves_the_users_files_non_blocking),
		cmocka_unit_test(nssh__gives_the_other_end_of_a_pipe_its_end),
		cmocka_unit_test(nssh__hangs_up_with_its_terminal),
		cmocka_unit_test(nssh__lists_boxes_escaped),
		cmocka_unit_test(nssh__lists_what_boxes_use),
		cmocka_unit_test(nssh__leaves_out_columns_of_a_network_that_is_none),
		cmocka_unit_test(nssh__shows_who_uses_what),
		cmocka_unit_test(nssh__makes_what_is_near_its_limit_stand_out),
		cmocka_unit_test(nssh__tells_programs_who_uses_what),
		cmocka_unit_test(nssh__leaves_it_to_the_helper_to_say_what_is_wrong),
		cmocka_unit_test(nssh__has_the_network_of_boxes_made_and_removed),
	};

	(void)alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
