/* SPDX-License-Identifier: MIT */
/* runs as: root. A live box: its init, verified against the record, and the two pipes to it. */
#include "helper/box.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/process.h"

int box_pidfd(int proc, const struct record *record, struct fail *f)
{
	uint64_t start, userns;
	OWN_FD int pidfd = process_pidfd(record->pid, f);

	if (pidfd < 0)
		return -1;
	if (process_start(proc, record->pid, &start, f) < 0 ||
	    process_namespace(proc, record->pid, "user", &userns, f) < 0) {
		/* A zombie has no namespaces any more: ENOENT. Only a living process's trouble is trouble. */
		return process_ended(pidfd) ? fail(f, ESRCH, "init %d of box %s", record->pid, record->box) : -1;
	}
	/* What was read belongs to the process behind the pidfd only if that one still lives now. */
	if (process_ended(pidfd) || start != record->start || userns != record->userns)
		return fail(f, ESRCH, "init %d of box %s", record->pid, record->box);
	return fd_give(&pidfd);
}

/* Opens one more end of a pipe of init: a new open file description, with flags of its own. */
static int reopen(int proc, int pidfd, const struct record *record, int number, int flags, struct fail *f)
{
	char path[48];

	(void)snprintf(path, sizeof path, "%d/fd/%d", record->pid, number);

	OWN_FD int fd = openat(proc, path, flags | O_NONBLOCK | O_CLOEXEC);
	int code = errno;

	/* Whatever was opened is init's only if init lived until after the open. */
	if (process_ended(pidfd) || (fd < 0 && code == ENOENT))
		return fail(f, ESRCH, "init of box %s is ending", record->box);
	if (fd < 0)
		return fail(f, code, "open /proc/%s of box %s", path, record->box);
	return fd_give(&fd);
}

enum { STOPPED_MS = 1000, BUSY_MS = 5000 };

/* Until init has read the byte in the pipe. */
static int wait_read(int proc, int lease, const struct record *record, struct fail *f)
{
	static const struct timespec moment = { .tv_nsec = 20000 };
	struct pollfd reader = { .fd = lease, .events = 0 };
	int64_t began = clock_ms();
	int unread = 1;

	for (;;) {
		if (poll(&reader, 1, 0) > 0) /* POLLERR: init has closed its end, and decided */
			return fail(f, ESRCH, "init of box %s is ending", record->box);
		if (ioctl(lease, FIONREAD, &unread) != 0)
			return fail(f, errno, "ask the lease pipe of box %s", record->box);
		if (unread == 0)
			return 0;
		if (deadline_left(began + STOPPED_MS) == 0 && process_stopped(proc, record->pid))
			return fail(f, EOWNERDEAD, "init of box %s is stopped", record->box);
		if (deadline_left(began + BUSY_MS) == 0) {
			(void)fail(f, ETIMEDOUT, "init of box %s does not answer", record->box);
			return fail_plain(f, "Your box %s is too busy to let you in; try again later.", record->box);
		}
		(void)nanosleep(&moment, NULL);
	}
}

int box_lease(int proc, int pidfd, const struct record *record, struct fail *f)
{
	OWN_FD int lease = reopen(proc, pidfd, record, INIT_LEASE, O_WRONLY, f);

	if (lease < 0)
		return f->code == ENXIO ? fail(f, ESRCH, "init of box %s is ending", record->box) : -1;
	/* EAGAIN: the pipe is full of bytes that init has not read yet; then those are waited for. */
	if (write(lease, "", 1) != 1 && errno != EAGAIN)
		return fail(f, ESRCH, "init of box %s is ending", record->box);
	return wait_read(proc, lease, record, f) < 0 ? -1 : fd_give(&lease);
}

int box_tether(int proc, int pidfd, const struct record *record, struct fail *f)
{
	return reopen(proc, pidfd, record, INIT_TETHER, O_RDONLY, f);
}
