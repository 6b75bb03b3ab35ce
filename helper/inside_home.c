/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace. The home, and the hiding of everybody else's. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/inside.h"
#include "helper/mnt.h"
#include "places.h"

static const uint64_t home_attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/* Homes that lie here are those of services; covering the directory would take much more than homes away. */
static const char *const not_for_homes[] = { "/", "/usr", "/usr/local", "/var", "/var/lib", "/opt", "/etc" };

int inside_make_path(int dir, const char *path, mode_t mode, struct fail *f)
{
	char part[PATH_MAX];

	for (const char *at = path; *at != '\0';) {
		const char *slash = strchr(at, '/');
		size_t n = slash != NULL ? (size_t)(slash - path) : strlen(path);

		(void)snprintf(part, sizeof part, "%.*s", (int)n, path);
		if (mkdirat(dir, part, mode) != 0 && errno != EEXIST)
			return fail(f, errno, "make the directory %s", part);
		at = slash != NULL ? slash + 1 : path + n;
	}
	return 0;
}

/* An empty tmpfs over top, in which only the way to home exists. */
static int cover_homes(const struct plan *plan, int root, const char *top, const char *home, struct fail *f)
{
	char uid[12], gid[12];
	const struct mnt_option options[] = {
		{ "size", "64k" }, { "mode", "0755" }, { "uid", uid }, { "gid", gid }, { NULL, NULL },
	};

	(void)snprintf(uid, sizeof uid, "%u", idmap_outside(plan->uids, 0));
	(void)snprintf(gid, sizeof gid, "%u", idmap_outside(plan->gids, 0));

	OWN_FD int cover = mnt_new("tmpfs", options, home_attributes, f);

	if (cover < 0 || inside_make_path(cover, home + strlen(top) + 1, 0755, f) < 0 ||
	    mnt_set(cover, MOUNT_ATTR_RDONLY, -1, f) < 0)
		return -1;
	return mnt_attach(cover, root, top, f);
}

static bool may_cover(const char *top)
{
	for (size_t i = 0; i < sizeof not_for_homes / sizeof not_for_homes[0]; i++)
		if (strcmp(top, not_for_homes[i]) == 0)
			return false;
	return true;
}

/* /home as a whole if the home is below it, else the directory that holds it; and /home in any case. */
static int hide_homes(const struct plan *plan, int root, const char *home, struct fail *f)
{
	char top[PATH_MAX];

	if (strncmp(home, "/home/", 6) == 0)
		return cover_homes(plan, root, "/home", home, f);
	(void)snprintf(top, sizeof top, "%s", home);
	*strrchr(top, '/') = '\0';
	if (top[0] != '\0' && may_cover(top) && cover_homes(plan, root, top, home, f) < 0)
		return -1;
	return inside_cover(root, "/home", f);
}

/* Links were followed when the home was found, as its owner; one that its owner put there since leads nowhere. */
static int clone_home(const char *home, struct fail *f)
{
	OWN_FD int at = mnt_find(home, f);

	return at < 0 ? -1 : mnt_clone(at, "", f);
}

/* The real home as the lower layer, attached on the stage because an overlay takes its layers by path. */
static int attach_lower(const struct plan *plan, const char *home, struct fail *f)
{
	OWN_FD int lower = clone_home(home, f);

	if (lower < 0)
		return -1;
	if (mnt_set(lower, home_attributes | MOUNT_ATTR_RDONLY, plan->userns, f) < 0 &&
	    (f->code != EINVAL || mnt_set(lower, home_attributes | MOUNT_ATTR_RDONLY, -1, f) < 0))
		return -1;
	if (move_mount(lower, "", AT_FDCWD, STAGE "/lower", MOVE_MOUNT_F_EMPTY_PATH) != 0)
		return fail(f, errno, "mount the lower layer of the home");
	return 0;
}

/* storage = ephemeral: the upper layer on a tmpfs of its own, as large as `tmp`. Sets dir to its place. */
static int attach_tmpfs_upper(const struct plan *plan, const char *home, char *dir, size_t size, struct fail *f)
{
	char bytes[24];
	struct stat st;
	const struct mnt_option options[] = { { "size", bytes }, { "mode", "0700" }, { NULL, NULL } };

	(void)snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)plan->policy->tmp);
	(void)snprintf(dir, size, STAGE "/files");

	OWN_FD int upper = mnt_new("tmpfs", options, home_attributes, f);
	OWN_FD int at = upper < 0 ? -1 : mnt_find(home, f);

	if (at < 0)
		return -1;
	if (fstat(at, &st) != 0 || mkdirat(upper, "upper", 0700) != 0 || mkdirat(upper, "work", 0700) != 0 ||
	    fchownat(upper, "upper", st.st_uid, st.st_gid, 0) != 0 ||
	    fchmodat(upper, "upper", st.st_mode & 07777, 0) != 0)
		return fail(f, errno, "set up the upper layer of the home");
	if (move_mount(upper, "", AT_FDCWD, dir, MOVE_MOUNT_F_EMPTY_PATH) != 0)
		return fail(f, errno, "mount the upper layer of the home");
	return 0;
}

/*
 * index=on makes a second mount of an upper in use fail instead of corrupting it; redirects and metacopy
 * would let files of the upper point into the lower by name (kernel, filesystems/overlayfs.rst). The last
 * box's mount may take a moment to be gone: waits for it. The moment is long where much has to be written, for when
 * an overlay goes the kernel writes out all of the file system that has its upper (ovl_sync_fs), other users' files
 * too.
 */
enum { GONE_MS = 7000 };

static int new_overlay(const char *dir, struct fail *f)
{
	char upper[128], work[128];
	int64_t deadline = clock_ms() + GONE_MS;
	const struct mnt_option options[] = {
		{ "lowerdir", STAGE "/lower" }, { "upperdir", upper }, { "workdir", work }, { "index", "on" },
		{ "redirect_dir", "off" }, { "metacopy", "off" }, { NULL, NULL },
	};

	(void)snprintf(upper, sizeof upper, "%s/upper", dir);
	(void)snprintf(work, sizeof work, "%s/work", dir);
	for (;;) {
		int overlay = mnt_new("overlay", options, home_attributes, f);

		if (overlay >= 0)
			return overlay;
		if (f->code != EBUSY || deadline_nap(deadline, 5) < 0)
			break;
	}
	if (f->code == EBUSY)
		(void)fail_plain(f, "Files of your last session are still being written to disk."
				    " Please try again in a moment.");
	if (f->code == ESTALE)
		(void)fail_plain(f, "Your home directory was replaced; please tell the administrator.");
	return fail_in(f, "overlay over the home with %s", dir);
}

static int make_overlay(const struct plan *plan, const char *home, struct fail *f)
{
	char dir[96];

	if (attach_lower(plan, home, f) < 0)
		return -1;
	if (plan->policy->storage == STORAGE_EPHEMERAL) {
		if (attach_tmpfs_upper(plan, home, dir, sizeof dir, f) < 0)
			return -1;
	} else {
		(void)snprintf(dir, sizeof dir, NSBOX_STATE "/%u/home", plan->owner->uid);
	}
	return new_overlay(dir, f);
}

/* A private home: an empty directory of the storage, or a tmpfs. */
static int make_empty(const struct plan *plan, struct fail *f)
{
	char text[96], uid[12], gid[12];
	const struct mnt_option options[] = {
		{ "size", text }, { "mode", "0700" }, { "uid", uid }, { "gid", gid }, { NULL, NULL },
	};

	if (plan->policy->storage == STORAGE_EPHEMERAL) {
		(void)snprintf(text, sizeof text, "%llu", (unsigned long long)plan->policy->tmp);
		(void)snprintf(uid, sizeof uid, "%u", plan->owner->uid);
		(void)snprintf(gid, sizeof gid, "%u", plan->owner->gid);
		return mnt_new("tmpfs", options, home_attributes, f);
	}
	(void)snprintf(text, sizeof text, NSBOX_STATE "/%u/home/empty", plan->owner->uid);

	OWN_FD int mount = mnt_clone(AT_FDCWD, text, f);

	return mount < 0 || mnt_set(mount, home_attributes, -1, f) < 0 ? -1 : fd_give(&mount);
}

static int make_home(const struct plan *plan, const char *home, struct fail *f)
{
	switch (plan->policy->home) {
	case HOME_OVERLAY:
		return plan->live_home >= 0 ? fcntl(plan->live_home, F_DUPFD_CLOEXEC, 0) :
		       make_overlay(plan, home, f);
	case HOME_EMPTY:
		return make_empty(plan, f);
	case HOME_BIND: {
		OWN_FD int mount = clone_home(home, f);

		return mount < 0 || mnt_set(mount, home_attributes, -1, f) < 0 ? -1 : fd_give(&mount);
	}
	}
	return fail(f, EINVAL, "home");
}

int inside_home(const struct plan *plan, int root, struct fail *f)
{
	const char *home = plan->real_home;

	/* A user without a home directory gets a box without one, as they get a login without one. */
	if (home[0] == '\0')
		return plan->policy->homes == HOMES_OWN ? inside_cover(root, "/home", f) : 0;

	/* The layers are the host's business: with the box's root's ids they could not be reached. */
	if (inside_as_host_root(f) < 0)
		return -1;

	OWN_FD int mount = make_home(plan, home, f);

	if (mount < 0)
		return -1;
	if (plan->policy->homes == HOMES_OWN && hide_homes(plan, root, home, f) < 0)
		return -1;
	return mnt_attach(mount, root, home, f);
}
