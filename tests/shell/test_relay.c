/* SPDX-License-Identifier: MIT */
/* runs as: the user. What passes through nssh, into a box from the host and from another box. See tests/shell/run. */
#include "tests/shell/drive.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"

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

/* Where both are the same, they are tested alike. */
#define BOTH(what) \
	cmocka_unit_test(nssh__##what), { "nssh_in_a_box__" #what, nssh__##what, enter_box, leave_box, NULL }

const struct CMUnitTest relay_tests[] = {
	BOTH(exits_as_the_command_does),
	BOTH(dies_by_the_signal_the_command_died_by),
	BOTH(passes_signals_on),
	BOTH(restores_the_terminal_when_a_signal_ends_it),
	BOTH(can_be_interrupted_while_the_box_opens),
	BOTH(interrupts_what_runs_in_the_foreground),
	BOTH(passes_pipes_through_unchanged),
	BOTH(relays_a_raw_terminal_byte_by_byte),
	BOTH(loses_nothing_of_the_end),
	BOTH(keeps_the_window_size),
	BOTH(leaves_closed_descriptors_as_good_as_closed),
	BOTH(shows_on_the_terminal_what_reads_a_pipe),
	BOTH(stops_at_the_suspend_key_and_goes_on),
	BOTH(goes_on_after_a_stop_it_did_not_see),
	BOTH(runs_in_the_background_without_touching_the_terminal),
	BOTH(never_leaves_the_users_files_non_blocking),
	BOTH(gives_the_other_end_of_a_pipe_its_end),
	BOTH(hangs_up_with_its_terminal),
	BOTH(says_why_there_is_no_box),
	cmocka_unit_test(nssh__pumps_pipes_for_another_user),
	{ NULL, NULL, NULL, NULL, NULL },
};
