/* SPDX-License-Identifier: MIT */
/* runs as: root. The end of a cgroup: what is in it is killed, with v2's cgroup.kill or pid by pid. */
#include "helper/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/cgroup_delegate.h"
#include "helper/cgroup_read.h"
#include "helper/process.h"

enum { BATCH = 256, PROCS_TEXT = 65536 };

/* As many pids as fit into pids; the rest comes with the next call. */
static int read_procs(int directory, pid_t pids[BATCH], struct fail *f)
{
	char text[PROCS_TEXT];
	OWN_FD int fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	int n = 0;

	/* ENODEV: the cgroup was removed under us, so nothing is in it. */
	if (size < 0 && errno == ENODEV)
		return 0;
	if (size < 0)
		return fail(f, errno, "read cgroup.procs");
	text[size] = '\0';
	for (char *at = text, *end; n < BATCH && (end = strchr(at, '\n')) != NULL; at = end + 1)
		pids[n++] = atoi(at);
	return n;
}

static bool listed(pid_t pid, const pid_t *pids, int n)
{
	for (int i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/*
 * A pid that was read may have been given to somebody else before it is used. So: hold the processes by
 * pidfd, read the list again, and kill only what is still on it; a pidfd cannot change its process.
 */
static int kill_batch(int directory, const pid_t *pids, int n, struct fail *f)
{
	pid_t again[BATCH];
	int held[BATCH], still;
	struct fail ignored;

	for (int i = 0; i < n; i++)
		held[i] = process_pidfd(pids[i], &ignored);
	still = read_procs(directory, again, f);
	for (int i = 0; i < n; i++) {
		if (held[i] >= 0 && listed(pids[i], again, still))
			(void)pidfd_send_signal(held[i], SIGKILL, NULL, 0);
		fd_close(&held[i]);
	}
	return still < 0 ? -1 : 0;
}

/* Sends SIGKILL to every process that is in the cgroup now. What is forked meanwhile takes another call. */
static int kill_all(int directory, struct fail *f)
{
	pid_t pids[BATCH];
	OWN_FD int all = openat(directory, "cgroup.kill", O_WRONLY | O_CLOEXEC);

	if (all >= 0) {
		if (write(all, "1", 1) == 1 || errno == ENODEV)
			return 0;
		return fail(f, errno, "write cgroup.kill");
	}

	int n = read_procs(directory, pids, f);

	return n <= 0 ? n : kill_batch(directory, pids, n, f);
}

static int end_one(int base, uid_t uid, unsigned number, int64_t deadline, struct fail *f)
{
	OWN_FD int dir = cgroup_open_level(base, uid, number);
	char path[CGROUP_PATH];

	if (dir < 0 && errno == ENOENT)
		return 0;
	if (dir < 0)
		return fail(f, errno, "open the cgroup of box %u", number);
	(void)cgroup_path(path, uid, number);
	do {
		if (kill_all(dir, f) < 0)
			return -1;
		cgroup_remove_children(dir);
		if (unlinkat(base, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return fail(f, errno, "remove the cgroup %s", path);
	} while (deadline_nap(deadline, 1) == 0);
	return fail(f, ETIMEDOUT, "empty the cgroup %s: a process in it does not die", path);
}

int cgroup_end(const struct cgroups *all, uid_t uid, unsigned number, int64_t deadline, struct fail *f)
{
	for (int i = 0; i < all->count; i++)
		if (!cgroups_flat(all, i) && end_one(all->base[i], uid, number, deadline, f) < 0)
			return -1;
	return 0;
}

void cgroup_end_user(const struct cgroups *all, uid_t uid)
{
	char user[16];

	(void)snprintf(user, sizeof user, "%u", uid);
	/* EBUSY is the normal answer while another box of the user lives; a leftover costs nothing. */
	for (int i = 0; i < all->count; i++)
		(void)unlinkat(all->base[i], user, AT_REMOVEDIR);
}
