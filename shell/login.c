/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh as a login shell. */
#include "shell/login.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/shell.h"
#include "places.h"
#include "shell/inside.h"
#include "shell/nssh.h"

#define USUAL_SHELL "/bin/sh"

enum { CANNOT_RUN = 126, NOT_FOUND = 127, PATH_ROOM = 4096 };

bool login_shell_is_nssh(const struct passwd *user)
{
	return user != NULL && shell_is_nssh(user->pw_shell);
}

/* Does a command line follow, as shells are given one: -c, -lc, -l -c, -i -c? */
static bool has_script(char *const *words)
{
	for (; *words != NULL && words[0][0] == '-' && words[0][1] != '\0'; words++) {
		if (words[0][1 + strspn(words[0] + 1, "lic")] != '\0')
			return false;
		if (strchr(words[0], 'c') != NULL)
			return true;
	}
	return false;
}

bool login_asked(char *const *argv)
{
	char box[WIRE_BOX];

	if (argv[0] == NULL)
		return false;
	if (argv[0][0] == '-')
		return true;
	if (!has_script(argv + 1) && (argv[1] != NULL || inside(box)))
		return false;
	return login_shell_is_nssh(getpwuid(getuid()));
}

/* The builder of the box wrote down which; it is never ourselves, or we would run for ever. */
static void shell_of_box(char shell[PATH_ROOM])
{
	OWN_FD int fd = open(NSBOX_INSIDE "/shell", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, shell, PATH_ROOM) < 0)
		shell[0] = '\0';
	shell[strcspn(shell, "\n")] = '\0';
	if (shell[0] != '/' || shell_is_nssh(shell))
		(void)snprintf(shell, PATH_ROOM, "%s", USUAL_SHELL);
}

/* With all arguments as they are, and the dash if there was one. Returns only if it cannot be run. */
static int become(const char *shell, char **argv)
{
	const char *base = strrchr(shell, '/');
	char name[PATH_ROOM + 1];
	struct fail f = { 0 };
	int code;

	(void)snprintf(name, sizeof name, "%s%s", argv[0][0] == '-' ? "-" : "", base != NULL ? base + 1 : shell);
	argv[0] = name;
	if (setenv("SHELL", shell, 1) < 0) {
		(void)fail(&f, errno, "set SHELL");
		return complain(&f);
	}
	(void)execv(shell, argv);
	code = errno;
	(void)fail(&f, code, "%s", shell);
	(void)complain(&f);
	return code == ENOENT ? NOT_FOUND : CANNOT_RUN;
}

/*
 * The shell of the box runs with our arguments, if there are any. Which one that is only the box knows, and not in
 * every box there is an nssh to ask.
 */
static char **command(char **argv, struct fail *f)
{
	static const char script[] = "read -r SHELL <" NSBOX_INSIDE "/shell; export SHELL; "
				     "exec \"${SHELL:-" USUAL_SHELL "}\" \"$@\"";
	const char *head[] = { USUAL_SHELL, "-c", script, "sh", "-l" };
	size_t n = 0, words = 0;
	char **all;

	while (argv[1 + words] != NULL)
		words++;
	if (words > 0)
		n = sizeof head / sizeof head[0] - (argv[0][0] == '-' ? 0 : 1);
	all = calloc(n + words + 1, sizeof *all);
	if (all == NULL) {
		(void)fail(f, ENOMEM, "the command line");
		return NULL;
	}
	memcpy(all, head, n * sizeof *all);
	memcpy(all + n, argv + 1, words * sizeof *all);
	return all;
}

static int enter_by_policy(char **argv)
{
	struct fail f = { 0 };
	char **words = command(argv, &f);
	int status;

	if (words == NULL)
		return complain(&f);
	status = enter(&(struct entry){ .user = "-", .box = "+", .command = words, .login = true });
	free(words);
	return status == NSSH_OUTSIDE ? become(USUAL_SHELL, argv) : status;
}

int login(char **argv)
{
	char box[WIRE_BOX], shell[PATH_ROOM];

	/* Whatever is wrong with boxes, root gets in. */
	if (getuid() == 0)
		return become(USUAL_SHELL, argv);
	if (!inside(box))
		return enter_by_policy(argv);
	shell_of_box(shell);
	return become(shell, argv);
}
