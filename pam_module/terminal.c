/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd's monitor. Gives it the box's terminals and login records in place of the host's. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "pam_module/module.h"

/* In case the helper mixed its descriptors up: sshd will hand out what is on /dev/pts as the user's terminals. */
static int check_devpts(int devpts, struct fail *f)
{
	struct statfs fs;

	if (fstatfs(devpts, &fs) != 0)
		return fail(f, errno, "the box's devpts");
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return fail(f, EINVAL, "the box's devpts is none");
	return 0;
}

static int check_file(int file, const char *what, struct fail *f)
{
	struct stat st;

	if (fstat(file, &st) != 0)
		return fail(f, errno, "the box's file for %s", what);
	if (!S_ISREG(st.st_mode))
		return fail(f, EINVAL, "the box's file for %s is none", what);
	return 0;
}

static int attach(int tree, const char *where, struct fail *f)
{
	if (move_mount(tree, "", AT_FDCWD, where, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) != 0)
		return fail(f, errno, "mount the box's %s", where);
	return 0;
}

/* A host without the file keeps no such records, and sshd makes none. */
static int attach_if_there(int tree, const char *where, struct fail *f)
{
	struct stat st;

	if (stat(where, &st) != 0 && errno == ENOENT)
		return 0;
	if (check_file(tree, where, f) != 0)
		return -1;
	return attach(tree, where, f);
}

/*
 * The monitor stays in the host's root in all other respects: it holds the host keys and must see nothing of the box
 * but these. /dev/ptmx follows by itself: a link goes to pts/ptmx, and the device looks for the devpts beside it.
 */
int terminal_enter(const int fds[WIRE_FDS], struct fail *f)
{
	if (check_devpts(fds[OPEN_DEVPTS], f) != 0)
		return -1;
	if (unshare(CLONE_NEWNS) != 0)
		return fail(f, errno, "private mount namespace");
	/* Slave: what the admin mounts or unmounts later is still seen, and nothing of ours gets out. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
		return fail(f, errno, "make mounts private");
	if (attach(fds[OPEN_DEVPTS], "/dev/pts", f) != 0)
		return -1;
	if (attach_if_there(fds[OPEN_UTMP], _PATH_UTMP, f) != 0)
		return -1;
	return attach_if_there(fds[OPEN_WTMP], _PATH_WTMP, f);
}
