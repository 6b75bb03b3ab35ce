/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace. What is new in every box: /run, /tmp, /dev, /proc, /sys. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/inside.h"
#include "helper/mnt.h"

static const uint64_t no_programs_of_power = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/* A tmpfs that belongs to the box's root. */
static int new_tmpfs(const struct plan *plan, uint64_t size, const char *mode, uint64_t attributes, struct fail *f)
{
	char bytes[24], uid[12], gid[12];
	const struct mnt_option options[] = {
		{ "size", bytes }, { "mode", mode }, { "uid", uid }, { "gid", gid }, { NULL, NULL },
	};

	(void)snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)size);
	(void)snprintf(uid, sizeof uid, "%u", idmap_outside(plan->uids, 0));
	(void)snprintf(gid, sizeof gid, "%u", idmap_outside(plan->gids, 0));
	return mnt_new("tmpfs", options, attributes, f);
}

static int make_directory(int parent, const char *name, mode_t mode, struct fail *f)
{
	/* chmod, because mkdir drops the sticky bit's company and the umask has a say. */
	if (mkdirat(parent, name, mode) != 0 || fchmodat(parent, name, mode, 0) != 0)
		return fail(f, errno, "make %s", name);
	return 0;
}

static int make_file(int parent, const char *name, const char *text, struct fail *f)
{
	OWN_FD int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		return fail(f, errno, "write %s", name);
	return 0;
}

static int make_owners(const struct plan *plan, int parent, const char *name, struct fail *f)
{
	if (make_directory(parent, name, 0700, f) < 0)
		return -1;
	if (fchownat(parent, name, plan->owner->uid, plan->owner->gid, 0) != 0)
		return fail(f, errno, "give %s to the owner", name);
	return 0;
}

/* /run/user/UID; below it the paths that stay as logins come and go. */
static int fill_runtime(const struct plan *plan, int run, struct fail *f)
{
	char user[24], stable[32];

	(void)snprintf(user, sizeof user, "user/%u", plan->owner->uid);
	(void)snprintf(stable, sizeof stable, "%s/nsbox", user);
	if (make_owners(plan, run, user, f) < 0)
		return -1;
	return plan->policy->stable_paths ? make_owners(plan, run, stable, f) : 0;
}

/* What nsbox's own programs look up in a box. */
static int fill_own(const struct plan *plan, int run, struct fail *f)
{
	char name[WIRE_BOX + 1], shell[sizeof plan->owner->shell + PATH_MAX];

	(void)snprintf(name, sizeof name, "%s\n", plan->box);
	(void)snprintf(shell, sizeof shell, "%s\n", owner_shell(plan->owner, plan->policy->shell));
	if (make_directory(run, "nsbox", 0755, f) < 0 || make_directory(run, "nsbox/boxes", 0755, f) < 0 ||
	    make_file(run, "nsbox/name", name, f) < 0)
		return -1;
	return make_file(run, "nsbox/shell", shell, f);
}

static int fill_run(const struct plan *plan, int run, struct fail *f)
{
	if (make_directory(run, "lock", 01777, f) < 0 || make_directory(run, "user", 0755, f) < 0 ||
	    fill_runtime(plan, run, f) < 0 || fill_own(plan, run, f) < 0 ||
	    /* screen is set-group-ID utmp on the host; without that bit its directory must be open to all */
	    make_directory(run, "screen", 01777, f) < 0 ||
	    make_file(run, "utmp", "", f) < 0 || make_file(run, "wtmp", "", f) < 0)
		return fail_in(f, "/run");
	return 0;
}

int inside_boxes(const struct plan *plan, struct fail *f)
{
	char path[sizeof NSBOX_RUN + 24];

	(void)snprintf(path, sizeof path, NSBOX_RUN "/%u/boxes", plan->owner->uid);

	OWN_FD int boxes = mnt_clone(AT_FDCWD, path, f);

	/* Connecting to a socket is no change of its file system. */
	if (boxes < 0 || mnt_set(boxes, no_programs_of_power | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, -1, f) < 0)
		return -1;
	return fd_give(&boxes);
}

int inside_fresh(const struct plan *plan, int root, struct fail *f)
{
	OWN_FD int run = new_tmpfs(plan, plan->policy->run, "0755", no_programs_of_power, f);
	OWN_FD int tmp = run < 0 ? -1 : new_tmpfs(plan, plan->policy->tmp, "0755", no_programs_of_power, f);

	if (tmp < 0 || fill_run(plan, run, f) < 0 || mnt_attach(run, root, "/run", f) < 0)
		return -1;
	/* /tmp and /var/tmp are two directories of one tmpfs, so that `tmp` is the size of both together. */
	if (make_directory(tmp, "tmp", 01777, f) < 0 || make_directory(tmp, "var", 01777, f) < 0 ||
	    mnt_attach(tmp, root, "/var/tmp", f) < 0)
		return -1;

	OWN_FD int first = mnt_clone(tmp, "tmp", f);
	OWN_FD int second = first < 0 ? -1 : mnt_clone(tmp, "var", f);

	if (second < 0 || mnt_attach(first, root, "/tmp", f) < 0 || mnt_attach(second, root, "/var/tmp", f) < 0)
		return -1;
	return 0;
}

static const struct node {
	const char *name;
	unsigned major, minor;
} nodes[] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 },
	{ "tty", 5, 0 },
};

static const struct link {
	const char *name, *to;
} links[] = {
	{ "fd", "/proc/self/fd" }, { "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" }, { "ptmx", "pts/ptmx" },
};

/* Device nodes can be made by host root only; those of the key devices copy the host's own. */
static int make_node(int dev, const char *name, mode_t mode, dev_t number, struct fail *f)
{
	if (mknodat(dev, name, mode, number) != 0 || fchmodat(dev, name, mode & 07777, 0) != 0)
		return fail(f, errno, "make /dev/%s", name);
	return 0;
}

static int make_listed(const struct plan *plan, int dev, struct fail *f)
{
	for (char **path = plan->policy->devices; *path != NULL; path++) {
		const char *name = *path + strlen("/dev/");
		struct stat st;

		if (stat(*path, &st) != 0 || (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)))
			return fail(f, errno, "devices = %s is not a device of this host", *path);

		const char *slash = strrchr(name, '/');

		if (slash != NULL) {
			char parent[256];

			(void)snprintf(parent, sizeof parent, "%.*s", (int)(slash - name), name);
			if (inside_make_path(dev, parent, 0755, f) < 0)
				return -1;
		}
		if (make_node(dev, name, st.st_mode, st.st_rdev, f) < 0)
			return -1;
		/* The group decides who may use a device: the owner's groups are themselves in the box. */
		if (fchownat(dev, name, idmap_outside(plan->uids, st.st_uid), idmap_outside(plan->gids, st.st_gid),
			     0) != 0)
			return fail(f, errno, "give /dev/%s its owner", name);
	}
	return 0;
}

static int fill_dev(const struct plan *plan, int dev, struct fail *f)
{
	for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++)
		if (make_node(dev, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor), f) < 0)
			return -1;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
		if (symlinkat(links[i].to, dev, links[i].name) != 0)
			return fail(f, errno, "make /dev/%s", links[i].name);
	if (make_directory(dev, "pts", 0755, f) < 0 || make_directory(dev, "shm", 01777, f) < 0 ||
	    make_directory(dev, "mqueue", 01777, f) < 0)
		return -1;
	return make_listed(plan, dev, f);
}

/*
 * The numbers of terminals start at 0 in every box: an instance of devpts of its own. The kernel counts all
 * instances together (kernel.pty.max, 4096), so that one box must not be able to open them all.
 */
static int new_devpts(const struct plan *plan, struct fail *f)
{
	char gid[12];
	const struct mnt_option options[] = {
		{ "gid", gid }, { "mode", "0620" }, { "ptmxmode", "0666" }, { "max", "128" }, { NULL, NULL },
	};

	(void)snprintf(gid, sizeof gid, "%u", idmap_outside(plan->gids, 5)); /* tty, on every Linux */
	return mnt_new("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, f);
}

int inside_dev(const struct plan *plan, int root, struct fail *f)
{
	enum { DEV_BYTES = 1 << 20 };
	OWN_FD int dev = new_tmpfs(plan, DEV_BYTES, "0755", MOUNT_ATTR_NOSUID, f);

	if (dev < 0 || fill_dev(plan, dev, f) < 0 || mnt_attach(dev, root, "/dev", f) < 0)
		return -1;

	OWN_FD int pts = new_devpts(plan, f);
	OWN_FD int shm = pts < 0 ? -1 : new_tmpfs(plan, plan->policy->shm, "1777", no_programs_of_power, f);
	OWN_FD int mqueue = shm < 0 ? -1 : mnt_new("mqueue", NULL, no_programs_of_power | MOUNT_ATTR_NOEXEC, f);

	if (mqueue < 0 || mnt_attach(pts, dev, "pts", f) < 0 || mnt_attach(shm, dev, "shm", f) < 0 ||
	    mnt_attach(mqueue, dev, "mqueue", f) < 0)
		return -1;
	/* Nothing is made in /dev from here on, not even by the box's root. */
	return mnt_set(dev, MOUNT_ATTR_RDONLY, -1, f);
}
