/* SPDX-License-Identifier: MIT */
/* runs as: root. Work in the mount namespace of a live box, done by a child that visits it. */
#include "helper/visit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fdpass.h"

static void be_visitor(int pidfd, int socket, visit_work *work, void *context) __attribute__((noreturn));
static void be_visitor(int pidfd, int socket, visit_work *work, void *context)
{
	struct fail failed = { 0 }, ignored;
	int fds[VISIT_FDS];
	unsigned n = 0;

	if (setns(pidfd, CLONE_NEWNS) != 0)
		(void)fail(&failed, errno, "visit the box's mount namespace");
	else if (work(context, fds, &n, &failed) < 0)
		n = 0;
	(void)fdpass_send(socket, &failed, sizeof failed, fds, n, &ignored);
	_exit(0);
}

static int receive(int socket, int64_t deadline, int *fds, unsigned n, struct fail *f)
{
	struct fail said;
	int got[FDPASS_FDS];
	unsigned count;

	if (fdpass_receive(socket, deadline, &said, sizeof said, got, &count, f) < 0)
		return -1;
	if (count == n && said.text[0] == '\0') {
		for (unsigned i = 0; i < n; i++)
			fds[i] = got[i];
		return 0;
	}
	while (count > 0)
		fd_close(&got[--count]);
	if (said.text[0] == '\0')
		return fail(f, EPROTO, "what the visitor brought");
	*f = said;
	return -1;
}

int visit(int pidfd, visit_work *work, void *context, int64_t deadline, int *fds, unsigned n, struct fail *f)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return fail(f, errno, "make a socket pair");

	OWN_FD int ours = ends[0], theirs = ends[1];
	pid_t child = fork();

	if (child < 0)
		return fail(f, errno, "fork");
	if (child == 0)
		be_visitor(pidfd, theirs, work, context);
	fd_close(&theirs);

	int done = receive(ours, deadline, fds, n, f);

	(void)kill(child, SIGKILL); /* our own child, not yet waited for */
	(void)waitpid(child, NULL, 0);
	return done;
}
