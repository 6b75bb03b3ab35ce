/* SPDX-License-Identifier: MIT */
/* runs as: the user. What nssh tells, and what the helper does for it. See tests/shell/run. */
#include "tests/shell/drive.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void nssh__says_what_is_wrong_with_its_own_options(void **state)
{
	static const char *const wrong[] = { "--nonsense", "two words", "a/b-1", "ada", "-1", "ada-", "--json", "--stat=x",
					     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1", "-k", "-kada", "-f",
					     "--reset", "--reset=all", "-nl", "-lkada-1" };
	char got[TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct run run = START(NOTHING, PIPE, PIPE, wrong[i]);

		assert_true(expect(run.err, "nssh --help", got));
		assert_exit(finish(&run), 125);
	}

	struct run run = START(NOTHING, PIPE, PIPE, "--stat", "ada");

	assert_true(expect(run.err, "\n", got));
	assert_non_null(strstr(got, "nssh: unexpected word 'ada'; root names a user by -u ada\n"));
	assert_exit(finish(&run), 125);
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

/* One line of nssh's standard error or output, and its exit status. */
static void says(struct run run, bool error, const char *want, int status)
{
	char got[TEXT];

	assert_true(expect(error ? run.err : run.out, "\n", got));
	assert_string_equal(got, want);
	assert_exit(finish(&run), status);
}

static void nssh__says_what_does_not_go_together(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "-n", "ada-1");

	(void)state;
	assert_true(expect(run.err, "\n", got));
	assert_non_null(strstr(got, "nssh: -n is for a new box; leave out ada-1, or -n to enter it\n"));
	assert_exit(finish(&run), 125);
	run = START(NOTHING, PIPE, PIPE, "-k", "ada-1", "ada-2");
	assert_true(expect(run.err, "\n", got));
	assert_non_null(strstr(got, "nssh: unexpected word 'ada-2'; -k ends one box at a time\n"));
	assert_exit(finish(&run), 125);
	run = START(NOTHING, PIPE, PIPE, "-f", "-l");
	assert_true(expect(run.err, "\n", got));
	assert_non_null(strstr(got, "nssh: -f goes with --reset and -k\n"));
	assert_exit(finish(&run), 125);
}

static void nssh__asks_for_a_new_box(void **state)
{
	(void)state;
	says(START(NOTHING, PIPE, PIPE, "-n", "-c", "echo $FAKE_BOX"), false, "=\n", 0);
	says(START(NOTHING, PIPE, PIPE, "--new", "-c", "echo $FAKE_BOX"), false, "=\n", 0);
	says(START(NOTHING, PIPE, PIPE, "-c", "echo $FAKE_BOX"), false, "-\n", 0);
}

static void nssh__has_boxes_ended(void **state)
{
	(void)state;
	says(START(NOTHING, PIPE, PIPE, "-k", "ada-1"), false, "end - ada-1\n", 0);
	says(START(NOTHING, PIPE, PIPE, "--kill=ada-9"), false, "end - ada-9\n", 125);
	if (getuid() == 0)
		says(START(NOTHING, PIPE, PIPE, "-u", "nobody", "-k", "ada-1"), false, "end nobody ada-1\n", 0);
}

static void nssh__asks_before_it_begins_anew(void **state)
{
	char got[TEXT];
	struct run run;

	(void)state;
	says(START(NOTHING, PIPE, PIPE, "--reset", "home"), true,
	     "nssh: --reset home asks first, and there is no terminal to ask on; -f does it unasked\n", 125);
	says(START(NOTHING, PIPE, PIPE, "--reset", "root", "-f"), false, "reset - root\n", 0);
	run = START(TERMINAL, PIPE, TERMINAL, "--reset", "home");
	assert_true(expect(run.master, "[y/N] ", got));
	assert_non_null(strstr(got, "Begin the home of your boxes anew? What it holds now is kept aside until the next reset."));
	assert_int_equal(write(run.master, "n\n", 2), 2);
	assert_exit(finish(&run), 1);
	run = START(TERMINAL, PIPE, TERMINAL, "--reset", "home");
	assert_true(expect(run.master, "[y/N] ", got));
	assert_int_equal(write(run.master, "y\n", 2), 2);
	says(run, false, "reset - home\n", 0);
}

static void nssh__shows_who_is_logged_in_and_who_idles(void **state)
{
	char got[TEXT];
	struct run run = START(NOTHING, PIPE, PIPE, "-l");

	(void)state;
	assert_true(expect(run.out, "bob-12", got));
	assert_non_null(strstr(got, "  LOGINS  IDLE  STATE"));
	assert_non_null(strstr(got, "       2  119m  live "));
	assert_exit(finish(&run), 0);
	run = START(NOTHING, PIPE, PIPE, "-l", "--json");
	assert_true(expect(run.out, "\n]\n", got));
	assert_non_null(strstr(got, "\"logins\": 2, \"idle\": 7199, "));
	assert_non_null(strstr(got, "\"login_at\": 1700000600, "));
	assert_non_null(strstr(got, "\"logins\": null, \"idle\": null, "));
	assert_exit(finish(&run), 0);
}

/* https://no-color.org */
static void nssh__keeps_to_plain_text_where_that_is_wanted(void **state)
{
	static const char *const plain[][2] = { { "NO_COLOR", "1" }, { "TERM", "dumb" } };
	char got[TEXT];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(setenv(plain[i][0], plain[i][1], 1), 0);

		struct run run = START(NOTHING, TERMINAL, PIPE, "-l");

		assert_true(expect(run.master, "bob-12", got));
		assert_null(strchr(got, '\033'));
		assert_exit(finish(&run), 0);
	}
	assert_int_equal(unsetenv("NO_COLOR"), 0);
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
}

const struct CMUnitTest tell_tests[] = {
	cmocka_unit_test(nssh__says_what_is_wrong_with_its_own_options),
	cmocka_unit_test(nssh__lists_boxes_escaped),
	cmocka_unit_test(nssh__lists_what_boxes_use),
	cmocka_unit_test(nssh__leaves_out_columns_of_a_network_that_is_none),
	cmocka_unit_test(nssh__shows_who_uses_what),
	cmocka_unit_test(nssh__makes_what_is_near_its_limit_stand_out),
	cmocka_unit_test(nssh__tells_programs_who_uses_what),
	cmocka_unit_test(nssh__leaves_it_to_the_helper_to_say_what_is_wrong),
	cmocka_unit_test(nssh__has_the_network_of_boxes_made_and_removed),
	cmocka_unit_test(nssh__says_what_does_not_go_together),
	cmocka_unit_test(nssh__asks_for_a_new_box),
	cmocka_unit_test(nssh__has_boxes_ended),
	cmocka_unit_test(nssh__asks_before_it_begins_anew),
	cmocka_unit_test(nssh__shows_who_is_logged_in_and_who_idles),
	cmocka_unit_test(nssh__keeps_to_plain_text_where_that_is_wanted),
	{ NULL, NULL, NULL, NULL, NULL },
};
