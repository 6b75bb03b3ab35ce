/* SPDX-License-Identifier: MIT */
/* runs as: root. The mount calls by file descriptor, with errors in words. */
#include "helper/mnt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"

int mnt_new(const char *type, const struct mnt_option *options, uint64_t attributes, struct fail *f)
{
	OWN_FD int fs = fsopen(type, FSOPEN_CLOEXEC);

	if (fs < 0)
		return fail(f, errno, "open file system %s", type);
	for (const struct mnt_option *o = options; o != NULL && o->key != NULL; o++) {
		int bad = o->value != NULL ? fsconfig(fs, FSCONFIG_SET_STRING, o->key, o->value, 0)
					   : fsconfig(fs, FSCONFIG_SET_FLAG, o->key, NULL, 0);

		if (bad != 0)
			return fail(f, errno, "%s: option %s=%s", type, o->key, o->value != NULL ? o->value : "");
	}
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		return fail(f, errno, "create file system %s", type);

	int mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes);

	return mount < 0 ? fail(f, errno, "mount file system %s", type) : mount;
}

int mnt_clone(int dir, const char *path, struct fail *f)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
	int mount = open_tree(dir, path, flags | (path[0] == '\0' ? AT_EMPTY_PATH : 0));

	return mount < 0 ? fail(f, errno, "clone the mount at %s", path) : mount;
}

int mnt_set(int mount, uint64_t attributes, int userns, struct fail *f)
{
	struct mount_attr attr = { .attr_set = attributes };

	if (userns >= 0) {
		attr.attr_set |= MOUNT_ATTR_IDMAP;
		attr.userns_fd = (unsigned)userns;
	}
	if (mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof attr) != 0)
		return fail(f, errno, userns >= 0 ? "idmap a mount" : "set the attributes of a mount");
	return 0;
}

int mnt_resolve(int root, const char *path, struct fail *f)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	while (*path == '/')
		path++;
	if (*path == '\0')
		path = ".";

	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);

	return fd < 0 ? fail(f, errno, "resolve %s", path) : fd;
}

int mnt_find(const char *path, struct fail *f)
{
	OWN_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root < 0 ? fail(f, errno, "open the root directory") : mnt_resolve(root, path, f);
}

int mnt_attach(int mount, int root, const char *path, struct fail *f)
{
	OWN_FD int target = mnt_resolve(root, path, f);

	if (target < 0)
		return -1;
	if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
		return fail(f, errno, "mount at %s", path);
	return 0;
}
