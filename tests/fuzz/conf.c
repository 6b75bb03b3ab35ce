/* SPDX-License-Identifier: MIT */
/* runs as: root. A configuration file, as all programs read it, and the policies that it holds. */
#include "tests/fuzz/fuzz.h"

#include "conf/policy.h"

/* One file for good: what has a name in /proc is opened anew each time. */
static int file;
static char path[32];
static const char *user;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	file = file_of(NULL, 0);
	return snprintf(path, sizeof path, "/proc/self/fd/%d", file) < 0;
}

/* Groups by their first letter: some have us, some have not, of some nobody knows. */
static int in_group(void *context, const char *group, struct fail *f)
{
	(void)context;
	if (group[0] == 'x')
		return fail(f, 0, "look up group %s", group);
	return group[0] % 2;
}

static void count(void *context, unsigned line, const char *text)
{
	unsigned *reports = context;

	HOLDS(text[0] != '\0' && line <= 2001);
	++*reports;
}

/* What is effective can be said again, and means the same. */
static void say_again(void *context, const char *key, const char *value, unsigned line, const char *section)
{
	struct policy *again = context;
	struct fail f;
	enum key k = key_find(key);

	HOLDS(k != KEY_COUNT && (line == 0) == (section == NULL));
	if (key_set(again, k, value, line, &f) < 0) {
		(void)fprintf(stderr, "%s\n", f.text);
		abort();
	}
}

static char *printed(const struct config *config, const struct policy *policy)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	HOLDS(out != NULL);
	policy_print(out, config, policy);
	HOLDS(fclose(out) == 0 && is_tame(text));
	return text;
}

static void check_policy(const struct config *config, struct policy *policy)
{
	struct policy again;
	struct fail f = { 0 };
	char value[2][1024];

	HOLDS(policy_host(config, &again, &f) == 0);
	for (enum key k = 0; k < KEY_COUNT; k++)
		if (key_adds_up(k))
			HOLDS(key_set(&again, k, "none", 0, &f) == 0);
	policy_each(config, policy, say_again, &again);
	for (enum key k = 0; k < KEY_COUNT; k++) {
		key_text(policy, k, 0, value[0], sizeof value[0]);
		key_text(&again, k, 0, value[1], sizeof value[1]);
		HOLDS(strcmp(value[0], value[1]) == 0);
	}
	free(printed(config, policy));
	policy_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = NULL;
	struct policy policy;
	struct fail f = { 0 };
	unsigned reports = 0;

	HOLDS(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
	if (config_read(path, &config, count, &reports, &f) < 0) {
		HOLDS(config == NULL && reports > 0 && is_said(&f) && strncmp(f.text, path, strlen(path)) == 0);
		return 0;
	}
	HOLDS(reports == 0);
	user = size % 2 == 0 ? "ada" : "eve";
	if (policy_for(config, user, in_group, NULL, &policy, &f) < 0) {
		HOLDS(is_said(&f));
	} else {
		check_policy(config, &policy);
		policy_free(&policy);
	}
	config_free(config);
	return 0;
}
