/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. Starts the command of who comes from another box, and stays with it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/hop/hop.h"
#include "helper/init/sweep.h"

struct running {
	pid_t pid;
	int pidfd;
	int master, slave; /* -1 without a terminal */
	int go;            /* a byte here, and it begins */
};

#define RUNNING_EMPTY { .pidfd = -1, .master = -1, .slave = -1, .go = -1 }

static void running_cleanup(struct running *r)
{
	fd_close(&r->pidfd);
	fd_close(&r->master);
	fd_close(&r->slave);
	fd_close(&r->go);
}

/* All signals are blocked here, SIGPIPE too. */
int news_send(char what, struct fail *f)
{
	return write(HOP_NEWS, &what, 1) == 1 ? 0 : fail(f, errno, "tell nsbox-sweep");
}

static int open_terminal(struct running *r, struct fail *f)
{
	int unlock = 0;

	r->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (r->master < 0) {
		(void)fail(f, errno, "open a terminal");
		return f->code == ENOSPC ? fail_plain(f, "The box has as many terminals as it may have.") : -1;
	}
	if (ioctl(r->master, TIOCSPTLCK, &unlock) != 0)
		return fail(f, errno, "unlock the terminal");
	r->slave = ioctl(r->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return r->slave < 0 ? fail(f, errno, "open the terminal's other side") : 0;
}

static int start(const struct asked *asked, const struct box *box, struct running *r, struct fail *f)
{
	int ends[2];

	if (asked->request.ttys != 0 && open_terminal(r, f) < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail(f, errno, "make a pipe");

	OWN_FD int begin = ends[0];

	r->go = ends[1];
	r->pid = fork();
	if (r->pid == 0) {
		fd_close(&r->go);
		command_run(asked, box, r->slave, begin);
	}
	if (r->pid < 0) {
		(void)fail(f, errno, "fork");
		return fail_plain(f, "The box cannot have another process.");
	}
	r->pidfd = pidfd_open(r->pid, 0);
	return r->pidfd < 0 ? fail(f, errno, "open the command's pidfd") : 0;
}

/* The command has them now: a copy here would keep the other end of a pipe, or a terminal, waiting. */
static void leave_descriptors(struct running *r, struct asked *asked)
{
	fd_close(&r->master);
	fd_close(&r->slave);
	for (int fd = 0; fd <= 2; fd++)
		fd_close(&asked->stdio[fd]);
}

/* The process group in the foreground of the command's terminal, field 8 of stat(5); 0 if there is none. */
static pid_t foreground(pid_t pid)
{
	char path[32], text[512];
	int group = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);

	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, sizeof text) < 0)
		return 0;

	/* The name may hold anything, brackets too. */
	const char *rest = strrchr(text, ')');

	return rest != NULL && sscanf(rest, ") %*c %*d %*d %*d %*d %d", &group) == 1 && group > 1 ? group : 0;
}

/*
 * kill(-1) and kill(0) would be for others as well. The command is our child and not waited for: its number is its
 * own.
 */
static void pass_on(const struct running *r, const struct hop_signal *s)
{
	pid_t group = s->typed != 0 ? foreground(r->pid) : 0;

	if (s->number > 0 && s->number < NSIG)
		(void)kill(group > 0 ? -group : r->pid, (int)s->number);
}

/* False: the asking side is gone, or does not keep to what was agreed. */
static bool obey(const struct running *r)
{
	struct hop_signal s;
	ssize_t got = recv(HOP_SOCKET, &s, sizeof s, MSG_DONTWAIT);

	if (got == (ssize_t)sizeof s)
		pass_on(r, &s);
	return got == (ssize_t)sizeof s || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* True: the command has ended, with status. */
static bool see_through(const struct running *r, int *status)
{
	struct pollfd p[] = { { .fd = r->pidfd, .events = POLLIN }, { .fd = HOP_SOCKET, .events = POLLIN } };

	for (;;) {
		if (poll(p, 2, -1) < 0)
			continue; /* EINTR, or the kernel is short of memory */
		if (p[0].revents != 0)
			return waitpid(r->pid, status, 0) == r->pid;
		if (p[1].revents != 0 && !obey(r))
			return false; /* our end is the command's hang-up (command.c) */
	}
}

int enter_run(struct asked *asked, const struct box *box, struct fail *f)
{
	__attribute__((cleanup(running_cleanup))) struct running r = RUNNING_EMPTY;
	struct fail ignored;
	int status;

	if (start(asked, box, &r, f) < 0)
		return -1;

	const int fds[] = { [ENTER_PIDFD] = r.pidfd, [ENTER_PTY] = r.master };

	if (answer(ANSWER_BOXED, 0, box, fds, r.master >= 0 ? 2 : 1, f) < 0 ||
	    (asked->request.ttys != 0 && wire_wait_start(HOP_SOCKET, f) < 0) || write(r.go, "", 1) != 1)
		return -1; /* the command sees its pipe close and ends */
	leave_descriptors(&r, asked);
	(void)news_send(NEWS_HOP, &ignored);
	return see_through(&r, &status) ? answer(ANSWER_ENDED, status, box, NULL, 0, f) : 0;
}
