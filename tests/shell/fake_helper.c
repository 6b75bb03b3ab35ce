/* SPDX-License-Identifier: MIT */
/* runs as: the user, in tests. Speaks as nsbox-helper does, runs the command with no box around it. */
#include <errno.h>
#include <fcntl.h>
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
#include "helper/wire.h"

static void answer(uint32_t kind, int status, const char *text, const int *fds, uint32_t n)
{
	struct answer a = { .version = WIRE_VERSION, .kind = kind, .status = status, .fds = n, .box = "ada-1" };
	struct fail f;

	(void)snprintf(a.text, sizeof a.text, "%s", text);
	if (wire_send(WIRE_FD, &a, fds, &f) < 0)
		exit(1);
}

/* The two boxes there are; of bob's, from a helper of a host without controllers, little is known. */
static int list(void)
{
	/* nssh passes the environment on in this form; the test sets it. */
	bool netless = getenv("+NETLESS") != NULL;

	(void)printf("box=ada-1 user=ada pid=17 created=1700000000 service=sshd from=2001:db8::1 network=%s address=%s"
		     " ports=%s", netless ? "none" : "nat", netless ? "-" : "10.189.0.2,fd6e:7362:6f78::2",
		     netless ? "-" : "20000-20009,8080");
	(void)puts(" memory=84934656"
		   " memory_max=2147483648 pids=12 pids_max=4096 cpu_usec=62999999 state=live new=1");
	(void)puts("box=bob-12 user=bob pid=018 created=1700000060 service=nssh from= state=%22%1B%5Bm%FF");
	return 0;
}

/* Each call is a second after the one before, and what was counted by then differs. Each nssh has two of them. */
static int stat_twice(void)
{
	char name[64];
	bool second;

	(void)snprintf(name, sizeof name, "/tmp/nsbox-test-stat.%d", (int)getppid());
	second = unlink(name) == 0;
	if (!second)
		(void)close(creat(name, 0600));
	(void)puts("level=box box=bob-1 user=bob uid=1002 memory=8 clock_usec=5 new=1");
	(void)puts("level=user user=bob uid=1002 boxes=1 memory=8 pids=3 clock_usec=5");
	(void)printf("level=box box=ada-1 user=ada uid=1001 memory=1048576 cpu_usec=%s clock_usec=%s\n",
		     second ? "1000000" : "1000", second ? "2000000" : "1000000");
	(void)printf("level=box box=ada-2 user=ada uid=1001 memory=2097152 cpu_usec=5 clock_usec=%s\n",
		     second ? "2000000" : "1000000");
	/* A box of this name ended, and there is a new one. */
	(void)printf("level=box box=ada-3 user=ada uid=1001 cpu_usec=%s clock_usec=%s\n", second ? "1" : "1000",
		     second ? "2000000" : "1000000");
	(void)printf("level=user user=ada uid=1001 boxes=3 memory=1932735284 memory_max=2147483648 swap=0 pids=12"
		     " pids_max=4096 cpu_usec=%s cpu_max=150 read_bytes=0 write_bytes=%s cpu_pressure=1.50"
		     " memory_pressure=0.00 io_pressure=12.25 clock_usec=%s\n",
		     second ? "875000" : "0", second ? "1610612736" : "0", second ? "2000000" : "1000000");
	return 0;
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
	if (argc == 3 && strcmp(argv[1], "list") == 0)
		return list();
	if (argc == 3 && strcmp(argv[1], "stat") == 0)
		return stat_twice();
	if (argc == 2 && strcmp(argv[1], "reload") == 0) {
		(void)fputs("nsbox-helper: /etc/nsbox.conf:3: unknown key colour\n", stderr);
		return 1;
	}
	if (argc == 2 && strcmp(argv[1], "net-up") == 0)
		return 0;
	if (argc == 2 && strcmp(argv[1], "net-down") == 0) {
		(void)fputs("nsbox-helper: ada-1 uses it\n", stderr);
		return 1;
	}
	return argc == 3 && strcmp(argv[1], "gc") == 0 ? 0 : 2;
}
