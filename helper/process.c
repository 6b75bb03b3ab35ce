/* SPDX-License-Identifier: MIT */
/* runs as: root. Other processes, seen through a checked procfs and held by pidfd. */
#include "helper/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "conf/fd.h"

int process_open_proc(struct fail *f)
{
	OWN_FD int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (proc < 0 || fstatfs(proc, &fs) != 0)
		return fail(f, errno, "open /proc");
	if (fs.f_type != PROC_SUPER_MAGIC)
		return fail(f, 0, "/proc is not a procfs");
	return fd_give(&proc);
}

int process_pidfd(pid_t pid, struct fail *f)
{
	int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0 && (errno == EINVAL || errno == ENOENT))
		errno = ESRCH; /* the number is a thread's now; which of the two says so depends on the kernel */
	if (pidfd < 0)
		return fail(f, errno, "open a pidfd of process %d", pid);
	return pidfd;
}

bool process_ended(int pidfd)
{
	return process_wait_ended(pidfd, 0) == 0;
}

int process_wait_ended(int pidfd, int64_t deadline)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int n;

	do
		n = poll(&end, 1, deadline_left(deadline));
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : -1;
}

/* Field n of /proc/PID/stat, for n > 2; text is room for the file. */
static const char *stat_field(int proc, pid_t pid, int n, char *text, size_t size, struct fail *f)
{
	char path[32], *at;

	(void)snprintf(path, sizeof path, "%d/stat", pid);

	OWN_FD int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, size) < 0) {
		(void)fail(f, errno, "read /proc/%s", path);
		return NULL;
	}
	/* The name in field 2 may hold blanks and brackets: fields are counted from the last bracket (proc(5)). */
	at = strrchr(text, ')');
	for (int field = 2; at != NULL && field < n; field++)
		at = strchr(at + 1, ' ');
	if (at == NULL)
		(void)fail(f, 0, "/proc/%s has no field %d", path, n);
	return at != NULL ? at + 1 : NULL;
}

int process_start(int proc, pid_t pid, uint64_t *ticks, struct fail *f)
{
	char text[1024];
	const char *field = stat_field(proc, pid, 22, text, sizeof text, f);

	if (field == NULL)
		return -1;
	*ticks = strtoull(field, NULL, 10);
	return 0;
}

bool process_stopped(int proc, pid_t pid)
{
	char text[1024];
	struct fail ignored;
	const char *state = stat_field(proc, pid, 3, text, sizeof text, &ignored);

	return state != NULL && (*state == 'T' || *state == 't');
}

int process_namespace(int proc, pid_t pid, const char *name, uint64_t *inode, struct fail *f)
{
	char path[48];
	struct stat st;

	(void)snprintf(path, sizeof path, "%d/ns/%s", pid, name);
	if (fstatat(proc, path, &st, 0) != 0)
		return fail(f, errno, "look at /proc/%s", path);
	*inode = st.st_ino;
	return 0;
}
