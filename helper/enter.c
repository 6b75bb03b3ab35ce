/* SPDX-License-Identifier: MIT */
/* runs as: root, then the user. A command in a box, from outside. */
#include "helper/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/become_init.h"
#include "helper/box.h"
#include "helper/broker.h"
#include "helper/cgroup.h"
#include "helper/collect.h"
#include "helper/log.h"
#include "helper/process.h"
#include "helper/rundir.h"
#include "helper/spawn.h"

enum { START_MS = 10000 };

/* The box that is entered, and what holds it. */
struct target {
	struct record record;
	int pidfd, lease;
	struct cgroup cgroup;
	struct cgroups cgroups;
};

static void target_cleanup(struct target *t)
{
	fd_close(&t->pidfd);
	fd_close(&t->lease);
	cgroup_close(&t->cgroup);
	cgroups_close(&t->cgroups);
}

/* 1: a live box of that name, or the latest. 0: none. -1. */
static int find_live(int proc, const struct entry *e, struct target *t, struct fail *f)
{
	OWN_FD int run = rundir_open(e->uid, false, f);

	if (run < 0)
		return f->code == ENOENT ? 0 : -1;
	t->pidfd = collect_find(proc, run, e->box, &t->record, f);
	if (t->pidfd < 0)
		return f->code == ESRCH ? 0 : -1;
	t->lease = box_lease(proc, t->pidfd, &t->record, f);
	if (t->lease >= 0)
		return 1;
	/* It is ending, or its init is stopped: not a box to go into. */
	fd_close(&t->pidfd);
	return f->code == ESRCH || (f->code == EOWNERDEAD && e->box == NULL) ? 0 : -1;
}

static int open_new(int proc, const struct entry *e, struct target *t, struct fail *f)
{
	const struct request request = { .service = "nssh", .from = "-" };
	struct owner owner;
	struct answer a;
	int fds[WIRE_FDS];

	if (e->owner != NULL)
		owner = *e->owner;
	else if (owner_by_uid(e->uid, &owner, f) < 0)
		return -1;
	broker_open(&owner, &request, &a, fds);
	if (a.kind == ANSWER_OUTSIDE) {
		(void)fail(f, 0, "boxes are not enabled for %s", owner.name);
		return fail_plain(f, "Boxes are not enabled for %s in nsbox.conf.", owner.name);
	}
	if (a.kind != ANSWER_BOXED) {
		(void)fail(f, 0, "no box for %s", owner.name);
		return fail_plain(f, "%s", a.text);
	}
	t->pidfd = fd_give(&fds[OPEN_PIDFD]);
	t->lease = fd_give(&fds[OPEN_LEASE]);
	for (unsigned i = 0; i < a.fds; i++)
		fd_close(&fds[i]);

	OWN_FD int run = rundir_open(e->uid, false, f);
	OWN_FD int again = run < 0 ? -1 : collect_find(proc, run, a.box, &t->record, f);

	return again < 0 ? -1 : 0;
}

static int find(int proc, const struct entry *e, struct target *t, struct fail *f)
{
	int found = find_live(proc, e, t, f);

	if (found == 0 && e->box != NULL) {
		(void)fail(f, ESRCH, "box %s", e->box);
		return fail_plain(f, "You have no live box %s; `nssh -l` lists those you have.", e->box);
	}
	if (found < 0 || (found == 0 && open_new(proc, e, t, f) < 0))
		return -1;
	if (cgroups_open(&t->cgroups, f) < 0)
		return -1;
	return cgroup_open(&t->cgroups, &t->record.owner, t->record.number, &t->cgroup, f);
}

/* The caller sets the window size of a new terminal before the command can ask for it. */
static int wait_start(const struct entry *e, struct fail *f)
{
	struct pollfd p = { .fd = WIRE_FD, .events = POLLIN };
	char byte = 0;

	if (e->ttys == 0)
		return 0;
	if (poll(&p, 1, START_MS) != 1 || recv(WIRE_FD, &byte, 1, MSG_DONTWAIT) != 1 || byte != WIRE_START)
		return fail(f, ETIMEDOUT, "wait for the caller to take the terminal");
	return 0;
}

/* Until the command has ended. A caller that is gone takes it along, as a terminal that hangs up does. */
static int wait_command(pid_t pid, int pidfd)
{
	struct pollfd p[] = { { .fd = pidfd, .events = POLLIN }, { .fd = WIRE_FD, .events = POLLIN } };
	int status = 0;

	while (poll(p, 2, -1) < 0 && errno == EINTR)
		;
	if ((p[0].revents & POLLIN) == 0) {
		(void)pidfd_send_signal(pidfd, SIGHUP, NULL, 0);
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static int answer(uint32_t kind, int status, const char *box, const char *text, const int *fds, unsigned n,
		  struct fail *f)
{
	struct answer a = { .version = WIRE_VERSION, .kind = kind, .fds = n, .status = status };

	(void)snprintf(a.box, sizeof a.box, "%s", box);
	(void)snprintf(a.text, sizeof a.text, "%s", text);
	return wire_send(WIRE_FD, &a, fds, f);
}

/* The command has the caller's descriptors now: a copy here would keep the other end of a pipe waiting. */
static int leave_stdio(int null, struct fail *f)
{
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) != fd)
			return fail(f, errno, "leave descriptor %d", fd);
	return 0;
}

/*
 * What is left to do is to wait, to pass a hang-up on and to say how it ended. That needs no power of root's. If the owner
 * could stop who waits for a process of the box, its init would wait for ever to end.
 */
static int shrink(const struct target *t, struct fail *f)
{
	return become_waiter(t->record.owner.uid, t->record.root_uid, t->record.root_gid, f);
}

static int see_through(const struct entry *e, const struct target *t, struct spawned *s, int null, int *go,
		       struct fail *f)
{
	const int fds[] = { [ENTER_PIDFD] = s->pidfd, [ENTER_PTY] = s->master };
	int status;

	if (answer(ANSWER_BOXED, 0, t->record.box, "", fds, e->ttys != 0 ? 2 : 1, f) < 0 || wait_start(e, f) < 0 ||
	    leave_stdio(null, f) < 0 || shrink(t, f) < 0 || write(*go, "", 1) != 1)
		return -1; /* the command sees its pipe close and ends */
	fd_close(go);
	/* A terminal hangs up when the last master is closed: that must be the caller's. */
	fd_close(&s->master);
	fd_close(&s->slave);
	status = wait_command(s->pid, s->pidfd);
	return status < 0 ? 0 : answer(ANSWER_ENDED, status, t->record.box, "", NULL, 0, f);
}

static int run(const struct entry *e, const struct target *t, struct fail *f)
{
	OWN_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct spawned s = SPAWNED_EMPTY;
	int ends[2], done;

	if (null < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return fail(f, errno, "make a pipe");

	OWN_FD int start = ends[0], go = ends[1];
	const struct place place = {
		.pidfd = t->pidfd, .cgroup = &t->cgroup, .v2 = t->cgroups.v2, .start = start, .go = go,
	};

	done = spawn(e, &t->record, &place, clock_ms() + START_MS, &s, f);
	if (done == 0)
		done = see_through(e, t, &s, null, &go, f);
	fd_close(&s.pidfd);
	fd_close(&s.master);
	fd_close(&s.slave);
	return done;
}

int enter(const struct entry *entry)
{
	__attribute__((cleanup(target_cleanup))) struct target t = {
		.pidfd = -1, .lease = -1, .cgroup = CGROUP_EMPTY, .cgroups = CGROUPS_EMPTY,
	};
	struct fail f = { 0 }, ignored;
	OWN_FD int proc = process_open_proc(&f);

	if (proc >= 0 && find(proc, entry, &t, &f) == 0 && run(entry, &t, &f) == 0)
		return 0;
	log_error("event=enter uid=%u error=\"%s\"", entry->uid, f.text);
	(void)answer(ANSWER_REFUSED, 0, "",
		     f.plain[0] != '\0' ? f.plain : "The box could not be entered; please tell the administrator.",
		     NULL, 0, &ignored);
	return 1;
}
