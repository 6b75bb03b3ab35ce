/* SPDX-License-Identifier: MIT */
/* runs as: root. The worker process that opens a box, and the process that waits for it. */
#include "helper/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/become_sweep.h"
#include "helper/fdpass.h"
#include "helper/log.h"

enum { WORKER_MS = 11000, REAP_MS = 500 };

static void refuse(struct answer *a, const struct fail *f)
{
	*a = (struct answer){ .version = WIRE_VERSION, .kind = ANSWER_REFUSED };
	(void)snprintf(a->text, sizeof a->text, "%s",
		       f->plain[0] != '\0' ? f->plain
					   : "Your session could not be set up; please tell the administrator.");
}

static const char *or_none(const char *text)
{
	return text[0] != '\0' ? text : "-";
}

static void log_outcome(const struct owner *owner, const struct request *r, int outcome, const struct opened *opened,
			int64_t began, const struct fail *f)
{
	if (outcome < 0)
		log_error("event=refused user=%s uid=%u service=%s from=%s error=\"%s\"", owner->name, owner->uid,
			  r->service, r->from, f->text);
	else if (outcome == 1)
		log_info("event=%s box=%s user=%s uid=%u service=%s from=%s address=%s ports=%s ms=%lld",
			 opened->created ? "open" : "join", opened->box, owner->name, owner->uid, r->service, r->from,
			 or_none(opened->address), or_none(opened->ports), (long long)(clock_ms() - began));
}

/* to: where the answer goes, our waiting parent or its caller; done: a byte for the parent when that has happened. */
static void work(const struct owner *owner, const struct request *request, int to, int done)
	__attribute__((noreturn));
static void work(const struct owner *owner, const struct request *request, int to, int done)
{
	int64_t began = clock_ms();
	struct opened opened = { .news = -1 };
	struct fail f = { 0 }, unsent;
	struct answer a = { .version = WIRE_VERSION };
	int outcome;

	/*
	 * Killed with the process that waits for us; a process group leader cannot, a child can, leave its session.
	 */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || setsid() < 0)
		outcome = fail(&f, errno, "set up the worker");
	else
		outcome = open_box(owner, request, &opened, &f);
	if (outcome < 0) {
		refuse(&a, &f);
	} else {
		a.kind = outcome == 1 ? ANSWER_BOXED : ANSWER_OUTSIDE;
		a.fds = outcome == 1 ? opened.count : 0;
		a.filter = opened.filter;
		memcpy(a.box, opened.box, sizeof a.box);
		memcpy(a.ports, opened.ports, sizeof a.ports);
	}
	/* From here on the helper may end as it should, and we are still needed. */
	(void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	/* Nobody there to take the lease: it closes here, and the box ends. */
	(void)wire_send(to, &a, opened.fds, &unsent);
	if (done != to)
		(void)fdpass_send(done, "", 1, NULL, 0, &unsent);

	int init = fd_give(&opened.fds[OPEN_PIDFD]), news = fd_give(&opened.news);

	opened_close(&opened);
	/* Last: the login goes on while the log is written. */
	log_outcome(owner, request, outcome, &opened, began, &f);
	/* The worker that made a box stays as the parent of its init; but as a program of a few pages. */
	if (opened.created)
		become_sweep(owner->uid, opened.number, init, news);
	_exit(0);
}

/* A worker that has not done its work in time. It hangs in the kernel, on a server that is away: not waited for. */
static void end_worker(pid_t worker)
{
	int64_t deadline = clock_ms() + REAP_MS;

	(void)kill(worker, SIGKILL); /* our own child, not yet waited for; its builder dies with it */
	while (waitpid(worker, NULL, WNOHANG) == 0 && deadline_nap(deadline, 2) == 0)
		;
}

/* Returns the worker's pid and our end of the socket to it. to: -1 for that socket. */
static pid_t start_worker(const struct owner *owner, const struct request *request, int to, int *ours, struct fail *f)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return fail(f, errno, "make a socket pair");

	OWN_FD int theirs = ends[1];
	pid_t worker = fork();

	*ours = ends[0];
	if (worker == 0)
		work(owner, request, to >= 0 ? to : theirs, theirs);
	return worker < 0 ? fail(f, errno, "fork") : worker;
}

void broker_open(const struct owner *owner, const struct request *request, struct answer *a, int fds[WIRE_FDS])
{
	struct fail f = { 0 };
	OWN_FD int ours = -1;
	pid_t worker = start_worker(owner, request, -1, &ours, &f);

	if (worker > 0 && wire_receive(ours, clock_ms() + WORKER_MS, a, fds, &f) == 0)
		return;
	if (worker > 0)
		end_worker(worker);
	log_error("event=refused user=%s uid=%u error=\"%s\"", owner->name, owner->uid, f.text);
	refuse(a, &f);
}

int broker_serve(const struct owner *owner, const struct request *request)
{
	struct fail f = { 0 };
	struct answer a;
	OWN_FD int ours = -1;
	pid_t worker = start_worker(owner, request, WIRE_FD, &ours, &f);
	int fds[FDPASS_FDS];
	unsigned n;
	char byte;

	if (worker > 0 && fdpass_receive(ours, clock_ms() + WORKER_MS, &byte, 1, fds, &n, &f) == 0)
		return 0;
	if (worker > 0)
		end_worker(worker);
	log_error("event=refused user=%s uid=%u error=\"%s\"", owner->name, owner->uid, f.text);
	refuse(&a, &f);
	(void)wire_send(WIRE_FD, &a, NULL, &f); /* the caller may be gone */
	return 1;
}
