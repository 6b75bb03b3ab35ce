/* SPDX-License-Identifier: MIT */
/* runs as: root, in the top directory. keys.def, the shipped file and the manual say the same. */
#include "tests/unit/conf_file.h"

enum { CONF_PAGE = 64 * 1024 };

/* Large enough for any of the files here; the caller frees. */
static char *text_of(const char *path)
{
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = malloc(CONF_PAGE);

	if (fd < 0 || text == NULL || fd_read_text(fd, text, CONF_PAGE) < 0)
		flunk("%s: cannot be read; the test runs in the top directory\n", path);
	return text;
}

/* Appends to words of size bytes, with one blank between. */
static void append(char *words, size_t size, const char *text)
{
	size_t used = strlen(words);

	assert_true(used + strlen(text) + 2 < size);
	(void)snprintf(words + used, size - used, "%s%s", used > 0 ? " " : "", text);
}

static unsigned count(const char *text, const char *what)
{
	unsigned found = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		found++;
	return found;
}

static const char *how_often(const struct key_row *row)
{
	return row->repeat == REPEAT ? "; may be repeated" : row->repeat == HOST ? "; in [default] only" : "";
}

/* The shipped file: a paragraph of "# " lines above each "#key = default"; name and default are cut out of that line. */
static void shipped_file__has_each_key_in_order_with_sentence_range_and_default(void **state)
{
	char *text = text_of("conf/nsbox.conf");
	char *rest = text;
	char words[1000] = "";
	unsigned key = 0;

	(void)state;
	for (char *line; key < KEY_COUNT && (line = strsep(&rest, "\n")) != NULL;) {
		const struct key_row *row = key_row((enum key)key);
		char want[1000];

		if (strncmp(line, "# ", 2) == 0) {
			append(words, sizeof words, line + 2);
			continue;
		}
		if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z') {
			(void)snprintf(want, sizeof want, "%s Allowed: %s%s", row->sentence, row->allowed, how_often(row));
			assert_string_equal(words, want);
			(void)snprintf(want, sizeof want, "#%s =%s%s", row->name, row->initial[0] != '\0' ? " " : "", row->initial);
			assert_string_equal(line, want);
			key++;
		}
		words[0] = '\0';
	}
	assert_int_equal(key, KEY_COUNT);
	/* What is left is the example. */
	assert_non_null(strstr(rest, "\n#[group:nsbox-trial]\n#enable = yes\n"));
	assert_int_equal(count(rest, " = "), 1);
	free(text);
}

static int in_trial(void *context, const char *group, struct fail *f)
{
	(void)f;
	return strcmp(group, "nsbox-trial") == 0 && context != NULL;
}

static void take_reports(void *context, unsigned line, const char *text)
{
	(void)context;
	print_error("line %u: %s\n", line, text);
}

static void shipped_file__boxes_nobody_and_its_example_boxes_the_trial_group(void **state)
{
	const struct place *place = *state;
	char *text = text_of("conf/nsbox.conf");
	struct config *config = read_good(place, text);
	char *example = strstr(text, "#[group:nsbox-trial]\n#enable = yes\n");
	struct policy policy;
	struct fail f;

	assert_int_equal(policy_for(config, "ada", in_trial, text, &policy, &f), 0);
	assert_false(policy.enable);
	policy_free(&policy);
	config_free(config);
	assert_non_null(example);
	memcpy(example, " [group:nsbox-trial]\n enable = yes\n", 35);
	config = read_good(place, text);
	assert_int_equal(policy_for(config, "ada", in_trial, text, &policy, &f), 0);
	assert_true(policy.enable);
	policy_free(&policy);
	assert_int_equal(policy_for(config, "ada", in_trial, NULL, &policy, &f), 0);
	assert_false(policy.enable);
	policy_free(&policy);
	config_free(config);
	free(text);
}

/* All "#key = default" with the # taken away, and the active line put away. */
static void shipped_file__uncommented_is_the_built_in_defaults(void **state)
{
	const struct place *place = *state;
	char *text = text_of("conf/nsbox.conf");
	char *end = strstr(text, "#[group:nsbox-trial]");
	struct config *config = NULL;
	struct policy policy;
	struct fail f;
	char value[100];

	assert_non_null(end);
	*end = '\0';
	*strstr(text, "enable = no") = '#';
	for (char *at = text; (at = strstr(at, "\n#")) != NULL; at++)
		if (at[2] >= 'a' && at[2] <= 'z' && strncmp(at, "\n#nable", 7) != 0)
			at[1] = ' ';
	put_bytes(place, text, strlen(text));
	assert_int_equal(config_read(place->path, &config, take_reports, NULL, &f), 0);
	assert_int_equal(policy_for(config, "ada", in_trial, NULL, &policy, &f), 0);
	for (unsigned i = 0; i < KEY_COUNT; i++) {
		assert_true(policy.line[i] > 0);
		key_text(&policy, (enum key)i, 0, value, sizeof value);
		assert_string_equal(value, key_row((enum key)i)->initial);
	}
	policy_free(&policy);
	config_free(config);
	free(text);
}

/* The running text of one item of the manual's list of keys: lines that are no macros. */
static char *item(char **rest, char *words, size_t size)
{
	char *key = NULL;

	words[0] = '\0';
	for (char *line; (line = strsep(rest, "\n")) != NULL;) {
		if (strncmp(line, ".It Ic ", 7) == 0)
			key = line + 7;
		else if (line[0] != '.' && key != NULL)
			append(words, size, line);
		if (*rest != NULL && (strncmp(*rest, ".It Ic ", 7) == 0 || strncmp(*rest, ".El", 3) == 0) && key != NULL)
			return key;
	}
	return NULL;
}

static void manual__has_each_key_in_order_with_sentence_range_and_default(void **state)
{
	char *text = text_of("man/nsbox.conf.5");
	char *rest = strstr(text, "\n.Sh KEYS\n");
	char *end = strstr(text, "\n.Sh FILES\n");
	char words[2000];
	char want[1000];

	(void)state;
	assert_non_null(rest);
	assert_non_null(end);
	end[1] = '\0';
	assert_int_equal(count(rest, "\n.It Ic "), KEY_COUNT);
	for (unsigned i = 0; i < KEY_COUNT; i++) {
		const struct key_row *row = key_row((enum key)i);
		const char *key = item(&rest, words, sizeof words);

		assert_non_null(key);
		assert_int_equal(strncmp(key, row->name, strlen(row->name)), 0);
		assert_int_equal(strncmp(key + strlen(row->name), " No = Ar ", 9), 0);
		assert_int_equal(strncmp(words, row->sentence, strlen(row->sentence)), 0);
		(void)snprintf(want, sizeof want, " Allowed: %s; default: %s%s.", row->allowed, row->initial[0] != '\0' ? row->initial : "empty",
			       how_often(row));
		assert_true(strlen(words) > strlen(want));
		assert_string_equal(words + strlen(words) - strlen(want), want);
	}
	free(text);
}

/* Every display that begins with a section. */
static void manual__examples_are_good_configurations(void **state)
{
	static const char begin[] = "\n.Bd -literal -offset indent\n";
	char *text = text_of("man/nsbox.conf.5");
	unsigned examples = 0;

	for (char *at = text, *end; (at = strstr(at, begin)) != NULL; at = end + 2) {
		struct config *config;
		struct policy policy;
		struct fail f = { 0 };

		at += strlen(begin);
		end = strstr(at, "\n.Ed\n");
		assert_non_null(end);
		if (at[0] != '[')
			continue;
		end[1] = '\0';
		config = read_good(*state, at);
		GOOD(policy_for(config, "ada", in_trial, NULL, &policy, &f));
		policy_free(&policy);
		config_free(config);
		examples++;
	}
	assert_true(examples >= 2);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shipped_file__has_each_key_in_order_with_sentence_range_and_default),
		TEST(shipped_file__boxes_nobody_and_its_example_boxes_the_trial_group),
		TEST(shipped_file__uncommented_is_the_built_in_defaults),
		TEST(manual__has_each_key_in_order_with_sentence_range_and_default),
		TEST(manual__examples_are_good_configurations),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
