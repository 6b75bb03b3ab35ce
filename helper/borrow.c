/* SPDX-License-Identifier: MIT */
/* runs as: root. Mounts of a live box, fetched by a child that visits its mount namespace. */
#include "helper/borrow.h"

#include <errno.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fdpass.h"
#include "helper/mnt.h"

enum { BORROW_MOST = 3 };

/*
 * open_tree clones only mounts of the caller's own mount namespace, hence the visit. The visitor is root of
 * the host in every other respect and runs nothing of the box; nothing in the box can see it, it stays in the
 * host's PID namespace.
 */
static void visit(int pidfd, int socket, const char *const *paths, unsigned n) __attribute__((noreturn));
static void visit(int pidfd, int socket, const char *const *paths, unsigned n)
{
	struct fail failed = { 0 };
	int fds[BORROW_MOST];

	if (setns(pidfd, CLONE_NEWNS) != 0) {
		(void)fail(&failed, errno, "visit the box's mount namespace");
		n = 0;
	}
	for (unsigned i = 0; i < n; i++) {
		fds[i] = mnt_clone(AT_FDCWD, paths[i], &failed);
		if (fds[i] < 0)
			n = 0;
	}

	struct fail ignored;

	(void)fdpass_send(socket, &failed, sizeof failed, fds, n, &ignored);
	_exit(0);
}

static int receive(int socket, unsigned n, int64_t deadline, int *fds, struct fail *f)
{
	struct fail said;
	int got[FDPASS_FDS];
	unsigned count;

	if (fdpass_receive(socket, deadline, &said, sizeof said, got, &count, f) < 0)
		return fail_in(f, "fetch mounts of a live box");
	if (count != n) {
		while (count > 0)
			fd_close(&got[--count]);
		*f = said;
		return fail_in(f, "fetch mounts of a live box");
	}
	for (unsigned i = 0; i < n; i++)
		fds[i] = got[i];
	return 0;
}

static int borrow(int pidfd, const char *const *paths, unsigned n, int64_t deadline, int *fds, struct fail *f)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return fail(f, errno, "make a socket pair");

	OWN_FD int ours = ends[0], theirs = ends[1];
	pid_t child = fork();

	if (child < 0)
		return fail(f, errno, "fork");
	if (child == 0)
		visit(pidfd, theirs, paths, n);
	fd_close(&theirs);

	int done = receive(ours, n, deadline, fds, f);

	(void)kill(child, SIGKILL); /* our own child, not yet waited for */
	(void)waitpid(child, NULL, 0);
	return done;
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
