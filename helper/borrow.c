/* SPDX-License-Identifier: MIT */
/* runs as: root. Mounts of a live box, fetched by a child that visits its mount namespace. */
#include "helper/borrow.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "conf/fd.h"
#include "helper/mnt.h"
#include "helper/visit.h"

struct loan {
	const char *const *paths;
	unsigned n;
};

/* open_tree clones only mounts of the caller's own mount namespace, hence the visit. */
static int clone_all(void *context, int fds[VISIT_FDS], unsigned *n, struct fail *f)
{
	const struct loan *loan = context;

	for (; *n < loan->n; ++*n) {
		OWN_FD int at = mnt_find(loan->paths[*n], f);

		fds[*n] = at < 0 ? -1 : mnt_clone(at, "", f);
		if (fds[*n] < 0)
			return -1;
	}
	return 0;
}

static int borrow(int pidfd, const char *const *paths, unsigned n, int64_t deadline, int *fds, struct fail *f)
{
	struct loan loan = { .paths = paths, .n = n };

	return visit(pidfd, clone_all, &loan, deadline, fds, n, f) < 0 ? fail_in(f, "fetch mounts of a live box") : 0;
}

static bool is(int mount, long type, uint64_t dev)
{
	struct statfs fs;
	struct stat st;

	return fstatfs(mount, &fs) == 0 && fs.f_type == type && fstat(mount, &st) == 0 &&
	       (dev == 0 || st.st_dev == dev);
}

int borrow_home(int pidfd, const struct record *record, int64_t deadline, struct fail *f)
{
	const char *const paths[] = { record->real_home };
	OWN_FD int home = -1;

	if (borrow(pidfd, paths, 1, deadline, &home, f) < 0)
		return -1;
	if (!is(home, OVERLAYFS_SUPER_MAGIC, record->home_dev))
		return fail(f, ESRCH, "%s of box %s is not the home it was", record->owner.home, record->box);
	return fd_give(&home);
}

int borrow_terminals(int pidfd, const struct record *record, int64_t deadline, int *devpts, int *utmp, int *wtmp,
		     struct fail *f)
{
	static const char *const paths[] = { "/dev/pts", "/run/utmp", "/run/wtmp" };
	int fds[3] = { -1, -1, -1 };

	if (borrow(pidfd, paths, 3, deadline, fds, f) < 0)
		return -1;
	if (!is(fds[0], DEVPTS_SUPER_MAGIC, record->devpts) || !is(fds[1], TMPFS_MAGIC, 0) ||
	    !is(fds[2], TMPFS_MAGIC, 0)) {
		for (int i = 0; i < 3; i++)
			fd_close(&fds[i]);
		return fail(f, EPERM, "/dev/pts or utmp of box %s is not what it was", record->box);
	}
	*devpts = fds[0];
	*utmp = fds[1];
	*wtmp = fds[2];
	return 0;
}
