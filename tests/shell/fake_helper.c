/* SPDX-License-Identifier: MIT */
/* runs as: the user, in tests. Speaks as nsbox-helper does, runs the command with no box around it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/wire.h"

static void answer(uint32_t kind, int status, const char *text, const int *fds, uint32_t n)
{
	struct answer a = { .version = WIRE_VERSION, .kind = kind, .status = status, .fds = n, .box = "ada-1" };
	struct fail f;

	(void)snprintf(a.text, sizeof a.text, "%s", text);
	if (wire_send(WIRE_FD, &a, fds, &f) < 0)
		exit(1);
}

/* Some boxes behave badly, for tests. */
static void misbehave(const char *box)
{
	if (strcmp(box, "refused-1") == 0) {
		answer(ANSWER_REFUSED, 0, "no \033[31mbox", NULL, 0);
		exit(1);
	}
	if (strcmp(box, "outside-1") == 0) {
		answer(ANSWER_OUTSIDE, 0, "", NULL, 0);
		exit(1);
	}
	if (strcmp(box, "silent-1") == 0)
		exit(1);
	if (strcmp(box, "garbage-1") == 0) {
		(void)send(WIRE_FD, "garbage", 7, MSG_NOSIGNAL);
		exit(1);
	}
	if (strcmp(box, "slow-1") == 0)
		(void)pause();
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
	(void)close(gate);
	(void)close(WIRE_FD);
	(void)execvp(argv[0], argv);
	(void)fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int enter(char **argv)
{
	static char shell[] = "sh";
	static char *login[] = { shell, NULL };
	int ttys = argv[2][0] - '0';
	char slave[64] = "";
	int fds[2] = { -1, -1 };
	int gate[2];
	int status;
	char byte;
	pid_t pid;

	misbehave(argv[1]);
	if (ttys != 0) {
		fds[ENTER_PTY] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (fds[ENTER_PTY] < 0 || grantpt(fds[ENTER_PTY]) < 0 || unlockpt(fds[ENTER_PTY]) < 0 ||
		    ptsname_r(fds[ENTER_PTY], slave, sizeof slave) != 0)
			return 1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) < 0)
		return 1;
	pid = fork();
	if (pid < 0)
		return 1;
	if (pid == 0) {
		(void)close(gate[0]);
		command(argv[3] != NULL ? argv + 3 : login, ttys, slave, gate[1]);
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
	answer(ANSWER_BOXED, 0, "", fds, ttys != 0 ? 2 : 1);
	(void)close(fds[ENTER_PTY]);
	if (ttys != 0 && recv(WIRE_FD, &byte, 1, 0) == 1 && byte != WIRE_START)
		return 1;
	(void)close(gate[0]);
	(void)waitpid(pid, &status, 0);
	answer(ANSWER_ENDED, status, "", NULL, 0);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 4 && strcmp(argv[1], "enter") == 0)
		return enter(argv + 2);
	if (argc == 3 && strcmp(argv[1], "list") == 0) {
		(void)puts("box=ada-1 user=ada pid=17 created=1700000000 service=sshd from=2001:db8::1 state=live new=1");
		(void)puts("box=bob-12 user=bob pid=018 created=1700000060 service=nssh from= state=%22%1B%5Bm%FF");
		return 0;
	}
	return argc == 3 && strcmp(argv[1], "gc") == 0 ? 0 : 2;
}
