/* SPDX-License-Identifier: MIT */
/* runs as: root. Clones the builder and sees it through until init waits for its "go". */
#include "helper/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fdpass.h"
#include "helper/hopdir.h"
#include "places.h"

/*
 * All namespaces at once but the cgroup one, which the builder makes when it is in the cgroup. With v2 the
 * kernel puts it there (CLONE_INTO_CGROUP), which spares the wait for a grace period that moving costs.
 */
static pid_t clone_builder(struct plan *plan, bool v2, int *pidfd, struct fail *f)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	if (plan->policy->network == NETWORK_NONE || plan->policy->network == NETWORK_NAT)
		args.flags |= CLONE_NEWNET;
	plan->in_cgroup = v2;
	if (v2) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)plan->cgroup->directory[0];
	}

	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);

	if (pid == 0)
		build_and_become_init(plan);
	return pid < 0 ? cgroup_full(f, "clone the box's first process") : pid;
}

static int make_pipe(int *reader, int *writer, struct fail *f)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return fail(f, errno, "make a pipe");
	*reader = ends[0];
	*writer = ends[1];
	return 0;
}

static int open_program(const char *path, struct fail *f)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? fail(f, errno, "open %s", path) : fd;
}

static int wait_built(struct launched *l, int64_t deadline, struct fail *f)
{
	int fds[FDPASS_FDS];
	unsigned n;

	if (fdpass_receive(l->sync, deadline, &l->built, sizeof l->built, fds, &n, f) < 0)
		return fail_in(f, "wait for the builder");
	if (n == BUILT_FDS) {
		memcpy(l->mounts, fds, sizeof l->mounts);
		return 0;
	}
	while (n > 0)
		fd_close(&fds[--n]);
	*f = l->built.failed;
	return -1;
}

/* init's first byte; or, had the builder failed after its report, the reason. */
static int wait_ready(struct launched *l, int64_t deadline, struct fail *f)
{
	struct pollfd p = { .fd = l->sync, .events = POLLIN };
	struct built late;

	if (poll(&p, 1, deadline_left(deadline)) != 1)
		return fail(f, ETIMEDOUT, "wait for init");

	ssize_t got = recv(l->sync, &late, sizeof late, MSG_DONTWAIT);

	if (got == 1)
		return 0;
	if (got != (ssize_t)sizeof late)
		return fail(f, got < 0 ? errno : 0, "init ended before it was ready");
	*f = late.failed;
	return -1;
}

static int start(struct plan *plan, bool v2, int64_t deadline, struct launched *l, struct fail *f)
{
	OWN_FD int init = open_program(NSBOX_LIBEXEC "/nsbox-init", f);
	OWN_FD int hop = init < 0 ? -1 : open_program(NSBOX_LIBEXEC "/nsbox-hop", f);
	OWN_FD int hops = hop < 0 ? -1 : hopdir_listen(plan->run, plan->box, plan->owner, f);
	OWN_FD int lease = -1, tether = -1, news = -1, theirs = -1;
	int ends[2];

	if (hops < 0 || make_pipe(&lease, &l->lease, f) < 0 || make_pipe(&l->tether, &tether, f) < 0 ||
	    make_pipe(&l->news, &news, f) < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return fail(f, errno, "make a socket pair");
	l->sync = ends[0];
	theirs = ends[1];
	plan->init = init;
	plan->hop = hop;
	plan->hops = hops;
	plan->news = news;
	plan->lease = lease;
	plan->tether = tether;
	plan->sync = theirs;
	l->pid = clone_builder(plan, v2, &l->pidfd, f);
	if (l->pid < 0)
		return -1;
	/* Ours must go before we wait, or the end of the builder would not show as the end of the socket. */
	fd_close(&theirs);
	fd_close(&lease);
	fd_close(&tether);
	fd_close(&hops);
	fd_close(&news);
	return wait_built(l, deadline, f) < 0 ? -1 : wait_ready(l, deadline, f);
}

int launch(struct plan *plan, bool v2, int64_t deadline, struct launched *out, struct fail *f)
{
	struct launched l = LAUNCHED_EMPTY;

	if (start(plan, v2, deadline, &l, f) < 0) {
		launch_cleanup(&l);
		return -1;
	}
	*out = l;
	return 0;
}

int launch_go(struct launched *launched, struct fail *f)
{
	if (write(launched->sync, "g", 1) != 1)
		return fail(f, errno, "tell init to go");
	fd_close(&launched->sync);
	return 0;
}

void launch_cleanup(struct launched *l)
{
	if (l->pid > 0 && l->sync >= 0) {
		(void)pidfd_send_signal(l->pidfd, SIGKILL, NULL, 0);
		(void)waitpid(l->pid, NULL, 0);
	}
	fd_close(&l->pidfd);
	fd_close(&l->sync);
	fd_close(&l->lease);
	fd_close(&l->tether);
	fd_close(&l->news);
	for (int i = 0; i < BUILT_FDS; i++)
		fd_close(&l->mounts[i]);
}
