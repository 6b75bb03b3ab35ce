/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. All that somebody may get by the configuration, without asking who there is. */
#include <stdio.h>

#include "shell/check.h"

struct walk {
	const struct config *config;
	check_policy *each;
	void *context;
	unsigned group; /* the line of the group's section that is judged alone; 0: none */
};

/* What contradicts itself has been said by the check of the configuration. */
static void judge(const struct walk *walk, const char *user, policy_in_group *in_group, char *name)
{
	struct policy policy;
	struct fail f;

	if (policy_for(walk->config, user, in_group, name, &policy, &f) < 0)
		return;
	/* A section that says enable = no itself is for nobody's box. */
	if (policy.enable || policy.line[KEY_enable] < walk->group)
		walk->each(walk->context, &policy, walk->group);
	policy_free(&policy);
}

static void judge_group(void *context, unsigned line, const char *name)
{
	struct walk *walk = context;
	char group[256];

	(void)snprintf(group, sizeof group, "%s", name);
	walk->group = line;
	judge(walk, "", group_that_one, group);
}

static void judge_user(void *context, unsigned line, const char *name)
{
	char user[256];

	(void)line;
	(void)snprintf(user, sizeof user, "%s", name);
	judge(context, user, group_of_user, user);
}

void policies_each(const struct config *config, check_policy *each, void *context)
{
	struct walk walk = { .config = config, .each = each, .context = context };

	judge(&walk, "", group_that_one, NULL);
	/* Before the groups alone: what is certain of somebody is an error. */
	config_users(config, judge_user, &walk);
	config_groups(config, judge_group, &walk);
}
