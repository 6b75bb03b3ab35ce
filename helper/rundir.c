/* SPDX-License-Identifier: MIT */
/* runs as: root. /run/nsbox/UID: one user's records, and the lock over them. */
#include "helper/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "conf/fd.h"
#include "places.h"

int directory_of_root(int parent, const char *name, mode_t mode, bool create, struct fail *f)
{
	struct stat st;

	if (create && mkdirat(parent, name, mode) != 0 && errno != EEXIST)
		return fail(f, errno, "make the directory %s", name);

	OWN_FD int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0 || fstat(dir, &st) != 0)
		return fail(f, errno, "open the directory %s", name);
	/* State that another user could have written is no state (CVE-2021-44731). */
	if (st.st_uid != 0 || (st.st_mode & 022) != 0)
		return fail(f, 0, "directory %s is not root's alone: owner %u, mode %04o", name, st.st_uid,
			    st.st_mode & 07777);
	return fd_give(&dir);
}

int rundir_open(uid_t uid, bool create, struct fail *f)
{
	char name[16];
	OWN_FD int run = directory_of_root(AT_FDCWD, NSBOX_RUN, 0755, create, f);

	if (run < 0)
		return -1;
	(void)snprintf(name, sizeof name, "%u", uid);

	int dir = directory_of_root(run, name, 0700, create, f);

	return dir < 0 ? fail_in(f, NSBOX_RUN) : dir;
}

int rundir_lock(int dir, int64_t deadline, struct fail *f)
{
	/* O_NONBLOCK: should something else than a file lie here, it is not waited for. */
	OWN_FD int lock = openat(dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (lock < 0)
		return fail(f, errno, "open the lock");
	while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(f, errno, "lock");
		if (deadline_nap(deadline, 2) < 0) {
			(void)fail(f, ETIMEDOUT, "wait for the lock that another login of this user holds");
			return fail_plain(f, "Another login of yours is taking too long to start. Please try again.");
		}
	}
	return fd_give(&lock);
}

void rundir_unlock(int *lock)
{
	/* flock(2): an explicit unlock releases it for every copy of the descriptor. */
	if (*lock >= 0)
		(void)flock(*lock, LOCK_UN);
	fd_close(lock);
}
