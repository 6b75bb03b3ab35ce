/* SPDX-License-Identifier: MIT */
/* runs as: the user. Checks a configuration file and says all that is wrong with it. */
#include "shell/check_conf.h"

#include <stdio.h>

#include "conf/escape.h"
#include "conf/policy.h"
#include "shell/check.h"

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

static void try_policy(struct check *check, const char *user, policy_in_group *in_group, char *name)
{
	struct policy policy;
	struct fail f;

	if (policy_for(check->config, user, in_group, name, &policy, &f) == 0) {
		policy_free(&policy);
		return;
	}
	complain(f.text);
	check->result = 1;
}

/* No user has the empty name, so this is what [default] makes with one group. */
static void try_group(void *context, unsigned line, const char *name)
{
	char group[256];

	(void)line;
	(void)snprintf(group, sizeof group, "%s", name);
	try_policy(context, "", group_that_one, group);
}

static void try_user(void *context, unsigned line, const char *name)
{
	char user[256];

	(void)line;
	(void)snprintf(user, sizeof user, "%s", name);
	try_policy(context, user, group_of_user, user);
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
	try_policy(&check, "", group_that_one, NULL);
	/* What is wrong for everybody is said once. */
	if (check.result == 0) {
		config_groups(config, try_group, &check);
		config_users(config, try_user, &check);
	}
	config_free(config);
	return check.result;
}
