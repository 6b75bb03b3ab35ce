/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh from one box to another: what is not as from the host. See tests/shell/run. */
#include "tests/shell/drive.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/fd.h"

/* What nssh says on standard error, or output, and its exit status. */
static void says(struct run run, bool error, const char *want, int status)
{
	char got[TEXT];

	assert_true(expect(error ? run.err : run.out, "\n", got));
	if (strstr(got, want) == NULL)
		assert_string_equal(got, want); /* shows both */
	assert_exit(finish(&run), status);
}

/* Of those that are newer one is dead, and our own is no other. */
static void nssh_in_a_box__goes_to_the_latest_of_the_others(void **state)
{
	(void)state;
	says(START(NOTHING, PIPE, PIPE, "-c", "echo $FAKE_BOX"), false, "ada-2\n", 0);
	says(START(NOTHING, PIPE, PIPE, "--", "sh", "-c", "echo $FAKE_BOX"), false, "ada-2\n", 0);
}

static void nssh_in_a_box__goes_to_the_box_named(void **state)
{
	(void)state;
	says(START(NOTHING, PIPE, PIPE, "ada-3", "-c", "echo $FAKE_BOX"), false, "ada-3\n", 0);
}

static void nssh_in_a_box__starts_a_login_shell(void **state)
{
	struct run run = START(PIPE, PIPE, PIPE, "ada-3");

	(void)state;
	assert_int_equal(write(run.in, "echo in $FAKE_BOX\n", 18), 18);
	fd_close(&run.in);
	says(run, false, "in ada-3\n", 0);
}

static void nssh_in_a_box__carries_its_surroundings(void **state)
{
	char got[TEXT], want[TEXT];
	char *here = get_current_dir_name();
	mode_t mask = umask(0125);
	struct run run;

	(void)state;
	assert_non_null(here);
	assert_int_equal(setenv("CARRIED", "a b=\xc3\xa9", 1), 0);
	run = START(NOTHING, PIPE, PIPE, "-c", "pwd; umask; printf '<%s>' \"$CARRIED\"; echo");
	(void)umask(mask);
	assert_int_equal(unsetenv("CARRIED"), 0);
	(void)snprintf(want, sizeof want, "%s\n0125\n<a b=\xc3\xa9>\n", here);
	free(here);
	assert_true(expect(run.out, ">\n", got));
	assert_string_equal(got, want);
	assert_exit(finish(&run), 0);
}

static void nssh_in_a_box__takes_arguments_as_they_are(void **state)
{
	(void)state;
	says(START(NOTHING, PIPE, PIPE, "--", "printf", "<%s>", "a b", "", "*", "$HOME", "\xff", "\n"), false,
	     "<a b><><*><$HOME><\xff><\n", 0);
}

static void nssh_in_a_box__says_where_it_cannot_go(void **state)
{
	(void)state;
	says(START(NOTHING, PIPE, PIPE, "ada-1"), true, "nssh: this is box ada-1 already\n", 125);
	says(START(NOTHING, PIPE, PIPE, "ada-77"), true, "nssh: You have no live box ada-77; `nssh -l` lists", 125);
	says(START(NOTHING, PIPE, PIPE, "dead-1"), true, "nssh: You have no live box dead-1; `nssh -l` lists", 125);
	says(START(NOTHING, PIPE, PIPE, "silent-1"), true, "nssh: box silent-1 lets nobody in now: it is ending, or has", 125);
}

static void nssh_in_a_box__says_when_there_is_no_other(void **state)
{
	char boxes[256], away[256];

	(void)state;
	(void)snprintf(boxes, sizeof boxes, "%s/boxes", getenv("INSIDE"));
	(void)snprintf(away, sizeof away, "%s/away", getenv("INSIDE"));
	assert_int_equal(rename(boxes, away), 0);

	struct run run = START(NOTHING, PIPE, PIPE, "--", "true");

	assert_true(ended(&run, false));
	assert_int_equal(rename(away, boxes), 0);
	says(run, true, "nssh: You have no other live box than this one, ada-1; a new one is made by", 125);
}

/* Of a box that takes no connections the queue is soon full. */
static void nssh_in_a_box__says_when_a_box_is_too_busy(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fds[8];
	int n = 0;

	(void)state;
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s/boxes/deaf-1", getenv("INSIDE"));
	do {
		assert_true(n < 8);
		fds[n] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		assert_true(fds[n] >= 0);
	} while (connect(fds[n++], (struct sockaddr *)&address, sizeof address) == 0);
	assert_int_equal(errno, EAGAIN);
	says(START(NOTHING, PIPE, PIPE, "deaf-1"), true, "nssh: Box deaf-1 does not keep up with those who want to get in", 125);
	while (n > 0)
		(void)close(fds[--n]);
}

static void nssh_in_a_box__says_that_the_box_has_ended_under_it(void **state)
{
	char got[TEXT];
	struct run run = START(TERMINAL, TERMINAL, PIPE, "gone-1", "--", "sleep", "3");

	(void)state;
	assert_true(becomes(&run, true));
	assert_true(expect(run.err, "\n", got));
	assert_string_equal(got, "nssh: the box is gone\n");
	assert_false(is_raw(run.slave));
	assert_exit(finish(&run), 125);
}

static void nssh_in_a_box__leaves_to_the_host_what_only_that_can(void **state)
{
	static const char *const host[][2] = { { "--stat", "called on the host" }, { "--gc", "called on the host" },
					       { "--reload", "called on the host" }, { "--net-up", "called on the host" },
					       { "-n", "made on the host, by a new login" },
					       { "--reset=root", "by a call on the host" }, { "-uada", "for root on the host" } };

	(void)state;
	for (size_t i = 0; i < sizeof host / sizeof host[0]; i++) {
		char got[TEXT];
		struct run run = START(NOTHING, PIPE, PIPE, host[i][0]);

		assert_true(expect(run.err, "\n", got));
		assert_non_null(strstr(got, "nssh: this is box ada-1; "));
		assert_non_null(strstr(got, host[i][1]));
		assert_exit(finish(&run), 125);
	}
	says(START(NOTHING, PIPE, PIPE, "--version"), false, "nssh (nsbox) ", 0);
}

/* Only what takes connections, by age, and columns that have something in them. */
static void nssh_in_a_box__lists_live_boxes(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "-l");

	(void)state;
	assert_true(expect(run.out, "ada-2 ", got));
	assert_non_null(strstr(got, "BOX    USER  FROM  SERVICE  SINCE             STATE\nada-1  ada   -     sshd "));
	assert_non_null(strstr(got, "\nada-3 "));
	assert_null(strstr(got, "dead-1"));
	assert_null(strchr(got, '\033'));
	assert_exit(finish(&run), 0);
	run = START(NOTHING, PIPE, PIPE, "-l", "--json");
	assert_true(expect(run.out, "\n]\n", got));
	assert_non_null(strstr(got, "{\"box\": \"ada-3\", \"user\": \"ada\", "));
	assert_non_null(strstr(got, "\"logins\": null, \"idle\": null, \"state\": \"live\", \"memory\": null, "));
	assert_exit(finish(&run), 0);
	run = START(NOTHING, TERMINAL, PIPE, "-l");
	assert_true(expect(run.master, "ada-2", got));
	assert_non_null(strstr(got, "\033[1;32mada-1\033[m"));
	assert_non_null(strstr(got, "\nada-3"));
	assert_exit(finish(&run), 0);
}

static void nssh_in_a_box__ends_another(void **state)
{
	(void)state;
	says(START(NOTHING, PIPE, PIPE, "-k", "ada-2"), false, "Box ada-2 has ended.\n", 0);
	says(START(NOTHING, PIPE, PIPE, "-k", "ada-3"), true, "nssh: not it\n", 125);
	says(START(NOTHING, PIPE, PIPE, "-k", "ada-77"), true, "nssh: You have no live box ada-77; ", 125);
	says(START(NOTHING, PIPE, PIPE, "-k", "silent-1"), true, "nssh: box silent-1: ", 125);
}

static void nssh_in_a_box__asks_before_the_home_begins_anew(void **state)
{
	char got[TEXT];
	struct run run;

	(void)state;
	says(START(NOTHING, PIPE, PIPE, "--reset", "home"), true, "nssh: --reset home asks first, and there is no terminal", 125);
	says(START(NOTHING, PIPE, PIPE, "--reset", "home", "-f"), false, "The home of your boxes begins anew when the last", 0);
	run = START(TERMINAL, PIPE, TERMINAL, "--reset", "home");
	assert_true(expect(run.master, "[y/N] ", got));
	assert_int_equal(write(run.master, "\004", 1), 1);
	assert_exit(finish(&run), 1);
}

/* What a full-screen program shows, and what is pasted into it, at once. */
static void nssh_in_a_box__lets_a_program_have_the_whole_screen(void **state)
{
	static const char screen[] = "printf '\\033[?1049h\\033[2J\\303\\251\\342\\202\\254\\360\\237\\230\\200\\377\\200\\033[?1049l'; read x; echo \"<$x>\"";
	char got[TEXT];
	struct run run = START(TERMINAL, TERMINAL, TERMINAL, "-c", screen);

	(void)state;
	assert_true(expect(run.master, "\033[?1049h\033[2J\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff\x80\033[?1049l", got));
	assert_int_equal(write(run.master, "\xc3\xa9\xff\r", 4), 4);
	assert_true(expect(run.master, "<\xc3\xa9\xff>\r\n", got));
	assert_exit(finish(&run), 0);
}

/* Job control in the box is the shell's there: the key goes in, and nssh itself goes on. */
static void nssh_in_a_box__has_jobs_stopped_and_continued_there(void **state)
{
	/*
	 * It says itself when it is in the foreground; typed in two parts, that looks otherwise. And it starts no other
	 * programs: a shell that is stopped in the midst of vfork(2) does not stop.
	 */
	static const char job[] = "PS1='> '; perl -e '$| = 1; $SIG{CONT} = sub { print \"aga\" . \"in\\n\" };"
				  " print \"run\" . \"ning\\n\"; sleep 1 while 1'\r";
	char got[TEXT];
	struct run run = START(TERMINAL, TERMINAL, TERMINAL, "--", "bash", "--norc", "--noediting", "-i");

	(void)state;
	assert_int_equal(write(run.master, job, strlen(job)), strlen(job));
	assert_true(expect(run.master, "running", got));
	assert_int_equal(write(run.master, "\032", 1), 1);
	assert_true(expect(run.master, "Stopped", got));
	assert_int_equal(write(run.master, "fg\r", 3), 3);
	assert_true(expect(run.master, "again", got));
	assert_int_equal(write(run.master, "\003", 1), 1);
	assert_int_equal(write(run.master, "exit $?\r", 8), 8);
	assert_exit(finish(&run), 130);
}

static void nssh_in_a_box__hangs_up_when_it_is_killed(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "-c", "trap 'echo hung up >&2; exit' HUP; echo ready; while :; do sleep 0.02; done");

	(void)state;
	assert_true(expect(run.out, "ready", got));
	assert_int_equal(kill(run.pid, SIGKILL), 0);
	assert_true(expect(run.err, "hung up", got));
	(void)finish(&run);
}

static void nssh_in_a_box__reads_a_file_where_the_shell_does(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "-c", "read a </etc/passwd; exec 0</etc/passwd; \"$NSSH\" -- head -n 1");

	(void)state;
	assert_true(expect(run.out, "\n", got));
	assert_non_null(strstr(got, "root:"));
	assert_exit(finish(&run), 0);
}

#define IN_BOX(what) { "nssh_in_a_box__" #what, nssh_in_a_box__##what, enter_box, leave_box, NULL }

const struct CMUnitTest hop_tests[] = {
	IN_BOX(goes_to_the_latest_of_the_others),
	IN_BOX(goes_to_the_box_named),
	IN_BOX(starts_a_login_shell),
	IN_BOX(carries_its_surroundings),
	IN_BOX(takes_arguments_as_they_are),
	IN_BOX(says_where_it_cannot_go),
	IN_BOX(says_when_there_is_no_other),
	IN_BOX(says_when_a_box_is_too_busy),
	IN_BOX(says_that_the_box_has_ended_under_it),
	IN_BOX(leaves_to_the_host_what_only_that_can),
	IN_BOX(lists_live_boxes),
	IN_BOX(ends_another),
	IN_BOX(asks_before_the_home_begins_anew),
	IN_BOX(lets_a_program_have_the_whole_screen),
	IN_BOX(has_jobs_stopped_and_continued_there),
	IN_BOX(hangs_up_when_it_is_killed),
	IN_BOX(reads_a_file_where_the_shell_does),
	{ NULL, NULL, NULL, NULL, NULL },
};
