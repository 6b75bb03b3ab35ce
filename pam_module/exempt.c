/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and other services. Who is never boxed: root, and the members of the exempt groups. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "pam_module/module.h"

/* Memory that goes with its scope. */
#define OWN_MEMORY __attribute__((cleanup(memory_cleanup)))

static void memory_cleanup(void *at)
{
	void *memory;

	memcpy(&memory, at, sizeof memory);
	free(memory);
}

/* getpwnam_r and getgrnam_r want room nobody can foretell: an LDAP group has thousands of members. */
enum { ROOM_FIRST = 4096, ROOM_MOST = 64 << 20, GROUPS_MOST = 65536 };

/* What getpwnam(3) and getgrnam(3) list, without an entry, for "there is no such name". */
static bool means_not_found(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

int account_find(pam_handle_t *pamh, struct account *who, struct fail *f)
{
	const void *user = NULL;

	if (pam_get_item(pamh, PAM_USER, &user) != PAM_SUCCESS || user == NULL)
		return fail(f, 0, "PAM names no user");
	for (size_t room = ROOM_FIRST; room <= ROOM_MOST; room *= 4) {
		OWN_MEMORY char *buffer = malloc(room);
		struct passwd entry, *found = NULL;

		if (buffer == NULL)
			return fail(f, ENOMEM, "look up user %s", (const char *)user);
		int error = getpwnam_r(user, &entry, buffer, room, &found);

		if (found != NULL) {
			*who = (struct account){ .name = user, .uid = entry.pw_uid, .gid = entry.pw_gid };
			return 0;
		}
		if (means_not_found(error))
			return fail(f, 0, "there is no user %s", (const char *)user);
		if (error != ERANGE)
			return fail(f, error, "look up user %s", (const char *)user);
	}
	return fail(f, ERANGE, "look up user %s", (const char *)user);
}

/* Asks every source of groups, as initgroups does: for those that keep no list of members. 1, 0 or -1. */
static int in_group_list(const struct account *who, gid_t gid, struct fail *f)
{
	for (int room = 256; room <= GROUPS_MOST; room *= 4) {
		OWN_MEMORY gid_t *list = calloc((size_t)room, sizeof *list);
		int n = room;

		if (list == NULL)
			return fail(f, ENOMEM, "look up the groups of %s", who->name);
		if (getgrouplist(who->name, who->gid, list, &n) < 0)
			continue;
		for (int i = 0; i < n; i++)
			if (list[i] == gid)
				return 1;
		return 0;
	}
	return fail(f, ERANGE, "look up the groups of %s", who->name);
}

static int is_member(const struct account *who, const struct group *group, struct fail *f)
{
	if (group->gr_gid == who->gid)
		return 1;
	for (char **member = group->gr_mem; *member != NULL; member++)
		if (strcmp(*member, who->name) == 0)
			return 1;
	return in_group_list(who, group->gr_gid, f);
}

/* 1: in the group; 0: not, also when there is none, and then *exists is false; -1: could not be found out. */
static int in_group(const struct account *who, const char *name, bool *exists, struct fail *f)
{
	*exists = true;
	for (size_t room = ROOM_FIRST; room <= ROOM_MOST; room *= 4) {
		OWN_MEMORY char *buffer = malloc(room);
		struct group entry, *found = NULL;

		if (buffer == NULL)
			return fail(f, ENOMEM, "look up group %s", name);
		int error = getgrnam_r(name, &entry, buffer, room, &found);

		if (found != NULL)
			return is_member(who, found, f);
		if (means_not_found(error)) {
			*exists = false;
			return 0;
		}
		if (error != ERANGE)
			return fail(f, error, "look up group %s", name);
	}
	return fail(f, ERANGE, "look up group %s", name);
}

/* The GROUP of exempt=GROUP, or NULL. */
static const char *group_of(const char *argument)
{
	static const char key[] = "exempt=";

	if (strncmp(argument, key, sizeof key - 1) != 0 || argument[sizeof key - 1] == '\0')
		return NULL;
	return argument + sizeof key - 1;
}

const char *exempt_unknown_argument(int argc, const char **argv)
{
	for (int i = 0; i < argc; i++)
		if (group_of(argv[i]) == NULL)
			return argv[i];
	return NULL;
}

/*
 * A membership that is certain counts even when another group could not be looked up: whoever repairs the
 * directory server may be in the local one. Only when none is certain does the doubt decide.
 */
int exempt_check(pam_handle_t *pamh, const struct account *who, int argc, const char **argv, struct fail *f)
{
	int answer = 0;

	if (who->uid == 0)
		return 1;
	for (int i = 0; i < argc; i++) {
		const char *name = group_of(argv[i]);
		bool exists = true;
		int in = name == NULL ? 0 : in_group(who, name, &exists, f);

		if (in > 0)
			return 1;
		if (in < 0)
			answer = -1;
		if (!exists)
			pam_syslog(pamh, LOG_WARNING, "exempt=%s: there is no such group", name);
	}
	return answer;
}
