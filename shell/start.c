/* SPDX-License-Identifier: MIT */
/* runs as: the user. Starts nsbox-helper. */
#include "shell/start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/wire.h"
#include "places.h"
#include "shell/nssh.h"

/* dup2 would leave close-on-exec set if the descriptor stood in its place already. */
static bool put_at(int fd, int place)
{
	if (fd == place)
		return fcntl(fd, F_SETFD, 0) == 0;
	return dup2(fd, place) == place;
}

/* Says that the helper could not be run, the way the helper itself would say it. */
static void refuse(int wire, int code)
{
	struct answer a = { .version = WIRE_VERSION, .kind = ANSWER_REFUSED };
	struct fail f;

	(void)snprintf(a.text, sizeof a.text, "cannot run %s: %s", NSBOX_HELPER, strerrordesc_np(code));
	if (wire < 0)
		(void)fprintf(stderr, "nssh: %s\n", a.text);
	else
		(void)wire_send(wire, &a, NULL, &f);
}

/* The environment as the helper takes it: helper/wire.h. Without memory the command gets an empty one. */
static char **carried(void)
{
	static char *nothing[] = { NULL };
	size_t n = 0, done = 0;

	while (environ[n] != NULL)
		n++;

	char **all = calloc(n + 1, sizeof *all);

	if (all == NULL)
		return nothing;
	for (size_t i = 0; i < n; i++)
		if (asprintf(&all[done], "+%s", environ[i]) >= 0)
			done++;
	all[done] = NULL;
	return all;
}

static noreturn void run(const struct start *start)
{
	int wire = start->wire;
	bool placed = true;

	for (int i = 0; i < 3; i++)
		if (start->stdio[i] >= 0)
			placed = placed && put_at(start->stdio[i], i);
	if (wire >= 0) {
		placed = placed && put_at(wire, WIRE_FD);
		wire = WIRE_FD;
	}
	/* What the user's shell left open is not for the helper; our own close by themselves. */
	placed = placed && close_range(wire >= 0 ? WIRE_FD + 1 : 3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
	if (start->signals != NULL)
		signals_return(start->signals);
	if (placed)
		(void)execve(NSBOX_HELPER, start->argv, carried());
	refuse(wire, errno);
	_exit(NSSH_FAILED);
}

pid_t start_helper(const struct start *start, struct fail *f)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		return fail(f, errno, "fork");
	if (pid == 0)
		run(start);
	return pid;
}

pid_t start_request(const char *const words[START_WORDS], int out, struct fail *f)
{
	const char *argv[START_WORDS + 2] = { "nsbox-helper" };
	struct start start = { .argv = (char *const *)(uintptr_t)argv, .stdio = { -1, out, -1 }, .wire = -1 };

	for (size_t i = 0; i < START_WORDS && words[i] != NULL; i++)
		argv[i + 1] = words[i];
	return start_helper(&start, f);
}

int start_wait(pid_t pid)
{
	struct fail f = { 0 };
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			(void)fail(&f, errno, "wait for nsbox-helper");
			return complain(&f);
		}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	(void)fail(&f, 0, "nsbox-helper was ended by signal %d", WTERMSIG(status));
	return complain(&f);
}
