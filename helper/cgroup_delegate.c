/* SPDX-License-Identifier: MIT */
/* runs as: root. delegate = yes: a box's cgroup in which its owner makes children (v2 only). */
#include "helper/cgroup_delegate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/cgroup_base.h"

/* Cgroups cost the kernel memory that no limit counts, and we walk through them when the box has ended. */
#define MAX_DESCENDANTS "256"
#define MAX_DEPTH "8"

/* How many levels are looked through for what the owner made: MAX_DEPTH, and one to be sure. */
enum { DEPTH = 9 };

static int give(int dir, const char *const *files, const struct owner *owner, struct fail *f)
{
	for (; *files != NULL; files++)
		if (fchownat(dir, *files, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
			return fail(f, errno, "give %s of the box's cgroup to the owner", *files);
	return 0;
}

int cgroup_delegate(int box, const struct owner *owner, struct fail *f)
{
	/* The directory last: that it is the owner's says that all is done. */
	static const char *const files[] = { "cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "", NULL };

	if (cgroups_write(box, "cgroup.max.descendants", MAX_DESCENDANTS) < 0 ||
	    cgroups_write(box, "cgroup.max.depth", MAX_DEPTH) < 0)
		return fail(f, errno, "limit what is below the box's cgroup");
	return give(box, files, owner, f);
}

int cgroup_delegated(int box, const struct owner *owner, int *login, struct fail *f)
{
	static const char *const files[] = { "cgroup.procs", "cgroup.threads", "", NULL };
	struct stat st;

	if (fstat(box, &st) != 0)
		return fail(f, errno, "look at the box's cgroup");
	*login = -1;
	if (st.st_uid != owner->uid)
		return 0;

	OWN_FD int child = cgroups_directory(box, "login", NULL, f);

	if (child < 0 || give(child, files, owner, f) < 0)
		return -1;
	*login = fd_give(&child);
	return 0;
}

static void remove_below(int parent, int depth)
{
	int copy = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (list == NULL) {
		fd_close(&copy);
		return;
	}
	for (const struct dirent *d; (d = readdir(list)) != NULL;) {
		if (d->d_type != DT_DIR || strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;

		OWN_FD int child = openat(parent, d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (child >= 0 && depth < DEPTH)
			remove_below(child, depth + 1);
		(void)unlinkat(parent, d->d_name, AT_REMOVEDIR);
	}
	(void)closedir(list);
}

void cgroup_remove_children(int box)
{
	remove_below(box, 0);
}
