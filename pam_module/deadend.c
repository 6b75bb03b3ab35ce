/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd's monitor. Where a refused session is told why. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"
#include "pam_module/module.h"

/*
 * After a refusal sshd still forks the child that becomes the user, may give it a terminal, lets it print the
 * message, and only then ends it. Nothing promises that this is all the child can be brought to do. So before it
 * is forked the monitor itself moves: a root that is an empty, read-only tmpfs with the five files sshd wants for
 * that, and a network with nothing in it. The connection is an open descriptor and goes on.
 *
 * One of the five is /etc/passwd with a line for the user alone: sshd's monitor looks the user up again when it hands
 * out a terminal, and dies, message and all, when there is none (*seen*).
 */

struct dead_end {
	int root;   /* the new root: a tmpfs, not attached before attach_root */
	int devpts; /* its own terminals */
	int null;   /* copies of the host's devices: in a container there is no mknod */
	int tty;
};

static void dead_end_cleanup(struct dead_end *d)
{
	fd_close(&d->root);
	fd_close(&d->devpts);
	fd_close(&d->null);
	fd_close(&d->tty);
}

/* A new file system of this type with these options (NULL-terminated: key, value, key, value), not attached. */
static int new_mount(const char *type, const char *const *options, struct fail *f)
{
	OWN_FD int fs = fsopen(type, FSOPEN_CLOEXEC);
	int mounted;

	if (fs < 0)
		return fail(f, errno, "dead end: new %s", type);
	for (; options[0] != NULL; options += 2)
		if (fsconfig(fs, FSCONFIG_SET_STRING, options[0], options[1], 0) != 0)
			return fail(f, errno, "dead end: %s option %s", type, options[0]);
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		return fail(f, errno, "dead end: make %s", type);
	mounted = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	if (mounted < 0)
		return fail(f, errno, "dead end: mount %s", type);
	return mounted;
}

static int copy_device(const char *path, struct fail *f)
{
	int tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0)
		return fail(f, errno, "dead end: copy %s", path);
	return tree;
}

/* All that can fail for want of something, before the first mount is changed. */
static int collect(struct dead_end *d, struct fail *f)
{
	static const char *const small[] = { "size", "64k", "nr_inodes", "16", "mode", "0755", NULL };
	/* The first open of /dev/ptmx is the monitor's, as root; its mode is nevertheless what users expect. */
	static const char *const terminals[] = { "ptmxmode", "0666", "mode", "0620", NULL };

	d->root = new_mount("tmpfs", small, f);
	if (d->root < 0)
		return -1;
	d->devpts = new_mount("devpts", terminals, f);
	if (d->devpts < 0)
		return -1;
	d->null = copy_device("/dev/null", f);
	if (d->null < 0)
		return -1;
	d->tty = copy_device("/dev/tty", f);
	return d->tty < 0 ? -1 : 0;
}

/* The mode is set and not asked for: whatever the service's umask, the user has to get to their terminal. */
static int put_directory(int root, const char *path, struct fail *f)
{
	if (mkdirat(root, path, 0700) != 0 || fchmodat(root, path, 0755, 0) != 0)
		return fail(f, errno, "dead end: create /%s", path);
	return 0;
}

static int put_file(int root, const char *path, const char *text, struct fail *f)
{
	OWN_FD int file = openat(root, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (file < 0 || fchmod(file, 0644) != 0 || fd_write_all(file, text, strlen(text)) != 0)
		return fail(f, errno, "dead end: create /%s", path);
	return 0;
}

static int put_passwd(int root, const struct account *who, struct fail *f)
{
	char line[512];

	if (who == NULL)
		return 0;
	(void)snprintf(line, sizeof line, "%s:x:%lu:%lu::/:/\n", who->name, (unsigned long)who->uid,
		       (unsigned long)who->gid);
	if (put_directory(root, "etc", f) != 0)
		return -1;
	return put_file(root, "etc/passwd", line, f);
}

/* The tmpfs is not attached yet, and reached by nobody else. */
static int furnish(int root, const struct account *who, struct fail *f)
{
	if (put_directory(root, "dev", f) != 0)
		return -1;
	if (put_directory(root, "dev/pts", f) != 0)
		return -1;
	if (symlinkat("pts/ptmx", root, "dev/ptmx") != 0)
		return fail(f, errno, "dead end: create /dev/ptmx");
	/* Places for the devices to be mounted on. */
	if (put_file(root, "dev/null", "", f) != 0)
		return -1;
	if (put_file(root, "dev/tty", "", f) != 0)
		return -1;
	return put_passwd(root, who, f);
}

static int attach(int tree, int root, const char *where, struct fail *f)
{
	if (move_mount(tree, "", root, where, MOVE_MOUNT_F_EMPTY_PATH) != 0)
		return fail(f, errno, "dead end: mount /%s", where);
	return 0;
}

static int attach_all(const struct dead_end *d, struct fail *f)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };

	/*
	 * Over the old root, where it needs no directory of its own; the mounts inside come after, for they need an
	 * attached parent.
	 */
	if (attach(d->root, AT_FDCWD, "/", f) != 0)
		return -1;
	if (attach(d->devpts, d->root, "dev/pts", f) != 0)
		return -1;
	if (attach(d->null, d->root, "dev/null", f) != 0)
		return -1;
	if (attach(d->tty, d->root, "dev/tty", f) != 0)
		return -1;
	/* Of the tmpfs alone: a terminal that is read-only could not be given to its user. */
	if (mount_setattr(d->root, "", AT_EMPTY_PATH, &read_only, sizeof read_only) != 0)
		return fail(f, errno, "dead end: make the root read-only");
	return 0;
}

/* pivot_root(2), "pivot_root(".", ".")": the old root ends up on top of the new one, and is taken off whole. */
static int leave_host_root(int root, struct fail *f)
{
	if (fchdir(root) != 0)
		return fail(f, errno, "dead end: go there");
	if (syscall(SYS_pivot_root, ".", ".") != 0)
		return fail(f, errno, "dead end: pivot_root");
	if (umount2(".", MNT_DETACH) != 0)
		return fail(f, errno, "dead end: let go of the host's root");
	if (chdir("/") != 0)
		return fail(f, errno, "dead end: go to its root");
	return 0;
}

int dead_end_enter(const struct account *who, struct fail *f)
{
	__attribute__((cleanup(dead_end_cleanup))) struct dead_end d = { -1, -1, -1, -1 };

	/* First, so that nothing below can touch the host's mounts. */
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC) != 0)
		return fail(f, errno, "dead end: unshare");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return fail(f, errno, "dead end: make mounts private");
	if (collect(&d, f) != 0)
		return -1;
	if (furnish(d.root, who, f) != 0)
		return -1;
	if (attach_all(&d, f) != 0)
		return -1;
	return leave_host_root(d.root, f);
}
