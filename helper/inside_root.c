/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace. The host's disk file systems, read-only and idmapped. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/inside.h"
#include "helper/mnt.h"
#include "helper/mountinfo.h"
#include "places.h"

static const uint64_t carried = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/* File systems of the kernel's own making, of which a box gets fresh ones, or none. */
static const char *const kernel_types[] = {
	"proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs", "bpf",
	"pstore", "mqueue", "hugetlbfs", "configfs", "fusectl", "binfmt_misc", "autofs", "rpc_pipefs", "efivarfs",
	"nsfs", "selinuxfs", "nfsd", "ramfs",
};

/* Below these a box has mounts of its own. */
static const char *const own_places[] = { "/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", NSBOX_STATE };

bool inside_below(const char *path, const char *place)
{
	size_t n = strlen(place);

	return strncmp(path, place, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static bool is_kernel_type(const char *type)
{
	for (size_t i = 0; i < sizeof kernel_types / sizeof kernel_types[0]; i++)
		if (strcmp(type, kernel_types[i]) == 0)
			return true;
	return false;
}

static bool is_own_place(const char *point)
{
	for (size_t i = 0; i < sizeof own_places / sizeof own_places[0]; i++)
		if (inside_below(point, own_places[i]))
			return true;
	return false;
}

/*
 * A FUSE file system that a user mounted serves that user alone, and its server may never answer: only what
 * root mounted for all is carried.
 */
static bool is_private_fuse(const struct mount_entry *m)
{
	return strncmp(m->type, "fuse", 4) == 0 &&
	       (strstr(m->options, "user_id=0,") == NULL || strstr(m->options, "allow_other") == NULL);
}

static bool wanted(const struct plan *plan, const struct mount_entry *m)
{
	if (strcmp(m->point, "/") == 0 || is_kernel_type(m->type) || is_own_place(m->point) || is_private_fuse(m))
		return false;
	return plan->policy->homes == HOMES_ALL || !inside_below(m->point, "/home");
}

/* Opens the mount point if it is this very mount that one sees there, and not a later one on top. */
static int open_visible(const struct mount_entry *m)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
	OWN_FD int fd = (int)syscall(SYS_openat2, AT_FDCWD, m->point, &how, sizeof how);
	struct statx sx;

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &sx) != 0 ||
	    (uint64_t)m->id != sx.stx_mnt_id)
		return -1;
	return fd_give(&fd);
}

/*
 * Idmapped where the file system can be; the others (network, overlay) are bound as they are, with the
 * numeric owners of the host, and the owner's own rights.
 */
static int carry(const struct plan *plan, int root, const struct mount_entry *m, struct fail *f)
{
	OWN_FD int source = open_visible(m);

	if (source < 0)
		return 0;

	OWN_FD int mount = mnt_clone(source, "", f);

	if (mount < 0)
		return fail_in(f, "carry %s (%s)", m->point, m->type);
	if (mnt_set(mount, carried, plan->userns, f) < 0 &&
	    ((f->code != EINVAL && f->code != EOPNOTSUPP) || mnt_set(mount, carried, -1, f) < 0))
		return fail_in(f, "carry %s (%s)", m->point, m->type);
	if (mnt_attach(mount, root, m->point, f) < 0)
		return fail_in(f, "carry %s (%s)", m->point, m->type);
	return 0;
}

static int carry_all(const struct plan *plan, int root, struct fail *f)
{
	char *text = mountinfo_read(plan->proc, f), *at = text;
	struct mount_entry m;
	int more = -1;

	if (text == NULL)
		return -1;
	while ((more = mountinfo_next(&at, &m, f)) == 1)
		if (wanted(plan, &m) && carry(plan, root, &m, f) < 0) {
			more = -1;
			break;
		}
	free(text);
	return more;
}

static int make_stage(struct fail *f)
{
	static const struct mnt_option options[] = { { "size", "1M" }, { "mode", "0700" }, { NULL, NULL } };
	OWN_FD int stage = mnt_new("tmpfs", options, 0, f);

	if (stage < 0)
		return -1;
	if (mkdirat(stage, "root", 0755) != 0 || mkdirat(stage, "lower", 0755) != 0 ||
	    mkdirat(stage, "files", 0700) != 0)
		return fail(f, errno, "set up the stage");
	if (move_mount(stage, "", AT_FDCWD, STAGE, MOVE_MOUNT_F_EMPTY_PATH) != 0)
		return fail(f, errno, "mount the stage at " STAGE);
	return 0;
}

int inside_root(const struct plan *plan, struct fail *f)
{
	OWN_FD int root = mnt_clone(AT_FDCWD, "/", f);

	if (root < 0)
		return -1;
	if (mnt_set(root, carried, plan->userns, f) < 0)
		return fail_in(f, "the root file system (its type must support idmapped mounts)");
	if (make_stage(f) < 0)
		return -1;
	if (move_mount(root, "", AT_FDCWD, STAGE "/root", MOVE_MOUNT_F_EMPTY_PATH) != 0)
		return fail(f, errno, "mount the root at " STAGE "/root");
	if (carry_all(plan, root, f) < 0)
		return -1;
	return fd_give(&root);
}
