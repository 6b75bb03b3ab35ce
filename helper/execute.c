/* SPDX-License-Identifier: MIT */
/*
 * runs as: the user, in a box. What all commands in a box have in common, whether they come from outside or from
 * another box.
 */
#include "helper/execute.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int execute_session(int slave, struct fail *f)
{
	if (setsid() < 0)
		return fail(f, errno, "start a session");
	if (slave >= 0 && ioctl(slave, TIOCSCTTY, 0) != 0)
		return fail(f, errno, "take the terminal");
	return 0;
}

void execute_directory(const char *wanted, const char *home)
{
	if (wanted != NULL && wanted[0] != '\0' && chdir(wanted) == 0)
		return;
	if (chdir(home) != 0)
		(void)!chdir("/"); /* where we are already */
}

/* A login shell is told so by the dash (login(1)). */
static void execute_shell(const char *shell)
{
	const char *slash = strrchr(shell, '/');
	char name[PATH_MAX];

	(void)snprintf(name, sizeof name, "-%s", slash != NULL ? slash + 1 : shell);
	(void)execl(shell, name, (char *)NULL);
}

void execute(char *const *words, const char *shell)
{
	const char *what = words[0] != NULL ? words[0] : shell;

	if (words[0] != NULL)
		(void)execvp(what, words);
	else
		execute_shell(shell);

	int code = errno;

	(void)dprintf(2, "nssh: %s: %s\n", what, strerrordesc_np(code));
	_exit(code == ENOENT ? EXECUTE_NOT_FOUND : EXECUTE_CANNOT_RUN);
}
