/* SPDX-License-Identifier: MIT */
/* runs as: root, called by systemd. Whose user manager may run on the host? */
#include "helper/outside.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "conf/policy.h"
#include "helper/owner.h"
#include "places.h"

/* Is one of the two paths the other, or on the way to it? */
static bool overlap(const char *one, const char *two)
{
	size_t n = strlen(one), m = strlen(two), least = n < m ? n : m;

	return strncmp(one, two, least) == 0 && (n == m || (n < m ? two : one)[least] == '/');
}

/*
 * The home as it is written down, and as the kernel names it: a path under `bind` has no links, that of a home may.
 */
static int judge_binds(const struct owner *owner, char *const *binds, struct fail *f)
{
	char real[PATH_MAX];

	if (*binds == NULL)
		return 1;
	if (owner_real_home(owner, real, f) < 0)
		return -1;
	for (; *binds != NULL; binds++) {
		if (!overlap(*binds, owner->home) && (real[0] == '\0' || !overlap(*binds, real)))
			continue;
		(void)fail(f, 0, "boxes of %s write to their home by bind = %s", owner->name, *binds);
		return 0;
	}
	return 1;
}

static int judge(const struct owner *owner, const struct policy *policy, struct fail *f)
{
	if (!policy->enable)
		return 1;
	if (policy->home != HOME_BIND)
		return judge_binds(owner, policy->bind, f);
	(void)fail(f, 0, "boxes of %s write to their home by home = bind", owner->name);
	return 0;
}

int outside_may_run(uid_t uid, struct fail *f)
{
	struct config *config = NULL;
	struct policy policy;
	struct owner owner;
	int done;

	if (uid == 0)
		return 1;
	if (owner_by_uid(uid, &owner, f) < 0 || config_read(NSBOX_CONF, &config, NULL, NULL, f) < 0)
		return -1;

	struct owner member = owner;

	done = policy_for(config, owner.name, owner_in_group, &member, &policy, f);
	config_free(config);
	if (done < 0)
		return -1;
	done = judge(&owner, &policy, f);
	policy_free(&policy);
	return done;
}
