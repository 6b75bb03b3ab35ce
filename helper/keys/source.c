/* SPDX-License-Identifier: MIT */
/* runs as: root. Which home the keys of a login come from. */
#include "helper/keys/source.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "conf/policy.h"
#include "places.h"

enum { GROUPS_MOST = 65536, ROOM_FIRST = 4096, ROOM_MOST = 64 << 20 };

/* getgrnam(3) lists these, besides 0, for "there is no such group". */
static bool means_not_found(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

/* 1 and the gid, 0 if there is no such group, -1 if it could not be found out. */
static int find_group(const char *name, gid_t *gid, struct fail *f)
{
	/* A group in a directory service may have thousands of members, and nobody can foretell the room. */
	for (size_t room = ROOM_FIRST; room <= ROOM_MOST; room *= 4) {
		struct group group, *found = NULL;
		char *buffer = malloc(room);
		int error = buffer != NULL ? getgrnam_r(name, &group, buffer, room, &found) : ENOMEM;

		if (found != NULL)
			*gid = found->gr_gid;
		free(buffer);
		if (found != NULL)
			return 1;
		if (error != ERANGE)
			return means_not_found(error) ? 0 : fail(f, error, "look up group %s", name);
	}
	return fail(f, ERANGE, "look up group %s", name);
}

/* 1 if the user is in the group, 0 if not or if there is no such group, -1 if it could not be found out. */
static int is_in_group(const struct passwd *user, const char *group, struct fail *f)
{
	gid_t wanted = (gid_t)-1;
	int count = GROUPS_MOST;
	int in = find_group(group, &wanted, f);

	if (in <= 0)
		return in;

	gid_t *gids = calloc(GROUPS_MOST, sizeof *gids);

	if (gids == NULL)
		return fail(f, ENOMEM, "groups of %s", user->pw_name);
	in = 0;
	if (getgrouplist(user->pw_name, user->pw_gid, gids, &count) < 0)
		in = fail(f, 0, "look up the groups of %s", user->pw_name);
	for (int i = 0; in == 0 && i < count; i++)
		in = gids[i] == wanted;
	free(gids);
	return in;
}

static int in_group(void *context, const char *group, struct fail *f)
{
	return is_in_group(context, group, f);
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
static int is_exempt(const struct passwd *user, char **words, struct fail *f)
{
	int answer = 0;

	for (; *words != NULL; words++) {
		int in = is_in_group(user, *words + strlen(SOURCE_EXEMPT), f);

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
