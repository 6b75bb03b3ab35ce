/* SPDX-License-Identifier: MIT */
/* runs as: root, then the user. The authorized_keys that a user sees, read without a mount. */

/*
 * The rules are the overlay's, for one file two directories deep. The boxes' overlays are mounted with
 * redirect_dir=off and metacopy=off, so a name stands where it is found and a file in the upper is whole; what
 * remains is: the upper's entry wins, a whiteout (character device 0:0) or anything but a directory covers
 * what is below it, a directory merges with the one below it unless it is marked opaque. A test compares this
 * with the kernel's answer.
 */
#include "helper/keys/view.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conf/fd.h"

#define KEYS "authorized_keys"
#define OPAQUE "trusted.overlay.opaque"

enum look { LOOK_ABSENT, LOOK_COVERED, LOOK_THERE };

void view_close(struct view *v)
{
	fd_close(&v->top);
	fd_close(&v->top_ssh);
	fd_close(&v->home);
}

/* Nothing outside dir, no link of any kind, and no waiting for a FIFO's writer. Returns an fd or -1, errno. */
static int open_beneath(int dir, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = resolve | RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

/* 1: dir hides what the lower has under its name. 0: it merges with it. */
static int is_opaque(int dir, struct fail *f)
{
	char mark = '\0';

	if (fgetxattr(dir, OPAQUE, &mark, sizeof mark) >= 0)
		return mark == 'y';
	if (errno == ERANGE || errno == ENODATA || errno == EOPNOTSUPP)
		return 0; /* only "y" means opaque */
	return fail(f, errno, "read %s of the box's .ssh", OPAQUE);
}

static int open_top_ssh(struct view *v, struct fail *f)
{
	OWN_FD int ssh = open_beneath(v->top, ".ssh", O_DIRECTORY, RESOLVE_NO_XDEV);

	if (ssh < 0 && errno == ENOENT)
		return 0;
	if (ssh < 0 && errno == ENOTDIR) { /* a whiteout, or a file in its place */
		v->covered = true;
		return 0;
	}
	if (ssh < 0)
		return fail(f, errno, "open .ssh of the box's home");

	int opaque = is_opaque(ssh, f);

	if (opaque < 0)
		return -1;
	v->covered = opaque == 1;
	v->top_ssh = fd_give(&ssh);
	return 0;
}

int view_open_top(struct view *v, int state, const char *path, struct fail *f)
{
	v->top = open_beneath(state, path, O_DIRECTORY, 0);
	if (v->top < 0)
		return errno == ENOENT ? 0 : fail(f, errno, "open the box's home %s", path);
	return open_top_ssh(v, f);
}

int view_become(const struct passwd *user, struct fail *f)
{
	uid_t uid = user->pw_uid;
	gid_t gid = user->pw_gid;

	if (initgroups(user->pw_name, gid) != 0)
		return fail(f, errno, "initgroups");
	if (setresgid(gid, gid, gid) != 0)
		return fail(f, errno, "setresgid");
	if (setresuid(uid, uid, uid) != 0)
		return fail(f, errno, "setresuid");
	if (uid != 0 && (setuid(0) == 0 || setreuid((uid_t)-1, 0) == 0 || setgroups(0, NULL) == 0))
		return fail(f, 0, "became root again after dropping it");
	return 0;
}

int view_open_home(struct view *v, const char *path, bool layered, struct fail *f)
{
	/* The way to the home is root's, and may have links in it. */
	v->home = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->home < 0)
		return fail(f, errno, "open the home %s", path);
	v->layered = layered;
	return 0;
}

/* What sshd's StrictModes asks, of an open file or directory. */
static int judge(int fd, const char *what, mode_t type, uid_t owner, struct fail *f)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(f, errno, "stat %s", what);
	if ((st.st_mode & S_IFMT) != type)
		return fail(f, 0, "%s is not a %s", what, type == S_IFDIR ? "directory" : "regular file");
	if (st.st_uid != owner && st.st_uid != 0)
		return fail(f, 0, "%s belongs to uid %u", what, st.st_uid);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fail(f, 0, "%s can be written by others (mode %04o)", what, st.st_mode & 07777U);
	return 0;
}

static int look_at(int dir, const char *name, enum look *found, struct fail *f)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno != ENOENT)
			return fail(f, errno, "stat %s", name);
		*found = LOOK_ABSENT;
		return 0;
	}
	if (S_ISLNK(st.st_mode))
		return fail(f, 0, "%s is a symbolic link, and those are not followed", name);
	*found = S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0) ? LOOK_COVERED : LOOK_THERE;
	return 0;
}

/* Opens the file anew and judges that: what look_at saw may have been replaced since. */
static ssize_t read_keys(int ssh, uid_t owner, uint64_t resolve, char *text, struct fail *f)
{
	OWN_FD int keys = open_beneath(ssh, KEYS, 0, resolve);

	if (keys < 0)
		return fail(f, errno, "open " KEYS);
	if (judge(keys, KEYS, S_IFREG, owner, f) != 0)
		return -1;

	ssize_t length = fd_read_text(keys, text, KEYS_MAX + 1);

	return length >= 0 ? length : fail(f, errno, "read " KEYS);
}

static ssize_t read_from_home(const struct view *v, uid_t owner, char *text, struct fail *f)
{
	uint64_t resolve = v->layered ? RESOLVE_NO_XDEV : 0;
	enum look found = LOOK_ABSENT;

	if (judge(v->home, "the home", S_IFDIR, owner, f) != 0)
		return -1;
	if (look_at(v->home, ".ssh", &found, f) != 0)
		return -1;
	if (found != LOOK_THERE)
		return 0;

	OWN_FD int ssh = open_beneath(v->home, ".ssh", O_DIRECTORY, resolve);

	if (ssh < 0)
		return fail(f, errno, "open .ssh");
	if (judge(ssh, ".ssh", S_IFDIR, owner, f) != 0 || look_at(ssh, KEYS, &found, f) != 0)
		return -1;
	return found == LOOK_THERE ? read_keys(ssh, owner, resolve, text, f) : 0;
}

ssize_t view_read(const struct view *v, uid_t owner, char *text, struct fail *f)
{
	enum look found = LOOK_ABSENT;

	if (v->top >= 0 && judge(v->top, "the box's home", S_IFDIR, owner, f) != 0)
		return -1;
	if (v->top_ssh >= 0) {
		if (judge(v->top_ssh, "the box's .ssh", S_IFDIR, owner, f) != 0)
			return -1;
		if (look_at(v->top_ssh, KEYS, &found, f) != 0)
			return fail_in(f, "in the box");
	}
	if (found == LOOK_THERE) {
		ssize_t length = read_keys(v->top_ssh, owner, RESOLVE_NO_XDEV, text, f);

		return length >= 0 ? length : fail_in(f, "in the box");
	}
	if (found == LOOK_COVERED || v->covered || v->home < 0)
		return 0;
	return read_from_home(v, owner, text, f);
}
