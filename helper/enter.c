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
#include "helper/log.h"
#include "helper/process.h"
#include "helper/spawn.h"
#include "helper/target.h"

enum { SPAWN_MS = 10000 };

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
 * What is left to do is to wait, to pass a hang-up on and to say how it ended. That needs no power of root's. If the
 * owner could stop who waits for a process of the box, its init would wait for ever to end.
 */
static int shrink(const struct target *t, struct fail *f)
{
	return become_waiter(t->record.owner.uid, t->record.root_uid, t->record.root_gid, f);
}

/* Not before the command runs: it does not wait for the log. */
static void log_entered(const struct entry *e, const struct record *r)
{
	log_info("event=enter box=%s user=%s uid=%u by=%u tty=%s command=%s", r->box, r->owner.name, r->owner.uid,
		 e->caller->uid, e->ttys != 0 ? "yes" : "no", e->command[0] != NULL ? "yes" : "no");
}

static int see_through(const struct entry *e, const struct target *t, struct spawned *s, int null, int *go,
		       struct fail *f)
{
	const int fds[] = { [ENTER_PIDFD] = s->pidfd, [ENTER_PTY] = s->master };
	int status;

	if (answer(ANSWER_BOXED, 0, t->record.box, "", fds, e->ttys != 0 ? 2 : 1, f) < 0 ||
	    (e->ttys != 0 && wire_wait_start(WIRE_FD, f) < 0) ||
	    leave_stdio(null, f) < 0 || shrink(t, f) < 0 || write(*go, "", 1) != 1)
		return -1; /* the command sees its pipe close and ends */
	fd_close(go);
	/* A terminal hangs up when the last master is closed: that must be the caller's. */
	fd_close(&s->master);
	fd_close(&s->slave);
	log_entered(e, &t->record);
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

	done = spawn(e, &t->record, &place, clock_ms() + SPAWN_MS, &s, f);
	if (done == 0)
		done = see_through(e, t, &s, null, &go, f);
	fd_close(&s.pidfd);
	fd_close(&s.master);
	fd_close(&s.slave);
	return done;
}

static int find_and_run(int proc, const struct entry *e, struct target *t, struct fail *f)
{
	int found = target_find(proc, e, t, f);

	return found == 0 ? answer(ANSWER_OUTSIDE, 0, "", "", NULL, 0, f) : found < 0 ? -1 : run(e, t, f);
}

int enter(const struct entry *entry)
{
	__attribute__((cleanup(target_cleanup))) struct target t = TARGET_EMPTY;
	struct fail f = { 0 }, ignored;
	OWN_FD int proc = process_open_proc(&f);

	if (proc >= 0 && find_and_run(proc, entry, &t, &f) == 0)
		return 0;
	/* A name that no box has is the caller's own mistake. */
	if (f.code != ESRCH || f.plain[0] == '\0')
		log_error("event=enter uid=%u error=\"%s\"", entry->uid, f.text);
	(void)answer(ANSWER_REFUSED, 0, "",
		     f.plain[0] != '\0' ? f.plain : "The box could not be entered; please tell the administrator.",
		     NULL, 0, &ignored);
	return 1;
}
