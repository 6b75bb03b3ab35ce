/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh: what is asked for, in words. */
#include "shell/nssh.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/escape.h"
#include "places.h"
#include "shell/inside.h"
#include "shell/options.h"

static const char help[] =
	"Usage: nssh [-u USER] [BOX] [-- COMMAND [ARGUMENT]...]\n"
	"  or:  nssh [-u USER] [BOX] -c COMMANDLINE\n"
	"  or:  nssh -l | --stat [--json] [-u USER]\n"
	"  or:  nssh --check [USER] | --edit | --reload | --gc\n"
	"  or:  nssh --net-up | --net-down\n"
	"Run a command, or a login shell, in one of your boxes.\n"
	"\n"
	"Without BOX it is your latest live box, or a new one.\n"
	"\n"
	"  -c, --command=COMMANDLINE  run COMMANDLINE with the user's shell\n"
	"  -u, --user=USER            for the boxes of USER (root only)\n"
	"  -l, --list                 list the live boxes\n"
	"      --stat                 show what users and boxes use, and what they may\n"
	"      --json                 with -l and --stat: as a JSON array\n"
	"      --check                say what is wrong on this host\n"
	"      --check USER           say what USER gets, and from which line of the file\n"
	"      --edit                 edit the configuration; it is checked before it counts (root only)\n"
	"      --reload               apply the configuration's limits to live boxes (root only)\n"
	"      --net-up               make the network of boxes, or make it anew (root only)\n"
	"      --net-down             remove it, unless boxes use it (root only)\n"
	"      --gc                   remove what dead boxes left\n"
	"      --help                 show this and exit\n"
	"      --version              show the version and exit\n"
	"\n"
	"The exit status is the command's; 125 if nssh itself fails, 126 if the command\n"
	"cannot be run, 127 if it cannot be found.\n";

int complain(const struct fail *f)
{
	const char *text = f->plain[0] != '\0' ? f->plain : f->text;
	char safe[4 * sizeof f->text];

	(void)escape_text(safe, sizeof safe, text);
	(void)fprintf(stderr, "nssh: %s\n", safe);
	return NSSH_FAILED;
}

/*
 * A descriptor the caller closed stays as good as closed: it is opened the wrong way round, so that using it still
 * fails with EBADF, but nothing else of ours can land in its place.
 */
static int fill_closed(struct fail *f)
{
	static const int mode[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode[fd]) != fd)
			return fail(f, errno, "open /dev/null");
	return 0;
}

static const char *shell_of(const struct passwd *user)
{
	const char *shell = user != NULL ? user->pw_shell : "";
	const char *name = strrchr(shell, '/');

	/* Somebody whose login shell is nssh means a shell by -c, not one more box. */
	if (name == NULL || strcmp(name + 1, "nssh") == 0)
		return "/bin/sh";
	return shell;
}

/* As sh -c: words after it are the script's arguments. */
static int enter_script(struct entry entry, const char *user_shell, const char *line)
{
	char *shell = strdup(user_shell);
	char *script = strdup(line);
	char dash_c[] = "-c";
	size_t words = 0;
	struct fail f = { 0 };
	int status;

	while (entry.command[words] != NULL)
		words++;

	char **command = calloc(words + 4, sizeof *command);

	if (shell == NULL || script == NULL || command == NULL) {
		(void)fail(&f, ENOMEM, "the command line");
		status = complain(&f);
	} else {
		command[0] = shell;
		command[1] = dash_c;
		command[2] = script;
		memcpy(command + 3, entry.command, words * sizeof *command);
		entry.command = command;
		status = enter(&entry);
	}
	free(shell);
	free(script);
	free(command);
	return status;
}

static int run_enter(const struct request *request)
{
	const struct passwd *user = request->user != NULL ? getpwnam(request->user) : getpwuid(getuid());
	struct fail f = { 0 };

	if (request->user != NULL && user == NULL) {
		(void)fail(&f, 0, "there is no user %s", request->user);
		return complain(&f);
	}

	struct entry entry = {
		.user = request->user != NULL ? request->user : "-",
		.box = request->word != NULL ? request->word : "-",
		.command = request->command,
		.other = request->user != NULL && user->pw_uid != getuid(),
	};

	if (request->script != NULL)
		return enter_script(entry, shell_of(user), request->script);
	return enter(&entry);
}

static int say(const char *text)
{
	struct fail f = { 0 };

	if (fputs(text, stdout) < 0 || fflush(stdout) != 0) {
		(void)fail(&f, errno, "write");
		return complain(&f);
	}
	return 0;
}

/* What the helper does not have to be called for works in a box too. */
static bool needs_helper(enum mode mode)
{
	return mode == MODE_ENTER || mode == MODE_LIST || mode == MODE_STAT || mode == MODE_RELOAD ||
	       mode == MODE_NET_UP || mode == MODE_NET_DOWN || mode == MODE_GC;
}

static int run(const struct request *request)
{
	const char *user = request->user != NULL ? request->user : "-";
	struct fail f = { 0 };

	if (needs_helper(request->mode) && inside_refuse(&f) < 0)
		return complain(&f);
	switch (request->mode) {
	case MODE_ENTER:
		return run_enter(request);
	case MODE_LIST:
		return list_boxes(user, request->json);
	case MODE_STAT:
		return show_stat(user, request->json);
	case MODE_CHECK:
		return request->word != NULL ? check_user(request->word) : check_host();
	case MODE_EDIT:
		return edit_conf();
	case MODE_RELOAD:
		return reload_limits();
	case MODE_NET_UP:
		return net_up();
	case MODE_NET_DOWN:
		return net_down();
	case MODE_GC:
		return collect_garbage(user);
	case MODE_HELP:
		return say(help);
	case MODE_VERSION:
		return say("nssh (nsbox) " NSBOX_VERSION "\n");
	}
	return NSSH_FAILED;
}

int main(int argc, char **argv)
{
	struct request request = { .mode = MODE_ENTER };
	struct fail f = { 0 };

	if (fill_closed(&f) < 0)
		return NSSH_FAILED; /* there may be nowhere to say it */
	if (options_parse(argc, argv, &request, &f) < 0) {
		if (f.text[0] != '\0')
			(void)complain(&f);
		(void)fputs("Try 'nssh --help' for more information.\n", stderr);
		return NSSH_FAILED;
	}
	if (request.user != NULL && getuid() != 0) {
		(void)fail(&f, 0, "only root may act for another user");
		return complain(&f);
	}
	return run(&request);
}
