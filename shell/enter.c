/* SPDX-License-Identifier: MIT */
/* runs as: the user. Runs a command in a box as if there were no box. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/wire.h"
#include "shell/nssh.h"
#include "shell/relay.h"
#include "shell/start.h"

/* The helper gives a box 10 s to open; then it answers in any case, unless it hangs itself. */
enum { ENTER_DEADLINE_MS = 15000 };

/* Which of 0, 1 and 2 the box's own terminal takes the place of, as the wire counts them. */
static unsigned find_ttys(void)
{
	unsigned ttys = 0;

	for (int fd = 0; fd < 3; fd++)
		if (isatty(fd))
			ttys |= 1U << fd;
	return ttys;
}

/*
 * Makes a pipe between our descriptor fd and the command's: *far is the command's end. The pipe is theirs, or
 * opening /dev/stdout in the box would be refused.
 */
static int pump(struct flow *flow, int fd, const struct passwd *owner, int *far, struct fail *f)
{
	int ends[2];
	int mode = fd == STDIN_FILENO ? O_RDONLY : O_WRONLY;
	size_t piece;
	int ours = flow_end(fd, mode, &piece);

	if (ours < 0)
		return fail(f, errno, "open descriptor %d again", fd);
	if (mode == O_RDONLY)
		flow->from = ours;
	else
		flow->to = ours;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(f, errno, "pipe");
	int near = mode == O_RDONLY ? ends[1] : ends[0];

	*far = mode == O_RDONLY ? ends[0] : ends[1];
	if (mode == O_RDONLY) {
		flow->to = near;
	} else {
		flow->from = near;
		flow->piece = piece;
	}
	if (fcntl(near, F_SETFL, O_NONBLOCK) < 0 || fchown(*far, owner->pw_uid, owner->pw_gid) < 0)
		return fail(f, errno, "set up a pipe");
	return 0;
}

/* For another user's box: whatever is not a terminal goes through pipes of ours. */
static int pump_all(struct relay *relay, const char *user, unsigned ttys, int far[3], struct fail *f)
{
	const struct passwd *owner = getpwnam(user);

	if (owner == NULL)
		return fail(f, 0, "there is no user %s", user);
	for (int fd = 0; fd < 3; fd++)
		if ((ttys & 1U << fd) == 0 && pump(&relay->flows[PUMPED_IN + fd], fd, owner, &far[fd], f) < 0)
			return -1;
	return 0;
}

static size_t count(char *const *words)
{
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	return n;
}

/* nsbox-helper enter USER BOX TTYS [CMD...]. Free the array, not the words. */
static char **helper_words(const struct entry *entry, char ttys[2], struct fail *f)
{
	const char *head[] = { "nsbox-helper", "enter", entry->user, entry->box, ttys };
	size_t n = sizeof head / sizeof head[0];
	size_t words = count(entry->command);
	char **argv = calloc(n + words + 1, sizeof *argv);

	if (argv == NULL) {
		(void)fail(f, ENOMEM, "the command line");
		return NULL;
	}
	memcpy(argv, head, sizeof head);
	memcpy(argv + n, entry->command, words * sizeof *argv);
	return argv;
}

/* The command starts where we are; the helper learns it from PWD, symbolic links as the user's shell shows them. */
static int tell_directory(struct fail *f)
{
	char *here = get_current_dir_name();
	int done = here != NULL && here[0] == '/' ? setenv("PWD", here, 1) : unsetenv("PWD");

	free(here);
	return done < 0 ? fail(f, errno, "set PWD") : 0;
}

static int start_enter(struct relay *relay, const struct entry *entry, unsigned ttys, struct fail *f)
{
	char digit[2] = { (char)('0' + ttys), '\0' };
	int pair[2];
	struct start start = { .stdio = { -1, -1, -1 }, .signals = &relay->signals };
	char **argv = helper_words(entry, digit, f);
	int done = -1;

	if (argv == NULL)
		return -1;
	start.argv = argv;
	if (tell_directory(f) == 0 && (!entry->other || pump_all(relay, entry->user, ttys, start.stdio, f) == 0)) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
			(void)fail(f, errno, "socketpair");
		} else {
			relay->socket = pair[0];
			start.wire = pair[1];
			done = start_helper(&start, f) < 0 ? -1 : 0;
			(void)close(pair[1]);
		}
	}
	for (int i = 0; i < 3; i++)
		fd_close(&start.stdio[i]);
	free(argv);
	return done;
}

static bool answered(int socket)
{
	char byte;

	return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Until the box is there, a signal ends us as it would end any program; the helper then undoes what it began. */
static int wait_answer(struct relay *relay, struct fail *f)
{
	int64_t deadline = clock_ms() + ENTER_DEADLINE_MS;
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
				return fail(f, ETIMEDOUT, "no answer from nsbox-helper");
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

/* Takes over the command's pidfd and, where it has a terminal, the master. */
static int take_box(struct relay *relay, unsigned ttys, struct fail *f)
{
	struct answer a;
	int fds[WIRE_FDS];

	if (wait_answer(relay, f) < 0)
		return -1;
	if (wire_receive(relay->socket, clock_ms() + 1000, &a, fds, f) < 0)
		return f->code == EPIPE ? fail(f, 0, "nsbox-helper ended without an answer") : -1;
	relay->pidfd = fd_give(&fds[ENTER_PIDFD]);
	if (a.fds > ENTER_PTY)
		relay->master = fd_give(&fds[ENTER_PTY]);
	for (unsigned i = 0; i < WIRE_FDS; i++)
		fd_close(&fds[i]);
	switch ((enum answer_kind)a.kind) {
	case ANSWER_OUTSIDE:
		return fail(f, 0, "%s", a.text[0] != '\0' ? a.text : "by this host's policy this account has no boxes");
	case ANSWER_REFUSED:
		return fail(f, 0, "%s", a.text[0] != '\0' ? a.text : "the box was refused");
	case ANSWER_ENDED:
		return fail(f, EPROTO, "nsbox-helper told the end before the beginning");
	case ANSWER_BOXED:
		break;
	}
	if (a.fds != (ttys != 0 ? 2U : 1U))
		return fail(f, EPROTO, "nsbox-helper sent %u descriptors", a.fds);
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
	/* A helper that is gone shows as the end of its socket. */
	if (send(relay->socket, &go, sizeof go, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		return fail(f, errno, "start the command");
	return 0;
}

static int run(struct relay *relay, const struct entry *entry, struct fail *f)
{
	unsigned ttys = find_ttys();

	if (signals_take(&relay->signals, f) < 0 || start_enter(relay, entry, ttys, f) < 0)
		return -1;
	if (take_box(relay, ttys, f) < 0 || let_go(ttys, f) < 0 || begin(relay, ttys, f) < 0)
		return -1;
	return relay_run(relay, f);
}

int enter(const struct entry *entry)
{
	struct relay relay;
	struct fail f = { 0 };
	int done;

	relay_init(&relay);
	done = run(&relay, entry, &f);
	terminal_restore(&relay.terminal);
	relay_close(&relay);
	if (relay.died != 0)
		signals_die(relay.died);
	if (done < 0)
		return complain(&f);
	if (WIFSIGNALED(relay.status))
		signals_die(WTERMSIG(relay.status));
	return WEXITSTATUS(relay.status);
}
