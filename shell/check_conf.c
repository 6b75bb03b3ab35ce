/* SPDX-License-Identifier: MIT */
/* runs as: the user. Checks a configuration file and says all that is wrong with it. */
#include "shell/check_conf.h"

#include <stdio.h>
#include <string.h>

#include "conf/escape.h"
#include "conf/policy.h"

struct check {
	const char *path;
	const struct config *config;
	int result;
};

static void complain(const char *text)
{
	char safe[4 * sizeof((struct fail *)0)->text];

	escape_text(safe, sizeof safe, text);
	(void)fprintf(stderr, "%s\n", safe);
}

static void report(void *context, unsigned line, const char *text)
{
	struct check *check = context;
	char whole[sizeof((struct fail *)0)->text];

	if (line > 0)
		(void)snprintf(whole, sizeof whole, "%s:%u: %s", check->path, line, text);
	else
		(void)snprintf(whole, sizeof whole, "%s: %s", check->path, text);
	complain(whole);
	check->result = 1;
}

static int is_that_group(void *context, const char *group, struct fail *f)
{
	const char *only = context;

	(void)f;
	return only != NULL && strcmp(only, group) == 0;
}

/* No user has the empty name, so this is what [default] makes, and one group with it. */
static int try_policy(const struct config *config, char *group, struct fail *f)
{
	struct policy policy;

	if (policy_for(config, "", is_that_group, group, &policy, f) < 0)
		return -1;
	policy_free(&policy);
	return 0;
}

static void try_group(void *context, unsigned line, const char *name)
{
	struct check *check = context;
	char group[256];
	struct fail f;

	(void)line;
	(void)snprintf(group, sizeof group, "%s", name);
	if (try_policy(check->config, group, &f) < 0) {
		complain(f.text);
		check->result = 1;
	}
}

int check_conf(const char *path)
{
	struct check check = { .path = path };
	struct config *config;
	struct fail f;

	if (config_read(path, &config, report, &check, &f) < 0) {
		/* Want of memory is the one failure that is not an error of the file. */
		if (check.result == 0)
			complain(f.text);
		return 1;
	}
	check.config = config;
	if (try_policy(config, NULL, &f) < 0) {
		complain(f.text);
		check.result = 1;
	} else {
		/* What is wrong for everybody is said once. */
		config_groups(config, try_group, &check);
	}
	config_free(config);
	return check.result;
}
