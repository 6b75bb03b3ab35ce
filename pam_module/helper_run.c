/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and other services. Runs nsbox-helper, as a setuid program deserves. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "pam_module/module.h"
#include "places.h"

/* A little more than the helper gives itself, so that its own words about a delay arrive. Tests are less patient. */
#ifndef HELPER_MS
#define HELPER_MS 12000
#endif

enum { RHOST_MOST = 256 };

/* A running helper. */
struct child {
	pid_t pid;
	int socket;
	struct sigaction sigchld; /* the service's own, put back by reap */
};

/*
 * The remote host's name may come from the remote host's own DNS. It ends up in logs and on a command line: letters,
 * digits and what addresses are written with pass.
 */
static void clean_rhost(const char *rhost, char out[RHOST_MOST])
{
	static const char also[] = ".:%_-";
	size_t n = 0;

	for (; n < RHOST_MOST - 1 && rhost[n] != '\0'; n++) {
		char c = rhost[n];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		out[n] = plain || strchr(also, c) != NULL ? c : '?';
	}
	if (n == 0)
		out[n++] = '-';
	out[n] = '\0';
}

/* The file that is judged is the file that is run. */
static int open_helper(struct fail *f)
{
	OWN_FD int fd = open(NSBOX_HELPER, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return fail(f, errno, "open %s", NSBOX_HELPER);
	if (fstat(fd, &st) != 0)
		return fail(f, errno, "stat %s", NSBOX_HELPER);
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fail(f, 0, "%s must be a regular file of root's that nobody else may write", NSBOX_HELPER);
	return fd_give(&fd);
}

/*
 * In the forked child, all signals blocked: nothing of the service may reach the program, neither handler nor mask.
 */
static void reset_signals(void)
{
	struct sigaction normal = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)sigaction(i, &normal, NULL); /* fails for KILL, STOP and libc's own, as it should */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * In the forked child; only async-signal-safe calls from here on. Leaves /dev/null on 0 to 2, the
 * socket on WIRE_FD, the program on the next one (it closes itself at exec), and nothing above.
 */
static void child_exec(int program, int socket, char *const argv[])
{
	static char *const no_environment[] = { NULL };
	int null, end, file;

	reset_signals();
	/* su has the real ids of its caller, and atd daemon's; the helper judges by those. */
	if (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0)
		_exit(125);
	/* First out of the way of the numbers they are put on: a service may run with 0 to 2 closed. */
	end = fcntl(socket, F_DUPFD_CLOEXEC, WIRE_FD + 2);
	file = fcntl(program, F_DUPFD_CLOEXEC, WIRE_FD + 2);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (end < 0 || file < 0 || null < 0)
		_exit(125);
	for (int fd = 0; fd <= 2; fd++)
		if (null == fd ? fcntl(fd, F_SETFD, 0) < 0 : dup2(null, fd) < 0)
			_exit(125);
	if (dup2(end, WIRE_FD) < 0 || dup3(file, WIRE_FD + 1, O_CLOEXEC) < 0)
		_exit(125);
	if (close_range(WIRE_FD + 2, ~0U, 0) != 0)
		_exit(125);
	(void)fexecve(WIRE_FD + 1, argv, no_environment);
	_exit(126);
}

/* Signals stay blocked across the fork, so that no handler of the service's runs in the child. */
static pid_t fork_blocked(int program, int socket, char *const argv[])
{
	sigset_t all, before;
	pid_t pid;

	(void)sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, &before) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		child_exec(program, socket, argv);
	int saved = errno;

	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return pid;
}

static int start(char *const argv[], struct child *c, struct fail *f)
{
	struct sigaction normal = { .sa_handler = SIG_DFL };
	OWN_FD int program = open_helper(f);
	OWN_FD int ours = -1, theirs = -1;
	int pair[2];

	if (program < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return fail(f, errno, "socketpair");
	ours = pair[0];
	theirs = pair[1];
	/*
	 * A service that ignores SIGCHLD has its children reaped by the kernel, ours too; one with a handler may reap
	 * ours itself.
	 */
	if (sigaction(SIGCHLD, &normal, &c->sigchld) != 0)
		return fail(f, errno, "sigaction");
	c->pid = fork_blocked(program, theirs, argv);
	if (c->pid < 0) {
		(void)fail(f, errno, "fork");
		(void)sigaction(SIGCHLD, &c->sigchld, NULL);
		return -1;
	}
	c->socket = fd_give(&ours);
	return 0;
}

/* Did it end by itself before the deadline? */
static bool ended(pid_t pid, int64_t deadline)
{
	OWN_FD int pidfd = pidfd_open(pid, 0);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int ready;

	if (pidfd < 0)
		return false;
	do
		ready = poll(&end, 1, deadline_left(deadline));
	while (ready < 0 && errno == EINTR);
	return ready == 1;
}

/*
 * Waits for the end of the helper, and makes one at the deadline. The wait status, or -1 if the end was not its own.
 */
static int reap(struct child *c, int64_t deadline)
{
	bool alone = ended(c->pid, deadline);
	int status = -1;
	pid_t got;

	fd_close(&c->socket);
	/* Not reaped yet, so the pid is still the helper's. */
	if (!alone)
		(void)kill(c->pid, SIGKILL);
	do
		got = waitpid(c->pid, &status, 0);
	while (got < 0 && errno == EINTR);
	(void)sigaction(SIGCHLD, &c->sigchld, NULL);
	return alone && got == c->pid ? status : -1;
}

/* Adds how the helper ended to what went wrong with its answer. */
static int fail_ended(struct fail *f, int status)
{
	if (status != -1 && WIFSIGNALED(status))
		return fail_in(f, "%s was ended by signal %d", NSBOX_HELPER, WTERMSIG(status));
	if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) != 0)
		return fail_in(f, "%s ended with status %d", NSBOX_HELPER, WEXITSTATUS(status));
	return fail_in(f, "answer of %s", NSBOX_HELPER);
}

int helper_open(const char *user, const char *service, const char *rhost, struct answer *a, int fds[WIRE_FDS],
		struct fail *f)
{
	int64_t deadline = clock_ms() + HELPER_MS;
	char from[RHOST_MOST];
	char *argv[] = { (char *)"nsbox-helper", (char *)"open", (char *)(uintptr_t)user,
			 (char *)(uintptr_t)service, from, NULL };
	struct child c;
	int received, status;

	clean_rhost(rhost, from);
	if (start(argv, &c, f) != 0)
		return -1;
	received = wire_receive(c.socket, deadline, a, fds, f);
	/* An answer that makes no sense will not be followed by a better one: no waiting for the sender. */
	status = reap(&c, received == 0 || f->code == EPIPE ? deadline : 0);
	return received == 0 ? 0 : fail_ended(f, status);
}
