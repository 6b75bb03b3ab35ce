/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Who is in which group, with "no" told apart from "it cannot be told". */
#include "conf/member.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>

/* A group in a directory service may have thousands of members, and nobody can foretell the room. */
enum { ROOM_FIRST = 4096, ROOM_MOST = 64 << 20, GROUPS_FIRST = 256, GROUPS_MOST = 65536 };

bool member_not_found(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

static int is_listed(const gid_t *list, int n, gid_t gid)
{
	for (int i = 0; i < n; i++)
		if (list[i] == gid)
			return 1;
	return 0;
}

/* Asks every source of groups, as initgroups does: for those that keep no list of members. 1, 0 or -1. */
static int in_group_list(const struct member *who, gid_t gid, struct fail *f)
{
	if (who->groups != NULL)
		return is_listed(who->groups, who->group_count, gid);
	for (int room = GROUPS_FIRST; room <= GROUPS_MOST; room *= 4) {
		gid_t *list = calloc((size_t)room, sizeof *list);
		int n = room;

		if (list == NULL)
			return fail(f, ENOMEM, "look up the groups of %s", who->name);

		int in = getgrouplist(who->name, who->gid, list, &n) < 0 ? -1 : is_listed(list, n, gid);

		free(list);
		if (in >= 0)
			return in;
	}
	return fail(f, ERANGE, "look up the groups of %s", who->name);
}

/* getgrouplist(3) reports no errors: the group's own list tells of a member it may have missed. */
static int is_member(const struct member *who, const struct group *group, struct fail *f)
{
	if (group->gr_gid == who->gid)
		return 1;
	for (char *const *member = group->gr_mem; *member != NULL; member++)
		if (strcmp(*member, who->name) == 0)
			return 1;
	return in_group_list(who, group->gr_gid, f);
}

int member_of(const struct member *who, const char *group, bool *exists, struct fail *f)
{
	if (exists != NULL)
		*exists = true;
	for (size_t room = ROOM_FIRST; room <= ROOM_MOST; room *= 4) {
		struct group entry, *found = NULL;
		char *buffer = malloc(room);
		int error = buffer == NULL ? ENOMEM : getgrnam_r(group, &entry, buffer, room, &found);
		int in = found != NULL ? is_member(who, found, f) : 0;

		free(buffer);
		if (found != NULL)
			return in;
		if (error == ERANGE)
			continue;
		if (!member_not_found(error))
			return fail(f, error, "look up group %s", group);
		if (exists != NULL)
			*exists = false;
		return 0;
	}
	return fail(f, ERANGE, "look up group %s", group);
}
