/* SPDX-License-Identifier: MIT */
/* runs as: root. The user a box belongs to, as the host's name services know them. */
#include "helper/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/member.h"
#include "conf/shell.h"

enum { OVERFLOW_ID = 65534 };

static int copy_text(char *to, size_t size, const char *from, const char *what, struct fail *f)
{
	if ((size_t)snprintf(to, size, "%s", from) >= size)
		return fail(f, ENAMETOOLONG, "%s of the user", what);
	return 0;
}

static int fill(struct owner *owner, const struct passwd *pw, struct fail *f)
{
	owner->uid = pw->pw_uid;
	owner->gid = pw->pw_gid;
	owner->group_count = OWNER_GROUPS;
	if (copy_text(owner->name, sizeof owner->name, pw->pw_name, "name", f) < 0 ||
	    copy_text(owner->home, sizeof owner->home, pw->pw_dir[0] ? pw->pw_dir : "/", "home directory", f) < 0 ||
	    copy_text(owner->shell, sizeof owner->shell, pw->pw_shell[0] ? pw->pw_shell : "/bin/sh", "shell", f) < 0)
		return -1;
	if (strchr(owner->name, '/') != NULL || owner->name[0] == '.' || owner->name[0] == '\0')
		return fail(f, EINVAL, "name of uid %u", pw->pw_uid);
	if (getgrouplist(owner->name, owner->gid, owner->groups, &owner->group_count) < 0)
		return fail(f, E2BIG, "groups of %s: %d, and a box carries at most %d", owner->name,
			    owner->group_count, OWNER_GROUPS);
	return 0;
}

/*
 * The plain getpwnam family instead of the _r one: the helper has one thread, and a directory's groups of ten
 * thousand members fit no buffer we would choose.
 */
int owner_by_name(const char *name, struct owner *owner, struct fail *f)
{
	errno = 0;

	const struct passwd *found = getpwnam(name);

	if (found == NULL && member_not_found(errno))
		return fail(f, 0, "there is no user %s", name);
	if (found == NULL)
		return fail(f, errno, "look up user %s", name);
	return fill(owner, found, f);
}

int owner_by_uid(uid_t uid, struct owner *owner, struct fail *f)
{
	errno = 0;

	const struct passwd *found = getpwuid(uid);

	if (found == NULL && member_not_found(errno))
		return fail(f, 0, "there is no user with uid %u", uid);
	if (found == NULL)
		return fail(f, errno, "look up uid %u", uid);
	return fill(owner, found, f);
}

int owner_check(const struct owner *owner, struct fail *f)
{
	if (owner->uid == 0)
		return fail(f, 0, "root is never boxed");
	if (owner->uid == OVERFLOW_ID || owner->gid == OVERFLOW_ID)
		return fail(f, 0, "user %s has uid %u and gid %u: 65534 is the kernel's overflow id and cannot own"
			    " a box", owner->name, owner->uid, owner->gid);
	return 0;
}

const char *owner_shell(const struct owner *owner, const char *wanted)
{
	const char *shell = wanted[0] != '\0' ? wanted : owner->shell;

	return shell_is_nssh(shell) ? "/bin/sh" : shell;
}

int owner_in_group(void *context, const char *group, struct fail *f)
{
	const struct owner *owner = context;
	const struct member member = {
		.name = owner->name, .gid = owner->gid, .groups = owner->groups, .group_count = owner->group_count,
	};

	return member_of(&member, group, NULL, f);
}

/* A change of the file system uid takes the capabilities for files along, and the way back brings them again. */
static int walk_as(const struct owner *owner, uid_t uid, gid_t gid, size_t groups, struct fail *f)
{
	(void)setfsgid(gid);
	(void)setfsuid(uid);
	/* These two report no errors; asking with an invalid id shows what is in force (setfsuid(2)). */
	if ((gid_t)setfsgid((gid_t)-1) != gid || (uid_t)setfsuid((uid_t)-1) != uid ||
	    setgroups(groups, owner->groups) != 0)
		return fail(f, errno, "look for the home as uid %u", uid);
	return 0;
}

/* A home of their own they may have closed to themselves, and can open again. */
static bool may_enter(const char *path, uid_t uid)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       (st.st_uid == uid || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0);
}

int owner_real_home(const struct owner *owner, char real[PATH_MAX], struct fail *f)
{
	if (walk_as(owner, owner->uid, owner->gid, (size_t)owner->group_count, f) < 0)
		return -1;

	const char *found = realpath(owner->home, real);
	int code = errno;

	if (found == NULL || strcmp(found, "/") == 0 || !may_enter(found, owner->uid))
		real[0] = '\0';
	if (walk_as(owner, 0, 0, 0, f) < 0)
		return -1;
	if (found == NULL && code != ENOENT && code != EACCES)
		return fail(f, code, "find the home %s", owner->home);
	return 0;
}
