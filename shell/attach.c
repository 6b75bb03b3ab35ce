/* SPDX-License-Identifier: MIT */
/* runs as: the user. A command in a box takes the place of one here: from the answer to the exit status. */
#include "shell/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/escape.h"
#include "conf/fd.h"
#include "helper/wire.h"
#include "shell/nssh.h"

/* A box gets 10 s to open; then there is an answer in any case, unless who is asked hangs. */
enum { ANSWER_DEADLINE_MS = 15000 };

unsigned attach_ttys(void)
{
	unsigned ttys = 0;

	for (int fd = 0; fd < 3; fd++)
		if (isatty(fd))
			ttys |= 1U << fd;
	return ttys;
}

int attach_directory(struct fail *f)
{
	char *here = get_current_dir_name();
	int done = here != NULL && here[0] == '/' ? setenv("PWD", here, 1) : unsetenv("PWD");

	free(here);
	return done < 0 ? fail(f, errno, "set PWD") : 0;
}

static bool answered(int socket)
{
	char byte;

	return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Until the box is there, a signal ends us as it would end any program; the helper then undoes what it began. */
static int wait_answer(struct relay *relay, const struct server *whom, struct fail *f)
{
	int64_t deadline = clock_ms() + ANSWER_DEADLINE_MS;
	struct pollfd polls[] = { { .fd = relay->socket, .events = POLLIN },
				  { .fd = relay->signals.fd, .events = POLLIN } };
	struct signalfd_siginfo info;

	for (;;) {
		int n = poll(polls, 2, deadline_left(deadline));

		if (n < 0 && errno != EINTR)
			return fail(f, errno, "poll");
		/* The command may run and have said so to whoever sends signals: those that come now are for it. */
		if (answered(relay->socket))
			return 0;
		/* A signal before the end of the socket: one that was typed may have ended the helper too. */
		if (n <= 0 || read(relay->signals.fd, &info, sizeof info) != (ssize_t)sizeof info) {
			if (n > 0 && polls[0].revents != 0)
				return 0;
			if (deadline_left(deadline) == 0)
				return fail(f, ETIMEDOUT, "no answer from %s", whom->name);
			continue;
		}
		if (info.ssi_signo == SIGTSTP)
			signals_stop();
		else if (info.ssi_signo != SIGWINCH && info.ssi_signo != SIGCONT)
			relay->died = (int)info.ssi_signo;
		if (relay->died != 0)
			return fail(f, EINTR, "waiting for the box");
	}
}

bool attach_tells(const struct entry *entry)
{
	return strcmp(entry->box, "-") == 0 && entry->command[0] == NULL && !entry->login &&
	       isatty(STDERR_FILENO) != 0;
}

/* All boxes look alike. */
static void say_box(const char *box)
{
	char safe[4 * WIRE_BOX];

	escape_text(safe, sizeof safe, box);
	(void)fprintf(stderr, "nssh: box %s\n", safe);
}

/* Takes over the command's pidfd and, where it has a terminal, the master. */
static int take_box(struct relay *relay, unsigned ttys, const struct server *whom, struct fail *f)
{
	struct answer a;
	int fds[WIRE_FDS];

	if (wait_answer(relay, whom, f) < 0)
		return -1;
	if (wire_receive(relay->socket, clock_ms() + 1000, &a, fds, f) < 0)
		return f->code == EPIPE ? fail(f, 0, "%s %s", whom->name, whom->shut) : -1;
	relay->pidfd = fd_give(&fds[ENTER_PIDFD]);
	if (a.fds > ENTER_PTY)
		relay->master = fd_give(&fds[ENTER_PTY]);
	for (unsigned i = 0; i < WIRE_FDS; i++)
		fd_close(&fds[i]);
	switch ((enum answer_kind)a.kind) {
	case ANSWER_OUTSIDE:
		relay->outside = true;
		return fail(f, 0, "%s",
			    a.text[0] != '\0' ? a.text : "by this host's policy this account has no boxes");
	case ANSWER_REFUSED:
		return fail(f, 0, "%s", a.text[0] != '\0' ? a.text : "the box was refused");
	case ANSWER_ENDED:
		return fail(f, EPROTO, "%s told the end before the beginning", whom->name);
	case ANSWER_BOXED:
		break;
	}
	if (a.fds != (ttys != 0 ? 2U : 1U))
		return fail(f, EPROTO, "%s sent %u descriptors", whom->name, a.fds);
	if (whom->tells)
		say_box(a.box);
	return 0;
}

/* The outer terminal <-> the master. Each flow has descriptors of its own. */
static int join_terminal(struct relay *relay, unsigned ttys, struct fail *f)
{
	struct flow *typed = &relay->flows[TYPED];
	struct flow *shown = &relay->flows[SHOWN];
	static const unsigned char screen[8] = { 0, 0, 1, 1, 2, 2, 1, 1 }; /* stdout, else stderr, else stdin */
	size_t none;

	terminal_find(&relay->terminal, ttys);
	if (fcntl(relay->master, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return fail(f, errno, "the box's terminal");
	shown->from = fcntl(relay->master, F_DUPFD_CLOEXEC, 3);
	shown->to = flow_end(screen[ttys], O_WRONLY, &shown->piece);
	if (shown->from < 0 || shown->to < 0)
		return fail(f, errno, "open the terminal");
	if ((ttys & 1U) == 0)
		return 0;
	typed->from = flow_end(STDIN_FILENO, O_RDONLY, &none);
	typed->to = fcntl(relay->master, F_DUPFD_CLOEXEC, 3);
	if (typed->from < 0 || typed->to < 0)
		return fail(f, errno, "open the terminal");
	return 0;
}

/*
 * The command has its standard input and output now, and they are no longer ours: else whoever is at the other end of
 * a pipe would wait for us too. Standard error stays, for what we may have to say.
 */
static int let_go(unsigned ttys, struct fail *f)
{
	OWN_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return fail(f, errno, "open /dev/null");
	for (int fd = 0; fd < 2; fd++)
		if ((ttys & 1U << fd) == 0 && dup2(null, fd) < 0)
			return fail(f, errno, "let go of descriptor %d", fd);
	return 0;
}

/* The size is set before the command can ask for it. */
static int begin(struct relay *relay, unsigned ttys, struct fail *f)
{
	const char go = WIRE_START;

	if (ttys == 0)
		return 0;
	if (join_terminal(relay, ttys, f) < 0)
		return -1;
	terminal_copy(&relay->terminal, relay->master);
	terminal_make_raw(&relay->terminal);
	/* Whoever is gone shows as the end of its socket. */
	if (send(relay->socket, &go, sizeof go, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		return fail(f, errno, "start the command");
	return 0;
}

int attach(struct relay *relay, unsigned ttys, const struct server *whom, struct fail *f)
{
	if (take_box(relay, ttys, whom, f) < 0 || let_go(ttys, f) < 0 || begin(relay, ttys, f) < 0)
		return -1;
	return relay_run(relay, f);
}

int attach_end(struct relay *relay, int done, const struct fail *f)
{
	terminal_restore(&relay->terminal);
	relay_close(relay);
	if (relay->died != 0)
		signals_die(relay->died);
	if (done < 0)
		return complain(f);
	if (WIFSIGNALED(relay->status))
		signals_die(WTERMSIG(relay->status));
	return WEXITSTATUS(relay->status);
}
