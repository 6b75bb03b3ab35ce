/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh as a login shell. See tests/shell/run. */
#include "tests/shell/drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"

/* What the shell prints. */
static void prints(struct run run, const char *want, int status)
{
	char got[TEXT];

	assert_true(expect(run.out, "\n", got));
	assert_string_equal(got, want);
	assert_exit(finish(&run), status);
}

static int as_nobody(void **state)
{
	(void)state;
	return getuid() == 0 ? setenv("AS_NOBODY", "1", 1) : 0;
}

static int as_before(void **state)
{
	(void)state;
	(void)unsetenv("OUTSIDE");
	return unsetenv("AS_NOBODY");
}

static int as_nobody_in_a_box(void **state)
{
	return enter_box(state) < 0 ? -1 : as_nobody(state);
}

static int as_before_and_out(void **state)
{
	return leave_box(state) < 0 ? -1 : as_before(state);
}

static void login_shell__enters_by_policy(void **state)
{
	struct run run = START_AS(PIPE, PIPE, PIPE, "-nssh");

	(void)state;
	assert_int_equal(write(run.in, "echo in $FAKE_BOX\n", 18), 18);
	fd_close(&run.in);
	prints(run, "in +\n", 0);
	prints(START_AS(NOTHING, PIPE, PIPE, "-nssh", "-c", "echo $FAKE_BOX; exit 3"), "+\n", 3);
}

/* Of the box, as its builder wrote it down; and a login shell where we are one. */
static void login_shell__runs_the_shell_of_the_box_there(void **state)
{
	static const char script[] = "shopt -q login_shell && echo $SHELL $BASH $0 $1";

	(void)state;
	prints(START_AS(NOTHING, PIPE, PIPE, "-nssh", "-c", script, "zero", "one"), "/bin/bash /bin/bash zero one\n", 0);
	prints(START_AS(NOTHING, PIPE, PIPE, "-nssh", "-l", "-c", script, "zero", "one"), "/bin/bash /bin/bash zero one\n", 0);
}

static void login_shell__becomes_sh_where_there_is_no_box(void **state)
{
	(void)state;
	assert_int_equal(setenv("OUTSIDE", "1", 1), 0);
	prints(START_AS(NOTHING, PIPE, PIPE, "-nssh", "-c", "echo $0 $SHELL; exit 4"), "-sh /bin/sh\n", 4);
}

static void login_shell__becomes_sh_for_root(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	prints(START_AS(NOTHING, PIPE, PIPE, "-nssh", "-c", "echo $0 $SHELL$FAKE_BOX"), "-sh /bin/sh\n", 0);
}

static void login_shell__becomes_the_shell_of_the_box_it_is_in(void **state)
{
	struct run run;

	(void)state;
	prints(START_AS(NOTHING, PIPE, PIPE, "-nssh", "-c", "echo $0 $SHELL ${BASH_VERSION:+bash}"), "-bash /bin/bash bash\n", 0);
	run = START_AS(PIPE, PIPE, PIPE, "-nssh");
	assert_int_equal(write(run.in, "echo $0; exit 5\n", 16), 16);
	prints(run, "-bash\n", 5);
	run = START_AS(PIPE, PIPE, PIPE, "-nssh", "-l");
	assert_int_equal(write(run.in, "echo $0; exit 6\n", 16), 16);
	prints(run, "-bash\n", 6);
}

/* Or it would call itself for ever. */
static void login_shell__becomes_sh_where_it_is_the_shell_of_the_box(void **state)
{
	char path[256], away[256];
	FILE *out;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/shell", getenv("INSIDE"));
	(void)snprintf(away, sizeof away, "%s/away", getenv("INSIDE"));
	assert_int_equal(rename(path, away), 0);

	struct run missing = START_AS(NOTHING, PIPE, PIPE, "-nssh", "-c", "echo $0");

	assert_true(ended(&missing, false));
	out = fopen(path, "w");
	assert_non_null(out);
	(void)fputs("/usr/local/bin/nssh\n", out);
	(void)fclose(out);

	struct run itself = START_AS(NOTHING, PIPE, PIPE, "-nssh", "-c", "echo $0");

	assert_true(ended(&itself, false));
	assert_int_equal(rename(away, path), 0);
	prints(missing, "-sh\n", 0);
	prints(itself, "-sh\n", 0);
}

/* One whose login shell we are not means nssh's own -c and -l. */
static void nssh__is_no_login_shell_for_others(void **state)
{
	(void)state;
	prints(START(NOTHING, PIPE, PIPE, "-c", "echo $FAKE_BOX"), "-\n", 0);
}

#define ON_HOST(test) { #test, test, as_nobody, as_before, NULL }
#define IN_BOX(test) { #test, test, as_nobody_in_a_box, as_before_and_out, NULL }

const struct CMUnitTest login_tests[] = {
	ON_HOST(login_shell__enters_by_policy),
	ON_HOST(login_shell__runs_the_shell_of_the_box_there),
	ON_HOST(login_shell__becomes_sh_where_there_is_no_box),
	IN_BOX(login_shell__becomes_the_shell_of_the_box_it_is_in),
	IN_BOX(login_shell__becomes_sh_where_it_is_the_shell_of_the_box),
	cmocka_unit_test(login_shell__becomes_sh_for_root),
	cmocka_unit_test(nssh__is_no_login_shell_for_others),
	{ NULL, NULL, NULL, NULL, NULL },
};
