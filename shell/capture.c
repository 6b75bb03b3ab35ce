/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. The output of another program, with a deadline. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "conf/fd.h"
#include "shell/check.h"

/* Reads until the end; what does not fit is read and dropped. Returns 0, or -1 when the deadline has passed. */
static int read_all(int fd, int64_t deadline, char *text, size_t size)
{
	char rest[1024];
	size_t used = 0;

	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		bool full = used + 1 >= size;
		ssize_t got;

		text[used] = '\0';
		if (poll(&ready, 1, deadline_left(deadline)) == 0)
			return -1;
		got = read(fd, full ? rest : text + used, full ? sizeof rest : size - 1 - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return 0;
		if (!full)
			used += (size_t)got;
	}
}

int capture(char *const argv[], int milliseconds, char *text, size_t size, struct fail *f)
{
	int ends[2];
	int status = 0;
	bool late;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(f, errno, "pipe");
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDONLY);

		if (null >= 0 && dup2(null, 0) >= 0 && dup2(ends[1], 1) >= 0 && dup2(ends[1], 2) >= 0)
			(void)execv(argv[0], argv);
		_exit(127);
	}
	(void)close(ends[1]);
	late = pid > 0 && read_all(ends[0], clock_ms() + milliseconds, text, size) < 0;
	(void)close(ends[0]);
	if (pid < 0)
		return fail(f, errno, "fork");
	if (late)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (late)
		return fail(f, ETIMEDOUT, "%s", argv[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
		return fail(f, 0, "%s could not be run", argv[0]);
	return WEXITSTATUS(status);
}
