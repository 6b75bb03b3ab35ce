/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. The questions of `nssh --check` about groups. */
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "conf/member.h"
#include "shell/check.h"

int group_exists(const char *group, struct fail *f)
{
	static const gid_t none[] = { 0 };
	const struct member nobody = { .name = "", .gid = (gid_t)-1, .groups = none, .group_count = 0 };
	bool exists;

	return member_of(&nobody, group, &exists, f) < 0 ? -1 : exists;
}

int group_has(const char *group, const char *user, struct fail *f)
{
	errno = 0;

	const struct passwd *found = getpwnam(user);

	if (found == NULL && member_not_found(errno))
		return 0;
	if (found == NULL)
		return fail(f, errno, "look up user %s", user);

	const struct member who = { .name = user, .gid = found->pw_gid };

	return member_of(&who, group, NULL, f);
}

int group_of_user(void *user, const char *group, struct fail *f)
{
	return group_has(group, user, f);
}

int group_that_one(void *only, const char *group, struct fail *f)
{
	(void)f;
	return only != NULL && strcmp(only, group) == 0;
}
