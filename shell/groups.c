/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Who is in which group, with "no" told apart from "it cannot be told". */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "shell/check.h"

enum { ENTRY_ROOM = 1 << 20, GROUPS_MAX = 65536 };

/* 1 with its id, 0: none, -1: it could not be found out. */
static int group_id(const char *group, gid_t *id, struct fail *f)
{
	struct group entry;
	struct group *found = NULL;
	char *room = malloc(ENTRY_ROOM); /* a group of thousands is one long entry */
	int code = room == NULL ? ENOMEM : getgrnam_r(group, &entry, room, ENTRY_ROOM, &found);

	free(room);
	/* getgrnam(3): these are other words for "no such group". */
	if (code == ENOENT || code == ESRCH)
		code = 0;
	if (code != 0)
		return fail(f, code, "look up group %s", group);
	if (found == NULL)
		return 0;
	*id = entry.gr_gid;
	return 1;
}

int group_exists(const char *group, struct fail *f)
{
	gid_t id;

	return group_id(group, &id, f);
}

int group_has(const char *group, const char *user, struct fail *f)
{
	int count = GROUPS_MAX;
	int in = 0;
	gid_t wanted = 0;
	int known = group_id(group, &wanted, f);

	if (known <= 0)
		return known;
	errno = 0;

	const struct passwd *who = getpwnam(user);

	if (who == NULL)
		return fail(f, errno, "look up user %s", user);

	gid_t *ids = calloc(GROUPS_MAX, sizeof *ids);

	if (ids == NULL)
		return fail(f, ENOMEM, "groups of %s", user);
	if (getgrouplist(user, who->pw_gid, ids, &count) < 0)
		in = fail(f, 0, "look up groups of %s", user);
	for (int i = 0; in == 0 && i < count; i++)
		in = ids[i] == wanted;
	free(ids);
	return in;
}
