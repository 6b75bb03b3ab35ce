/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace. What of the host a box does not see. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/inside.h"
#include "helper/mnt.h"
#include "places.h"

static const uint64_t covers = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

static const char *const secrets[] = {
	"/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/gshadow-", "/etc/security/opasswd", "/root", NSBOX_STATE,
};

/* An empty file on the stage with the owner and mode of the one it will cover, as seen through the idmap. */
static int empty_file(int files, const char *path, const struct stat *like, struct fail *f)
{
	char name[NAME_MAX + 1];

	(void)snprintf(name, sizeof name, "cover%s", path);
	for (char *c = name; *c != '\0'; c++)
		if (*c == '/')
			*c = '_';

	OWN_FD int fd = openat(files, name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || fchown(fd, like->st_uid, like->st_gid) != 0 || fchmod(fd, like->st_mode & 0777) != 0)
		return fail(f, errno, "make an empty file to cover %s", path);
	return mnt_clone(fd, "", f);
}

static int empty_directory(int files, struct fail *f)
{
	if (mkdirat(files, "empty", 0755) != 0 && errno != EEXIST)
		return fail(f, errno, "make an empty directory");
	return mnt_clone(files, "empty", f);
}

int inside_cover(int root, const char *path, struct fail *f)
{
	/* A secret may lie behind a link of the admin's: links are followed, but never out of the root. */
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	OWN_FD int target = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
	struct stat st;

	if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (target < 0 || fstat(target, &st) != 0)
		return fail(f, errno, "hide %s", path);

	OWN_FD int files = open(STAGE "/files", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (files < 0)
		return fail(f, errno, "open the stage");

	OWN_FD int cover = S_ISDIR(st.st_mode) ? empty_directory(files, f) : empty_file(files, path, &st, f);

	if (cover < 0 || mnt_set(cover, covers, -1, f) < 0)
		return fail_in(f, "hide %s", path);
	if (move_mount(cover, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
		return fail(f, errno, "hide %s", path);
	return 0;
}

static int hide_host_keys(int root, struct fail *f)
{
	DIR *list = opendir("/etc/ssh");
	int done = 0;

	if (list == NULL)
		return errno == ENOENT ? 0 : fail(f, errno, "open /etc/ssh");
	for (const struct dirent *d; done == 0 && (d = readdir(list)) != NULL;) {
		char path[NAME_MAX + 16];

		if (fnmatch("ssh_host_*_key", d->d_name, 0) != 0)
			continue;
		(void)snprintf(path, sizeof path, "/etc/ssh/%s", d->d_name);
		done = inside_cover(root, path, f);
	}
	(void)closedir(list);
	return done;
}

/*
 * Does a link of somebody's but root's lie on the way? Where users write, such a link would choose what is
 * covered instead, in the boxes of others too; what its maker has moved away from there they could read anyway.
 */
static bool is_led_by_users(const struct plan *plan, int root, const char *path)
{
	for (size_t n = 1;; n++) {
		char part[PATH_MAX];
		struct stat st;

		if (path[n] != '/' && path[n] != '\0')
			continue;
		(void)snprintf(part, sizeof part, "%.*s", (int)n - 1, path + 1);
		if (fstatat(root, part, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) && st.st_uid != 0 &&
		    st.st_uid != idmap_outside(plan->uids, 0))
			return true;
		if (path[n] == '\0')
			return false;
	}
}

static int hide(const struct plan *plan, int root, const char *path, struct fail *f)
{
	return is_led_by_users(plan, root, path) ? 0 : inside_cover(root, path, f);
}

int inside_hide(const struct plan *plan, int root, struct fail *f)
{
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		if (inside_cover(root, secrets[i], f) < 0)
			return -1;
	for (char **path = plan->policy->hide; *path != NULL; path++)
		if (hide(plan, root, *path, f) < 0)
			return -1;
	return hide_host_keys(root, f);
}

static bool is_below_any(const char *path, char *const *places)
{
	for (; *places != NULL; places++)
		if (inside_below(path, *places))
			return true;
	return false;
}

/* Is it in what the owner may write to? */
static bool is_written(const struct plan *plan, const char *path)
{
	return is_below_any(path, plan->policy->bind) ||
	       (plan->real_home[0] != '\0' && inside_below(path, plan->real_home));
}

/*
 * Nobody can rename or remove what a mount lies on, in a mount namespace that has it there (rename(2), EBUSY). Who
 * makes mount namespaces of their own has one without, and with the directory's name the cover moves, or goes: in what
 * its owner may write, it would cover nothing.
 */
int inside_holds(const struct plan *plan, const char *key, const char *path, struct fail *f)
{
	if (!plan->policy->nested || !is_written(plan, path))
		return 0;
	(void)fail(f, EINVAL, "%s = %s does not hold with nested = yes, below the home or a bind", key, path);
	return fail_plain(f, "Your box cannot be made as it is configured; please tell the administrator.");
}

int inside_hide_again(const struct plan *plan, int root, struct fail *f)
{
	const struct policy *policy = plan->policy;

	for (char **path = policy->hide; *path != NULL; path++) {
		bool buried = is_written(plan, *path) || is_below_any(*path, policy->bind_ro);

		if (buried && (inside_holds(plan, "hide", *path, f) < 0 || hide(plan, root, *path, f) < 0))
			return -1;
	}
	return 0;
}
