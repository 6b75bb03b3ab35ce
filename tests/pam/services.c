/* SPDX-License-Identifier: MIT */
/* runs as: root. What the processes of services other than sshd look at, from inside and from outside. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "tests/pam/login.h"

/* On no descriptor at all: what is let through finds that out, EBADF. */
static int typed(unsigned long command)
{
	return syscall(SYS_ioctl, -1, command, "x") == -1 ? errno : 0;
}

#ifdef __x86_64__
/* By the table of 32-bit programs, which any program may use. */
static int typed_by_i386(unsigned command)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(54), "b"(-1), "c"(command), "d"(0) : "memory");
	return -result;
}

static int typed_by_x32(unsigned long command)
{
	return syscall(0x40000000 + 514, -1, command, "x") == -1 ? errno : 0;
}

/* A kernel that runs no 32-bit programs ends the process instead. */
static bool i386_is_denied(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(typed_by_i386(TIOCSTI) == EPERM && typed_by_i386(TIOCLINUX) == EPERM &&
		      typed_by_i386(TCGETS) == EBADF ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && (status == 0 || WIFSIGNALED(status));
}
#endif

static void nothing_is_typed(struct seen *seen)
{
	unsigned long high = 0xabcdUL << 32;

	CHECK(seen, typed(TCGETS) == EBADF && typed(TIOCSTI) == EPERM && typed(TIOCLINUX) == EPERM);
	CHECK(seen, typed(TCGETS | high) == EBADF && typed(TIOCSTI | high) == EPERM && typed(TIOCLINUX | high) == EPERM);
#ifdef __x86_64__
	CHECK(seen, i386_is_denied());
	CHECK(seen, typed_by_x32(TIOCSTI) == EPERM && typed_by_x32(TIOCLINUX) == EPERM && typed_by_x32(TCGETS) != EPERM);
#endif
}

/* The fake box has all directories of the host, so that the one we come from is there. */
static bool stands_in(const char *wanted)
{
	char directory[64];

	return getcwd(directory, sizeof directory) != NULL && strcmp(directory, wanted) == 0;
}

void opener_is_in_the_box(struct seen *seen)
{
	process_is_in_the_box(seen);
	nothing_is_typed(seen);
	CHECK(seen, stands_in("/usr"));
	/* Lease and tether; whether there is a log on this machine is no matter. */
	closelog();
	CHECK(seen, count_fds() == seen->fds + 2);
}

/* Of the box's PID namespace, where the parent has no number. */
void opener_s_child_is_in_the_box(struct seen *seen)
{
	process_is_in_the_box(seen);
	CHECK(seen, getppid() == 0);
	CHECK(seen, setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0 && setuid(0) != 0);
}

/* The box lives for as long as the process does. */
void opener_closed_in_the_box(struct seen *seen)
{
	CHECK(seen, count_fds() == seen->fds + 2);
}

void opener_stays_outside(struct seen *seen)
{
	CHECK(seen, getuid() == 0 && access("/etc/shadow", R_OK) == 0);
	CHECK(seen, typed(TIOCSTI) == EBADF);
}

void forked_child_is_in_the_box(struct seen *seen)
{
	process_is_in_the_box(seen);
	nothing_is_typed(seen);
	closelog();
	CHECK(seen, getppid() == 0 && count_fds() == seen->fds);
	CHECK(seen, setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0 && setuid(0) != 0);
}

void forks_are_outside_again(struct seen *seen)
{
	pid_t self = getpid();
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(getppid() == self && access("/etc/shadow", R_OK) == 0 ? 0 : 1);
	CHECK(seen, waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(seen, count_fds() == seen->fds);
}

void cgroup_is_lost(struct seen *seen)
{
	for (int fd = 3; fd < 256; fd++) {
		char name[32], target[64] = "";

		(void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
		if (readlink(name, target, sizeof target - 1) > 0 && strcmp(target, "/run/fake-cgroup") == 0)
			CHECK(seen, close(fd) == 0);
	}
}
