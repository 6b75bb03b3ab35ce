/* SPDX-License-Identifier: MIT */
/* runs as: root. The sizes of a live box's file systems in memory. */
#include "helper/resize.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "conf/fd.h"
#include "helper/visit.h"

static int too_full(const struct policy *policy, enum key key, const char *path, struct fail *f)
{
	char value[64];

	key_text(policy, key, 0, value, sizeof value);
	return fail(f, 0, "%s = %s: %s holds more; the user has to remove files", key_row(key)->name, value, path);
}

struct sizes {
	const struct policy *policy;
	const struct record *record;
};

/*
 * Changes the file system that is mounted at path, not the mount: its size, and nothing else. With `bind = /dev/shm`
 * that is the host's: ours belongs to the box's root, as which no process on the host runs.
 */
static int resize_one(const struct sizes *sizes, enum key key, const char *path, uint64_t bytes, struct fail *f)
{
	char size[24];
	struct statfs fs;
	struct stat st;
	OWN_FD int at = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (at < 0 || fstatfs(at, &fs) != 0 || fstat(at, &st) != 0)
		return fail(f, errno, "open %s of the box", path);
	if (fs.f_type != TMPFS_MAGIC || st.st_uid != sizes->record->root_uid)
		return 0;
	if ((uint64_t)fs.f_blocks * (uint64_t)fs.f_bsize == bytes)
		return 0;

	OWN_FD int context = fspick(at, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);

	(void)snprintf(size, sizeof size, "%llu", (unsigned long long)bytes);
	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "size", size, 0) != 0)
		return fail(f, errno, "size of %s", path);
	/* EINVAL is tmpfs's word for too small. */
	if (fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) != 0)
		return errno == EINVAL ? too_full(sizes->policy, key, path, f) :
		       fail(f, errno, "set the size of %s", path);
	return 0;
}

static int resize_all(void *context, int fds[VISIT_FDS], unsigned *n, struct fail *f)
{
	const struct sizes *sizes = context;
	const struct policy *policy = sizes->policy;

	(void)fds;
	(void)n;
	if (resize_one(sizes, KEY_tmp, "/tmp", policy->tmp, f) < 0 ||
	    resize_one(sizes, KEY_shm, "/dev/shm", policy->shm, f) < 0)
		return -1;
	return resize_one(sizes, KEY_run, "/run", policy->run, f);
}

int resize(int pidfd, const struct record *record, const struct policy *policy, int64_t deadline, struct fail *f)
{
	struct sizes sizes = { .policy = policy, .record = record };

	if (visit(pidfd, resize_all, &sizes, deadline, NULL, 0, f) < 0)
		return fail_in(f, "box %s", record->box);
	return 0;
}
