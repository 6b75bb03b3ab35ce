/* SPDX-License-Identifier: MIT */
/* runs as: root. The configuration file: what is taken, and what is refused with which words. */
#include "tests/unit/conf_file.h"

static void file__is_judged_by_type_owner_and_mode(void **state)
{
	const struct place *place = *state;
	struct reports reports;

	put_bytes(place, "[default]\n", 10);
	assert_int_equal(chown(place->path, 65533, 0), 0);
	read_bad(place, &reports);
	assert_string_equal(reports.text[0], "belongs to uid 65533, and must belong to root");
	assert_int_equal(chown(place->path, 0, 65533), 0);
	assert_int_equal(chmod(place->path, 0664), 0);
	read_bad(place, &reports);
	assert_non_null(strstr(reports.text[0], "writable by others"));
	assert_int_equal(chmod(place->path, 0646), 0);
	read_bad(place, &reports);
	assert_non_null(strstr(reports.text[0], "mode 0646"));
}

static void file__that_is_missing_a_fifo_a_directory_or_a_device_is_refused_at_once(void **state)
{
	const struct place *place = *state;
	struct place device = { .path = "/dev/null" };
	struct place tty = { .path = "/dev/ptmx" };
	struct reports reports;
	int64_t start = clock_ms();

	read_bad(place, &reports);
	assert_non_null(strstr(reports.text[0], "No such file"));
	assert_int_equal(mkfifo(place->path, 0600), 0);
	read_bad(place, &reports);
	assert_string_equal(reports.text[0], "is not a regular file");
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(mkdir(place->path, 0700), 0);
	read_bad(place, &reports);
	assert_string_equal(reports.text[0], "is not a regular file");
	read_bad(&device, &reports);
	read_bad(&tty, &reports);
	assert_true(clock_ms() - start < 1000);
}

static void symlink__is_followed_and_its_target_judged(void **state)
{
	const struct place *place = *state;
	struct place target = { 0 };
	struct reports reports;
	struct config *config;
	struct fail f;

	(void)snprintf(target.path, sizeof target.path, "%s/target", place->directory);
	put_bytes(&target, "[default]\n", 10);
	assert_int_equal(symlink("target", place->path), 0);
	assert_int_equal(config_read(place->path, &config, NULL, NULL, &f), 0);
	config_free(config);
	assert_int_equal(chown(target.path, 65533, 0), 0);
	read_bad(place, &reports);
	assert_non_null(strstr(reports.text[0], "must belong to root"));
	assert_int_equal(unlink(target.path), 0);
	read_bad(place, &reports);
	assert_non_null(strstr(reports.text[0], "No such file"));
}

/* A comment of lines of 64 bytes. */
static char *big_text(size_t size)
{
	char *text = malloc(size + 1);

	assert_non_null(text);
	for (size_t i = 0; i < size; i++)
		text[i] = i % 64 == 63 ? '\n' : '#';
	text[size] = '\0';
	return text;
}

static void file__of_64_kib_is_read_and_one_byte_more_is_not(void **state)
{
	const struct place *place = *state;
	char *text = big_text(65537);

	refuse(place, text, 0, "is larger than 65536 bytes");
	text[65536] = '\0';
	config_free(read_good(place, text));
	free(text);
}

static void file__may_have_2000_lines(void **state)
{
	const struct place *place = *state;
	char text[2 * 2001 + 1];

	for (size_t i = 0; i < 2001; i++)
		memcpy(text + 2 * i, ";\n", 3);
	refuse(place, text, 2001, "more than 2000 lines");
	text[2 * 2000] = '\0';
	config_free(read_good(place, text));
}

static void line__may_have_900_bytes(void **state)
{
	const struct place *place = *state;
	char text[1200];

	(void)snprintf(text, sizeof text, "[default]\nhide = /%0892d\nbind = /x\n", 0);
	config_free(read_good(place, text));
	(void)snprintf(text, sizeof text, "[default]\nhide = /%0893d\nbind = /x\n", 0);
	refuse(place, text, 2, "longer than 900 bytes");
}

static void bytes__nul_and_controls_are_refused_and_other_bytes_are_not(void **state)
{
	const struct place *place = *state;
	struct reports reports;

	refuse(place, "[default]\nhide = /a\033b\n", 2, "a control byte");
	refuse(place, "# \177\n", 1, "a control byte");
	refuse(place, "[default]\r\n", 1, "carriage return");
	put_bytes(place, "[default]\n\0hide = /a\n", 21);
	read_bad(place, &reports);
	assert_int_equal(reports.count, 1);
	assert_int_equal(reports.line[0], 2);
	assert_string_equal(reports.text[0], "a NUL byte");
	config_free(read_good(place, "\t[default] \n\thide\t=\t/\377\344 # \303\244\n"));
}

static void empty_file_and_comments__are_good(void **state)
{
	const struct place *place = *state;

	config_free(read_good(place, ""));
	config_free(read_good(place, "\n\n  # [x\n;y = \\\n[default]"));
}

static void line__that_is_no_setting_is_refused(void **state)
{
	const struct place *place = *state;

	refuse(place, "[default]\nenable\n", 2, "neither [section] nor key = value");
	refuse(place, "[default]\n= yes\n", 2, "neither [section] nor key = value");
	refuse(place, "[default]\nshell = \\\n\n", 2, "cannot be continued");
	refuse(place, "[default]\nshell = /a \\ \n", 2, "cannot be continued");
}

static void value__that_iniparser_would_cut_is_refused(void **state)
{
	const struct place *place = *state;

	refuse(place, "[default]\nhide = \"/a\" /b\n", 2, "text after the closing quote");
	refuse(place, "[default]\nhide = '/a'b'\n", 2, "text after the closing quote");
	refuse(place, "[default]\nhide = \"/a\n", 2, "a quote is not closed");
	refuse(place, "[default]\nhide = /a#b\n", 2, "begin a comment");
	refuse(place, "[default]\nhide = /a;b\n", 2, "begin a comment");
}

static void section__unknown_or_misspelt_is_refused_and_its_settings_are_checked(void **state)
{
	const struct place *place = *state;
	struct reports reports;

	refuse(place, "[defaults]\nenable = no\n", 1, "unknown section [defaults]; allowed: [default], [group:NAME], [user:NAME]");
	refuse(place, "[Default]\n", 1, "unknown section");
	refuse(place, "[default\n", 1, "unknown section [default;");
	refuse(place, "[\n", 1, "unknown section");
	refuse(place, "[]\n", 1, "unknown section");
	refuse(place, "[default] # x\n", 1, "unknown section");
	refuse(place, "[group:]\n", 1, "not a name");
	refuse(place, "[user: ada]\n", 1, "not a name");
	refuse(place, "[user:a]b]\n", 1, "not a name");
	put_bytes(place, "[x]\nboxes = 0\n", 14);
	read_bad(place, &reports);
	assert_int_equal(reports.count, 2);
	assert_int_equal(reports.line[1], 2);
}

static void section__stands_once_and_its_case_counts(void **state)
{
	const struct place *place = *state;

	refuse(place, "[default]\n[user:a]\n[default]\n", 3, "section [default] stands already in line 1");
	refuse(place, "[group:a b]\n\n[group:a b]\n", 3, "stands already in line 1");
	config_free(read_good(place, "[group:a]\n[group:A]\n[user:a]\n"));
}

static void key__unknown_is_refused_with_the_list_of_keys(void **state)
{
	const struct place *place = *state;

	refuse(place, "[default]\nmemroy = 1G\n", 2, "unknown key memroy; allowed: enable services scope");
	refuse(place, "[default]\nenable yes = 1\n", 2, "unknown key enable yes;");
	refuse(place, "[default]\nEnable = yes\n", 2, "keys are written in small letters; allowed: enable");
}

static void key__before_a_section_is_refused(void **state)
{
	refuse(*state, "# x\nenable = no\n[default]\n", 2, "enable stands before the first section; allowed: below [default]");
}

static void key__stands_once_in_a_section_unless_it_may_be_repeated(void **state)
{
	const struct place *place = *state;

	refuse(place, "[default]\npids = 100\n\npids = 100\n", 4, "pids stands already in line 2; allowed: once in a section");
	config_free(read_good(place, "[default]\npids = 100\nhide = /a\nhide = /b\n[user:a]\npids = 100\n"));
}

static void key__of_the_whole_host_stands_in_default_only(void **state)
{
	const struct place *place = *state;

	refuse(place, "[default]\n[group:a]\nsubnet = 10.0.0.0/16\n", 3, "subnet is the same for all users; allowed: in [default] only");
	refuse(place, "[user:a]\nhost_ports = 53\n", 2, "host_ports is the same for all users");
	refuse(place, "[user:a]\nsubnet6 = none\n", 2, "subnet6 is the same for all users");
	refuse(place, "subnet6 = none\n", 1, "stands before the first section");
	refuse(place, "[default]\nsubnet6 = none\nsubnet6 = none\n", 3, "subnet6 stands already in line 2");
	config_free(read_good(place, "[user:a]\npids = 100\n[default]\nsubnet = 10.0.0.0/16\nsubnet6 = none\nhost_ports = 53\n"));
}

static void all_errors__are_reported_in_order_of_lines(void **state)
{
	static const char text[] = "boxes = 1\n[default]\nboxes = 0\n[x]\nfoo = 1\nenable = maybe\n\\\nshell = sh\n";
	static const unsigned lines[] = { 1, 3, 4, 5, 6, 7, 8 };
	const struct place *place = *state;
	struct reports reports;

	put_bytes(place, text, sizeof text - 1);
	read_bad(place, &reports);
	assert_int_equal(reports.count, 7);
	assert_memory_equal(reports.line, lines, sizeof lines);
}

/* Batches of iniparser's dictionary must not mix lines up. */
static void many_lines__keep_their_numbers_and_values(void **state)
{
	const struct place *place = *state;
	char text[32 * 1500] = "[default]\n";
	size_t used = strlen(text);

	for (unsigned i = 0; i < 1000; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, i % 7 == 0 ? "# %u\n" : "hide = /path/%u\n", i);
	config_free(read_good(place, text));
	(void)snprintf(text + used, sizeof text - used, "hide = path/1000\n");
	refuse(place, text, 1002, "hide = path/1000: is not an absolute path; allowed: absolute path or none");
}

static void take_section(void *context, unsigned line, const char *name)
{
	char *text = context;
	size_t used = strlen(text);

	(void)snprintf(text + used, 100 - used, "%u %s;", line, name);
}

static void groups_and_users__are_listed_with_their_lines(void **state)
{
	char groups[100] = "";
	char users[100] = "";
	struct config *config = read_good(*state, "[group:Domain Users]\n[user:ada]\n[default]\n\n[group:b]\n");

	config_groups(config, take_section, groups);
	config_users(config, take_section, users);
	assert_string_equal(groups, "1 Domain Users;5 b;");
	assert_string_equal(users, "2 ada;");
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(file__is_judged_by_type_owner_and_mode),
		TEST(file__that_is_missing_a_fifo_a_directory_or_a_device_is_refused_at_once),
		TEST(symlink__is_followed_and_its_target_judged),
		TEST(file__of_64_kib_is_read_and_one_byte_more_is_not),
		TEST(file__may_have_2000_lines),
		TEST(line__may_have_900_bytes),
		TEST(bytes__nul_and_controls_are_refused_and_other_bytes_are_not),
		TEST(empty_file_and_comments__are_good),
		TEST(line__that_is_no_setting_is_refused),
		TEST(value__that_iniparser_would_cut_is_refused),
		TEST(section__unknown_or_misspelt_is_refused_and_its_settings_are_checked),
		TEST(section__stands_once_and_its_case_counts),
		TEST(key__unknown_is_refused_with_the_list_of_keys),
		TEST(key__before_a_section_is_refused),
		TEST(key__stands_once_in_a_section_unless_it_may_be_repeated),
		TEST(key__of_the_whole_host_stands_in_default_only),
		TEST(all_errors__are_reported_in_order_of_lines),
		TEST(many_lines__keep_their_numbers_and_values),
		TEST(groups_and_users__are_listed_with_their_lines),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
