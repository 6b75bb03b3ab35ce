/* SPDX-License-Identifier: MIT */
/* runs as: root. Starts a command inside of a box, as the child of a process that stays outside. */
#include "helper/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/apparmor.h"
#include "helper/command.h"
#include "helper/join.h"
#include "helper/process.h"

/*
 * A go-between enters the box and clones the command there with CLONE_PARENT, so that the command is the child of its
 * own parent, which never enters: neither the box's limits nor anything in the box reach the process that waits. With
 * v2 the kernel puts the go-between into the cgroup as it clones it, which spares the wait for a grace period of RCU
 * that moving costs (8 to 15 ms). It shares its parent's descriptors (CLONE_FILES): what it opens is there.
 */
struct report {
	struct fail failed; /* text empty: all is well */
	struct spawned spawned;
};

/* A terminal of the box, opened where only the box's own devpts can be found, and proven to be its. */
static int open_terminal(const struct record *record, int *master, int *slave, struct fail *f)
{
	OWN_FD int ptmx = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
	struct statfs fs;
	struct stat st;
	int unlock = 0;

	if (ptmx < 0 || fstatfs(ptmx, &fs) != 0 || fstat(ptmx, &st) != 0)
		return fail(f, errno, "open a terminal of the box");
	if (fs.f_type != DEVPTS_SUPER_MAGIC || st.st_dev != record->devpts)
		return fail(f, EPERM, "/dev/pts of box %s is not what it was", record->box);
	if (ioctl(ptmx, TIOCSPTLCK, &unlock) != 0)
		return fail(f, errno, "unlock the terminal");

	OWN_FD int peer = ioctl(ptmx, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (peer < 0 || fchown(peer, record->owner.uid, (gid_t)-1) != 0)
		return fail(f, errno, "open the terminal's other side");
	*master = fd_give(&ptmx);
	*slave = fd_give(&peer);
	return 0;
}

/* In this order: what needs host root, then the namespaces, and only then anything of the box. */
static int join(const struct record *record, const struct place *place, struct fail *f)
{
	const struct owner *owner = &record->owner;

	/* With v2 we were cloned into it. */
	if (!place->v2 && join_cgroups(place->cgroup->procs, (unsigned)place->cgroup->count, f) < 0)
		return -1;
	if (setgroups((size_t)owner->group_count, owner->groups) != 0)
		return fail(f, errno, "carry the owner's groups");

	OWN_FD int proc = process_open_proc(f);

	/* The command inherits what the go-between is confined to. */
	return proc < 0 || apparmor_leave(proc, f) < 0 ? -1 : join_namespaces(place->pidfd, f);
}

static pid_t clone_process(uint64_t flags, int *pidfd, int cgroup)
{
	struct clone_args args = {
		.flags = flags | (pidfd != NULL ? CLONE_PIDFD : 0U) | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0U),
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.cgroup = cgroup >= 0 ? (unsigned)cgroup : 0,
		/* A sibling tells its parent with the signal that we do (clone(2), CLONE_PARENT). */
		.exit_signal = (flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

static int go_between(const struct entry *e, const struct record *record, const struct place *place,
		      struct spawned *s, struct fail *f)
{
	if (join(record, place, f) < 0 || (e->ttys != 0 && open_terminal(record, &s->master, &s->slave, f) < 0))
		return -1;
	s->pid = clone_process(CLONE_PARENT, &s->pidfd, -1);
	if (s->pid < 0)
		return cgroup_full(f, "fork in the box");
	if (s->pid == 0) {
		(void)close(place->go); /* or the command would never see that its caller is gone */
		command_run(e, record, s->slave, place->start);
	}
	return 0;
}

/* Its end of the pipe is ours too (CLONE_FILES), and does not close when it dies. */
static int wait_report(int from, int child, int64_t deadline, struct fail *f)
{
	struct pollfd p[] = { { .fd = from, .events = POLLIN }, { .fd = child, .events = POLLIN } };

	if (poll(p, 2, deadline_left(deadline)) < 1)
		return fail(f, ETIMEDOUT, "wait for the process that enters the box");
	/* It may have reported and ended while the kernel looked at the second. */
	if (poll(p, 1, 0) != 1)
		return fail(f, 0, "the process that enters the box died");
	return 0;
}

static int read_report(int from, int child, int64_t deadline, struct spawned *out, struct fail *f)
{
	struct report report;

	if (wait_report(from, child, deadline, f) < 0)
		return -1;
	if (read(from, &report, sizeof report) != (ssize_t)sizeof report)
		return fail(f, 0, "the process that enters the box died");
	*out = report.spawned;
	if (report.failed.text[0] == '\0')
		return 0;
	*f = report.failed;
	return -1;
}

int spawn(const struct entry *entry, const struct record *record, const struct place *place, int64_t deadline,
	  struct spawned *out, struct fail *f)
{
	struct report report = { .spawned = SPAWNED_EMPTY };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail(f, errno, "make a pipe");

	OWN_FD int from = ends[0], to = ends[1];
	int door = place->cgroup->login >= 0 ? place->cgroup->login : place->cgroup->directory[0];
	int pidfd = -1;
	pid_t child = clone_process(CLONE_FILES, &pidfd, place->v2 ? door : -1);

	if (child < 0)
		return cgroup_full(f, "clone the process that enters the box");
	if (child == 0) {
		(void)go_between(entry, record, place, &report.spawned, &report.failed);
		/* A report is smaller than PIPE_BUF, and whole (pipe(7)). */
		_exit(write(to, &report, sizeof report) == (ssize_t)sizeof report ? 0 : 1);
	}

	int done = read_report(from, pidfd, deadline, out, f);

	(void)kill(child, SIGKILL); /* our own child, not yet waited for */
	(void)waitpid(child, NULL, 0);
	fd_close(&pidfd);
	return done;
}
