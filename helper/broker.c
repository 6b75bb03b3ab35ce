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
#include "helper/cgroup.h"
#include "helper/log.h"
#include "places.h"

enum { WORKER_MS = 11000, REAP_MS = 500 };

static void refuse(struct answer *a, const struct fail *f)
{
	*a = (struct answer){ .version = WIRE_VERSION, .kind = ANSWER_REFUSED };
	(void)snprintf(a->text, sizeof a->text, "%s",
		       f->plain[0] != '\0' ? f->plain
					   : "Your session could not be set up; please tell the administrator.");
}

static void log_outcome(const struct owner *owner, const struct request *r, int outcome, const struct opened *opened,
			int64_t began, const struct fail *f)
{
	if (outcome < 0)
		log_error("event=refused user=%s uid=%u service=%s from=%s error=\"%s\"", owner->name, owner->uid,
			  r->service, r->from, f->text);
	else if (outcome == 1)
		log_info("event=%s box=%s user=%s uid=%u service=%s from=%s ms=%lld", opened->created ? "open" : "join",
			 opened->box, owner->name, owner->uid, r->service, r->from, (long long)(clock_ms() - began));
}

/*
 * The worker that made a box stays as the parent of its init, to collect what it leaves: but as a program of a
 * few pages. It leaves the caller's session and cgroup, so that the end of the login is not its own.
 */
static void become_sweeper(const struct owner *owner)
{
	char uid[12];
	char *const argv[] = { (char *)"nsbox-sweep", uid, NULL };
	char *const nothing[] = { NULL };
	struct cgroups cgroups = CGROUPS_EMPTY;
	struct fail f = { 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)snprintf(uid, sizeof uid, "%u", owner->uid);
	if (null < 0 || dup2(null, 0) != 0 || dup2(null, 1) != 1 ||
	    dup2(null, 2) != 2)
		log_error("event=sweeper uid=%u error=\"detach: %s\"", owner->uid, strerrordesc_np(errno));
	if (cgroups_open(&cgroups, &f) < 0 || cgroup_enter_keeper(&cgroups, &f) < 0)
		log_error("event=sweeper uid=%u error=\"%s\"", owner->uid, f.text);
	(void)execve(NSBOX_LIBEXEC "/nsbox-sweep", argv, nothing);
	log_error("event=sweeper uid=%u error=\"execute nsbox-sweep: %s\"", owner->uid, strerrordesc_np(errno));
}

static void work(const struct owner *owner, const struct request *request, int socket) __attribute__((noreturn));
static void work(const struct owner *owner, const struct request *request, int socket)
{
	int64_t began = clock_ms();
	struct opened opened = { .count = 0 };
	struct fail f = { 0 }, unsent;
	struct answer a = { .version = WIRE_VERSION };
	int outcome;

	/* Killed with the process that waits for us; a process group leader cannot, a child can, leave its session. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || setsid() < 0)
		outcome = fail(&f, errno, "set up the worker");
	else
		outcome = open_box(owner, request, &opened, &f);
	if (outcome < 0) {
		refuse(&a, &f);
	} else {
		a.kind = outcome == 1 ? ANSWER_BOXED : ANSWER_OUTSIDE;
		a.fds = outcome == 1 ? opened.count : 0;
		memcpy(a.box, opened.box, sizeof a.box);
	}
	/* From here on the helper may end as it should, and we are still needed. */
	(void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	/* Nobody there to take the lease: it closes here, and the box ends. */
	(void)wire_send(socket, &a, opened.fds, &unsent);
	opened_close(&opened);
	/* Last: the login goes on while the log is written. */
	log_outcome(owner, request, outcome, &opened, began, &f);
	if (opened.created)
		become_sweeper(owner);
	_exit(0);
}

void broker_open(const struct owner *owner, const struct request *request, struct answer *a, int fds[WIRE_FDS])
{
	struct fail f = { 0 };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		(void)fail(&f, errno, "make a socket pair");
		refuse(a, &f);
		return;
	}

	OWN_FD int ours = ends[0], theirs = ends[1];
	pid_t worker = fork();

	if (worker == 0)
		work(owner, request, theirs);
	fd_close(&theirs);
	if (worker > 0 && wire_receive(ours, clock_ms() + WORKER_MS, a, fds, &f) == 0)
		return;
	if (worker < 0)
		(void)fail(&f, errno, "fork");
	log_error("event=refused user=%s uid=%u error=\"%s\"", owner->name, owner->uid, f.text);
	if (worker > 0) {
		int64_t deadline = clock_ms() + REAP_MS;

		(void)kill(worker, SIGKILL); /* our own child, not yet waited for; its builder dies with it */
		/* One that hangs in the kernel, on a server that is away, is not waited for. */
		while (waitpid(worker, NULL, WNOHANG) == 0 && deadline_nap(deadline, 2) == 0)
			;
	}
	refuse(a, &f);
}
