/* SPDX-License-Identifier: MIT */
/* runs as: root. Which home the keys of a login come from. */
#include "helper/keys/source.h"

#include <stdbool.h>
#include <string.h>
#include <syslog.h>

#include "conf/member.h"
#include "conf/policy.h"
#include "places.h"

static int in_group(void *context, const char *group, struct fail *f)
{
	const struct passwd *user = context;
	const struct member member = { .name = user->pw_name, .gid = user->pw_gid };

	return member_of(&member, group, NULL, f);
}

static enum source source_by(const struct policy *policy)
{
	if (!policy->enable)
		return SOURCE_HOST;
	switch (policy->home) {
	case HOME_BIND:
		return SOURCE_HOST;
	case HOME_OVERLAY:
		return policy->storage == STORAGE_PERSISTENT ? SOURCE_OVERLAY : SOURCE_HOST;
	case HOME_EMPTY:
		return policy->storage == STORAGE_PERSISTENT ? SOURCE_PRIVATE : SOURCE_NOTHING;
	}
	return SOURCE_NOTHING;
}

/* With a configuration of garbage nobody but the exempt is let in, and those by the keys of the host. */
static int source_by_configuration(struct passwd *user, enum source *out, struct fail *f)
{
	struct config *config = NULL;
	struct policy policy;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, f) != 0) {
		syslog(LOG_ERR, "keys of %s are those of the host: %s", user->pw_name, f->text);
		*out = SOURCE_HOST;
		return 0;
	}
	if (policy_for(config, user->pw_name, in_group, user, &policy, f) != 0) {
		config_free(config);
		return -1;
	}
	*out = source_by(&policy);
	policy_free(&policy);
	config_free(config);
	return 0;
}

/*
 * Is the user in one of the groups that are never boxed? 1, 0, or -1 if it could not be found out. As in the PAM
 * module a membership that is certain counts, also when another group could not be looked up.
 */
static int is_exempt(struct passwd *user, char **words, struct fail *f)
{
	int answer = 0;

	for (; *words != NULL; words++) {
		int in = in_group(user, *words + strlen(SOURCE_EXEMPT), f);

		if (in > 0)
			return 1;
		if (in < 0)
			answer = -1;
	}
	return answer;
}

int source_of(struct passwd *user, char **exempt, enum source *out, struct fail *f)
{
	int never_boxed = user->pw_uid == 0 ? 1 : is_exempt(user, exempt, f);

	if (never_boxed < 0)
		return -1;
	if (never_boxed == 0)
		return source_by_configuration(user, out, f);
	*out = SOURCE_HOST;
	return 0;
}
