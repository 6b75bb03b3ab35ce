/* SPDX-License-Identifier: MIT */
/* runs as: root. What check_conf prints, and how text is made safe. */
#include "tests/unit/conf_file.h"

#include "conf/escape.h"
/* Unit tests are linked with conf/ and helper/ only. */
#include "shell/check_conf.c"
#include "shell/groups.c"

static void escaped_as(const char *text, const char *want)
{
	char out[200];

	escape_text(out, sizeof out, text);
	assert_string_equal(out, want);
}

static void escape__leaves_text_alone(void **state)
{
	(void)state;
	escaped_as("", "");
	escaped_as("/srv/a b~\\", "/srv/a b~\\");
	escaped_as("\303\244 \342\202\254 \360\237\216\211", "\303\244 \342\202\254 \360\237\216\211");
	escaped_as("\302\240", "\302\240");
}

static void escape__shows_controls_and_bytes_that_are_no_utf8(void **state)
{
	(void)state;
	escaped_as("a\033[2J\n\t\177", "a\\x1b[2J\\x0a\\x09\\x7f");
	escaped_as("\302\233", "\\xc2\\x9b");
	escaped_as("\233", "\\x9b");
	escaped_as("\377x\303", "\\xffx\\xc3");
	escaped_as("\300\257", "\\xc0\\xaf");
	escaped_as("\340\202\257", "\\xe0\\x82\\xaf");
	escaped_as("\355\240\200", "\\xed\\xa0\\x80");
	escaped_as("\364\220\200\200", "\\xf4\\x90\\x80\\x80");
}

static void escape__never_cuts_a_character_in_two(void **state)
{
	char out[8] = "xxxxxxx";

	(void)state;
	escape_text(out, 0, "a");
	assert_string_equal(out, "xxxxxxx");
	escape_text(out, 1, "a");
	assert_string_equal(out, "");
	escape_text(out, 3, "abc");
	assert_string_equal(out, "ab");
	escape_text(out, 3, "a\303\244");
	assert_string_equal(out, "a");
	escape_text(out, 5, "a\033");
	assert_string_equal(out, "a");
	escape_text(out, 6, "a\033");
	assert_string_equal(out, "a\\x1b");
}

/* Runs check_conf and gives back what went to standard error; the path is cut out of it. */
static int check(const struct place *place, const char *text, char *said, size_t size)
{
	char name[] = "/tmp/nsbox-test-XXXXXX";
	OWN_FD int to = mkstemp(name);
	OWN_FD int saved = dup(2);
	int result;

	put_bytes(place, text, strlen(text));
	assert_true(to >= 0 && saved >= 0 && unlink(name) == 0 && dup2(to, 2) == 2);
	result = check_conf(place->path);
	(void)fflush(stderr);
	assert_int_equal(dup2(saved, 2), 2);
	assert_true(fd_read_text(to, said, size) >= 0);
	for (char *at; (at = strstr(said, place->path)) != NULL;)
		memmove(at, at + strlen(place->path), strlen(at + strlen(place->path)) + 1);
	return result;
}

static void check__is_silent_about_a_good_file(void **state)
{
	char said[4000];

	assert_int_equal(check(*state, "[default]\nmemory = 2G\n", said, sizeof said), 0);
	assert_string_equal(said, "");
}

static void check__prints_every_error_with_its_line_escaped(void **state)
{
	char said[4000];

	assert_int_equal(check(*state, "[default]\nhide = \233\nscope = x\n[\002]\n", said, sizeof said), 1);
	assert_string_equal(said, ":2: hide = \\x9b: is not an absolute path; allowed: absolute path or none\n"
			    ":3: scope = x: is not known; allowed: login|user\n:4: a control byte\n");
}

static void check__says_what_is_wrong_with_a_file_that_cannot_be_read(void **state)
{
	const struct place *place = *state;
	char said[4000];

	put_bytes(place, "", 0);
	assert_int_equal(chmod(place->path, 0666), 0);
	assert_int_equal(check(place, "", said, sizeof said), 1);
	assert_string_equal(said, ": is writable by others than its owner (mode 0666), try chmod go-w\n");
}

static void check__tries_the_policies_of_default_and_of_each_group(void **state)
{
	char said[4000];

	assert_int_equal(check(*state, "[default]\nmemory = 64M\n[group:a]\n", said, sizeof said), 1);
	assert_int_equal(strncmp(said, ":2: memory = 64M", 16), 0);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	assert_int_equal(check(*state, "[default]\nenable = no\n[group:a]\nenable = yes\n[group:b]\nenable = yes\nmemory = 64M\n", said, sizeof said), 1);
	assert_int_equal(strncmp(said, ":7: memory = 64M", 16), 0);
}

static void check__tries_the_policy_of_each_user(void **state)
{
	char said[4000];

	assert_int_equal(check(*state, "[default]\n[user:a]\nmemory = 64M\n[user:b]\nmemory = 2G\n", said, sizeof said), 1);
	assert_int_equal(strncmp(said, ":3: memory = 64M", 16), 0);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	assert_int_equal(check(*state, "[user:a]\nenable = no\nmemory = 64M\n", said, sizeof said), 0);
	/* With the groups that they are in. */
	assert_int_equal(check(*state, "[group:root]\ntmp = 8M\nshm = 8M\nrun = 8M\n[user:root]\nmemory = 64M\n", said, sizeof said), 0);
	assert_int_equal(check(*state, "[group:nosuch]\ntmp = 8M\nshm = 8M\nrun = 8M\n[user:root]\nmemory = 64M\n", said, sizeof said), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escape__leaves_text_alone),
		cmocka_unit_test(escape__shows_controls_and_bytes_that_are_no_utf8),
		cmocka_unit_test(escape__never_cuts_a_character_in_two),
		TEST(check__is_silent_about_a_good_file),
		TEST(check__prints_every_error_with_its_line_escaped),
		TEST(check__says_what_is_wrong_with_a_file_that_cannot_be_read),
		TEST(check__tries_the_policies_of_default_and_of_each_group),
		TEST(check__tries_the_policy_of_each_user),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
