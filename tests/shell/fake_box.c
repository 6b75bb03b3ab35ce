/* SPDX-License-Identifier: MIT */
/* runs as: the user, in tests. Speaks as a box does through nsbox-helper or nsbox-hop, and is none. */
#include "tests/shell/fake_box.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/hop.h"

static void answer(int socket, uint32_t kind, int status, const char *text, const int *fds, uint32_t n)
{
	struct answer a = { .version = WIRE_VERSION, .kind = kind, .status = status, .fds = n, .box = "ada-1" };
	struct fail f;

	(void)snprintf(a.text, sizeof a.text, "%s", text);
	if (wire_send(socket, &a, fds, &f) < 0)
		exit(1);
}

void fake_answer(int socket, unsigned kind, int status, const char *text)
{
	answer(socket, kind, status, text, NULL, 0);
}

bool fake_misbehave(int socket, const char *box)
{
	if (strcmp(box, "refused-1") == 0)
		answer(socket, ANSWER_REFUSED, 0, "no \033[31mbox", NULL, 0);
	else if (strcmp(box, "outside-1") == 0)
		answer(socket, ANSWER_OUTSIDE, 0, "", NULL, 0);
	else if (strcmp(box, "garbage-1") == 0)
		(void)send(socket, "garbage", 7, MSG_NOSIGNAL);
	else if (strcmp(box, "slow-1") == 0)
		(void)pause();
	else
		return strcmp(box, "silent-1") == 0;
	return true;
}

/* The command, on the slave where ttys say so, once gate is readable (or at its end). */
static void command(char **argv, int ttys, const char *slave, int gate)
{
	char go;

	(void)setsid();
	if (ttys != 0) {
		OWN_FD int tty = open(slave, O_RDWR);

		if (tty < 0 || ioctl(tty, TIOCSCTTY, 0) < 0)
			_exit(125);
		for (int fd = 0; fd < 3; fd++)
			if ((ttys & 1 << fd) != 0)
				(void)dup2(tty, fd);
	}
	(void)write(gate, "", 1);
	(void)shutdown(gate, SHUT_WR);
	(void)read(gate, &go, 1);
	(void)close_range(3, ~0U, 0);
	(void)execvp(argv[0], argv);
	(void)fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* A terminal's master, and its slave's name. */
static int open_terminal(char *slave, size_t size)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || ptsname_r(master, slave, size) != 0)
		exit(1);
	return master;
}

/* Passes signals on until the command has ended. Returns its status, or -1 if nobody waits for that. */
static int see_through(int socket, pid_t pid, int pidfd)
{
	struct pollfd polls[] = { { .fd = pidfd, .events = POLLIN }, { .fd = socket, .events = POLLIN } };
	struct hop_signal said;
	int status;

	for (;;) {
		if (poll(polls, 2, -1) < 0)
			continue;
		if (polls[0].revents != 0)
			return waitpid(pid, &status, 0) == pid ? status : -1;
		if (recv(socket, &said, sizeof said, 0) != (ssize_t)sizeof said) {
			(void)kill(pid, SIGHUP);
			return -1;
		}
		(void)kill(said.typed != 0 ? -pid : pid, (int)said.number);
	}
}

int fake_enter(int socket, char **argv, int ttys)
{
	static char shell[] = "sh";
	static char *login[] = { shell, NULL };
	char slave[64] = "";
	int fds[2] = { -1, -1 };
	int gate[2];
	int status;
	char byte;
	pid_t pid;

	if (ttys != 0)
		fds[ENTER_PTY] = open_terminal(slave, sizeof slave);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) < 0)
		return 1;
	pid = fork();
	if (pid < 0)
		return 1;
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGHUP);
		(void)close(gate[0]);
		command(argv[0] != NULL ? argv : login, ttys, slave, gate[1]);
	}
	(void)close(gate[1]);
	(void)read(gate[0], &byte, 1);
	/* Signals to our process group are for nssh to pass on, as the real helper leaves them to it. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	(void)signal(SIGTSTP, SIG_IGN);
	for (int fd = 0; fd < 2; fd++)
		(void)close(fd);
	fds[ENTER_PIDFD] = pidfd_open(pid, 0);
	answer(socket, ANSWER_BOXED, 0, "", fds, ttys != 0 ? 2 : 1);
	(void)close(fds[ENTER_PTY]);
	if (ttys != 0 && recv(socket, &byte, 1, 0) == 1 && byte != WIRE_START)
		return 1;
	(void)close(gate[0]);
	status = see_through(socket, pid, fds[ENTER_PIDFD]);
	if (status >= 0)
		answer(socket, ANSWER_ENDED, status, "", NULL, 0);
	return 0;
}
