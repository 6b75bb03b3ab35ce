/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and other services. Who is never boxed: root, and the members of the exempt groups. */
#include <errno.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "conf/member.h"
#include "pam_module/module.h"

/* Memory that goes with its scope. */
#define OWN_MEMORY __attribute__((cleanup(memory_cleanup)))

static void memory_cleanup(void *at)
{
	void *memory;

	memcpy(&memory, at, sizeof memory);
	free(memory);
}

/* getpwnam_r wants room nobody can foretell. */
enum { ROOM_FIRST = 4096, ROOM_MOST = 1 << 20 };

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
		if (member_not_found(error))
			return fail(f, 0, "there is no user %s", (const char *)user);
		if (error != ERANGE)
			return fail(f, error, "look up user %s", (const char *)user);
	}
	return fail(f, ERANGE, "look up user %s", (const char *)user);
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
int exempt_check(pam_handle_t *pamh, struct account *who, int argc, const char **argv, struct fail *f)
{
	int answer = 0;

	if (account_find(pamh, who, f) != 0)
		return -1;
	if (who->uid == 0)
		return 1;

	const struct member member = { .name = who->name, .gid = who->gid };

	for (int i = 0; i < argc; i++) {
		const char *name = group_of(argv[i]);
		bool exists = true;
		int in = name == NULL ? 0 : member_of(&member, name, &exists, f);

		if (in > 0)
			return 1;
		if (in < 0)
			answer = -1;
		if (!exists)
			pam_syslog(pamh, LOG_WARNING, "exempt=%s: there is no such group", name);
	}
	return answer;
}
