/* SPDX-License-Identifier: MIT */
/* runs as: root. Runs another program and reads what it prints. */
#include "helper/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"

/* Everything is close-on-exec already, so only the standard descriptors are named. */
static int spawn(const char *path, char *const argv[], int output, bool errors, pid_t *pid)
{
	char *const nothing[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int code = posix_spawn_file_actions_init(&actions);

	if (code != 0)
		return code;
	(void)sigemptyset(&none);
	code = posix_spawnattr_init(&attributes);
	if (code == 0) {
		(void)posix_spawnattr_setsigmask(&attributes, &none);
		(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
		code = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
		if (code == 0)
			code = posix_spawn_file_actions_adddup2(&actions, output, 1);
		if (code == 0)
			code = errors ? posix_spawn_file_actions_adddup2(&actions, output, 2)
				      : posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
		if (code == 0)
			code = posix_spawn(pid, path, &actions, &attributes, argv, nothing);
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return code;
}

static int read_all(int fd, int64_t deadline, char *text, size_t size)
{
	size_t used = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (poll(&p, 1, deadline_left(deadline)) <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}

		ssize_t got = read(fd, text + used, size - used);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		used += (size_t)got;
		if (used == size) {
			errno = EFBIG;
			return -1;
		}
	}
	text[used] = '\0';
	return 0;
}

static int run(const char *path, char *const argv[], bool errors, int64_t deadline, char *text, size_t size,
	       struct fail *f)
{
	int ends[2], status, read_code = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail(f, errno, "make a pipe for %s", path);

	OWN_FD int output = ends[0];
	int code = spawn(path, argv, ends[1], errors, &pid);

	fd_close(&ends[1]);
	if (code != 0)
		return fail(f, code, "run %s", path);
	if (read_all(output, deadline, text, size) < 0) {
		read_code = errno;
		(void)kill(pid, SIGKILL); /* our own child, not yet waited for: the pid is its */
	}
	if (waitpid(pid, &status, 0) != pid)
		return fail(f, errno, "wait for %s", path);
	if (read_code != 0)
		return fail(f, read_code, "read from %s", path);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail(f, 0, "%s %s failed (wait status 0x%x)", path, argv[1] != NULL ? argv[1] : "", status);
	return 0;
}

int run_program(const char *path, char *const argv[], int64_t deadline, char *text, size_t size, struct fail *f)
{
	return run(path, argv, false, deadline, text, size, f);
}

int run_program_heard(const char *path, char *const argv[], int64_t deadline, char *text, size_t size, struct fail *f)
{
	text[0] = '\0';
	return run(path, argv, true, deadline, text, size, f);
}
