/* SPDX-License-Identifier: MIT */
/* runs as: root. The key io_max: one line of it, and in a configuration file. */
#include "conf/io_max.h"

#include "tests/unit/conf_file.h"

static void line__has_a_path_and_rates(void **state)
{
	struct io_max max = { 0 };
	struct fail f = { 0 };

	(void)state;
	GOOD(io_max_parse("/home rbps=10M wbps=2G riops=100 wiops=1", &max, &f));
	assert_string_equal(max.path, "/home");
	assert_true(max.rbps == 10 << 20);
	assert_true(max.wbps == UINT64_C(2) << 30);
	assert_true(max.riops == 100);
	assert_true(max.wiops == 1);
}

static void what_a_line_does_not_say__is_none(void **state)
{
	struct io_max max = { 0 };
	struct fail f = { 0 };

	(void)state;
	GOOD(io_max_parse("/dev/sda \t wiops=7\t", &max, &f));
	assert_string_equal(max.path, "/dev/sda");
	assert_true(max.wiops == 7);
	assert_true(max.rbps == POLICY_NONE && max.wbps == POLICY_NONE && max.riops == POLICY_NONE);
	GOOD(io_max_parse("/ rbps=1", &max, &f)); /* the disk of the root file system */
	assert_true(max.rbps == 1);
}

static void bad(const char *text, const char *words)
{
	struct io_max max = { .rbps = 12345 };
	struct fail f = { 0 };

	assert_int_equal(io_max_parse(text, &max, &f), -1);
	assert_true(max.rbps == 12345);
	if (strcmp(f.text, words) != 0)
		flunk("%s: %s\n(not: %s)\n", text, f.text, words);
}

static void bad_line__is_refused_in_words(void **state)
{
	char text[400] = "/";

	(void)state;
	bad("", "is not an absolute path");
	bad("home rbps=1M", "is not an absolute path");
	bad("rbps", "is not an absolute path");
	bad("rbps=1M", "has no path before rbps=1M, as in: /home rbps=1M");
	bad("wiops=7 rbps=1M", "has no path before wiops=7, as in: /home wiops=7");
	bad("8:0 rbps=1M", "is not an absolute path");
	bad("/home/ rbps=1M", "has an empty component (// or / at its end)");
	bad("/srv/../home rbps=1M", "has a . or .. component");
	bad("/home", "has a path but no rate");
	bad("/home 10M", "has a word that is not rbps=, wbps=, riops= or wiops=");
	bad("/home bps=10M", "has a word that is not rbps=, wbps=, riops= or wiops=");
	bad("/home rbps", "has a word that is not rbps=, wbps=, riops= or wiops=");
	bad("/home =10M", "has a word that is not rbps=, wbps=, riops= or wiops=");
	bad("/home RBPS=10M", "has a word that is not rbps=, wbps=, riops= or wiops=");
	bad("/home rbps=1M,wbps=1M", "is not a size like 512M or 2G");
	bad("/home rbps = 10M", "has a word that is not rbps=, wbps=, riops= or wiops=");
	bad("/home rbps=1M rbps=2M", "says rbps twice");
	bad("/home rbps=", "is not a size like 512M or 2G");
	bad("/home rbps=10MB", "is not a size like 512M or 2G");
	bad("/home rbps=max", "is not a size like 512M or 2G");
	bad("/home rbps=none", "is not a size like 512M or 2G");
	bad("/home rbps=0", "is too small");
	bad("/home rbps=9999999T", "is too large");
	bad("/home riops=1M", "is not a whole number");
	bad("/home wiops=0", "is too small");
	bad("/home wiops=4294967296", "is too large");
	bad("/home wiops=00000000000000000000000000000000001", "has too long an amount for wiops");
	memset(text + 1, 'a', 256);
	(void)strcat(text, " rbps=1M");
	bad(text, "has too long a path");
}

static int in_staff(void *context, const char *group, struct fail *f)
{
	(void)context;
	(void)f;
	return strcmp(group, "staff") == 0;
}

static struct policy policy_of(const struct place *place, const char *text)
{
	struct config *config = read_good(place, text);
	struct policy policy;
	struct fail f = { 0 };

	GOOD(policy_for(config, "ada", in_staff, NULL, &policy, &f));
	config_free(config);
	return policy;
}

/* The value has an = of its own, which the lines and iniparser must leave alone. */
static void file__keeps_the_value_whole(void **state)
{
	struct policy p = policy_of(*state, "[default]\nio_max = /home rbps=10M wbps=5M # a comment\n"
					    "io_max=\"/srv riops=10\"\n");

	assert_string_equal(p.io_max[0], "/home rbps=10M wbps=5M");
	assert_string_equal(p.io_max[1], "/srv riops=10");
	assert_null(p.io_max[2]);
	assert_int_equal(p.item_line[KEY_io_max][0], 2);
	assert_int_equal(p.item_line[KEY_io_max][1], 3);
	policy_free(&p);
}

static void lines__add_up_over_sections(void **state)
{
	struct policy p = policy_of(*state, "[default]\nio_max = /home rbps=10M\nio_max = /home rbps=10M\n"
					    "[group:staff]\nio_max = /home rbps=20M\n"
					    "[group:others]\nio_max = /home rbps=30M\n");

	assert_string_equal(p.io_max[0], "/home rbps=10M"); /* the very same line is one */
	assert_string_equal(p.io_max[1], "/home rbps=20M");
	assert_null(p.io_max[2]);
	policy_free(&p);
}

static void none__empties_what_was_listed(void **state)
{
	struct policy p = policy_of(*state, "[default]\nio_max = /home rbps=10M\n[group:staff]\nio_max = none\n");

	assert_null(p.io_max[0]);
	policy_free(&p);
	p = policy_of(*state, "[default]\nio_max = /home rbps=10M\n"
			      "[group:staff]\nio_max = none\nio_max = /srv wbps=1M\n");
	assert_string_equal(p.io_max[0], "/srv wbps=1M");
	assert_null(p.io_max[1]);
	policy_free(&p);
}

static void file__refuses_a_bad_line_with_its_number(void **state)
{
	refuse(*state, "[default]\nio_max = /home rbps=fast\n", 2,
	       "io_max = /home rbps=fast: is not a size like 512M or 2G; allowed: PATH with rbps=SIZE");
	refuse(*state, "[default]\nio_max = /home\n", 2, "io_max = /home: has a path but no rate");
	refuse(*state, "[default]\nio_max =\n", 2, "is not an absolute path");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line__has_a_path_and_rates),
		cmocka_unit_test(what_a_line_does_not_say__is_none),
		cmocka_unit_test(bad_line__is_refused_in_words),
		TEST(file__keeps_the_value_whole),
		TEST(lines__add_up_over_sections),
		TEST(none__empties_what_was_listed),
		TEST(file__refuses_a_bad_line_with_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
