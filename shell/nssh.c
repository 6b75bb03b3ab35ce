/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh: what is asked for, in words. */
#include "shell/nssh.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/escape.h"
#include "helper/wire.h"
#include "places.h"
#include "shell/inside.h"

enum mode { MODE_ENTER, MODE_LIST, MODE_CHECK, MODE_EDIT, MODE_GC, MODE_HELP, MODE_VERSION };

struct request {
	enum mode mode;
	unsigned modes;       /* how many options named one */
	bool json;
	const char *user;     /* -u; NULL: not given */
	const char *word;     /* the one word that is no option: a box, or the user of --check */
	const char *script;   /* -c */
	char *const *command; /* what stood after -- */
};

static const char help[] =
	"Usage: nssh [-u USER] [BOX] [-- COMMAND [ARGUMENT]...]\n"
	"  or:  nssh [-u USER] [BOX] -c COMMANDLINE\n"
	"  or:  nssh -l [--json] [-u USER]\n"
	"  or:  nssh --check [USER] | --edit | --gc\n"
	"Run a command, or a login shell, in one of your boxes.\n"
	"\n"
	"Without BOX it is your latest live box, or a new one.\n"
	"\n"
	"  -c, --command=COMMANDLINE  run COMMANDLINE with the user's shell\n"
	"  -u, --user=USER            for the boxes of USER (root only)\n"
	"  -l, --list                 list the live boxes\n"
	"      --json                 with -l: as a JSON array\n"
	"      --check                say what is wrong on this host\n"
	"      --check USER           say what USER gets, and from which line of the file\n"
	"      --edit                 edit the configuration; it is checked before it counts (root only)\n"
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

static void set_mode(struct request *request, enum mode mode)
{
	request->mode = mode;
	request->modes++;
}

/* One option. Returns 0, or -1: a usage error. getopt has spoken where f stays empty. */
static int take_option(struct request *request, int option, struct fail *f)
{
	switch (option) {
	case 1: /* a word that is no option */
		if (request->word != NULL)
			return fail(f, 0, "unexpected word '%s'; a command stands after --", optarg);
		request->word = optarg;
		return 0;
	case 'c':
		request->script = optarg;
		return 0;
	case 'u':
		request->user = optarg;
		return 0;
	case 'l':
		set_mode(request, MODE_LIST);
		return 0;
	case 'j':
		request->json = true;
		return 0;
	case 'k':
		set_mode(request, MODE_CHECK);
		return 0;
	case 'e':
		set_mode(request, MODE_EDIT);
		return 0;
	case 'g':
		set_mode(request, MODE_GC);
		return 0;
	case 'h':
		set_mode(request, MODE_HELP);
		return 0;
	case 'v':
		set_mode(request, MODE_VERSION);
		return 0;
	default:
		return -1;
	}
}

/* USER-N, as the helper makes them. What a user's name is made of, directory services decide. */
static bool box_name(const char *name)
{
	const char *dash = strrchr(name, '-');
	size_t user = dash != NULL ? (size_t)(dash - name) : 0;

	if (user == 0 || strlen(name) >= WIRE_BOX || memchr(name, '/', user) != NULL)
		return false;
	return dash[1] != '\0' && dash[1 + strspn(dash + 1, "0123456789")] == '\0';
}

/* What does not go together. */
static int judge(const struct request *request, struct fail *f)
{
	bool entering = request->mode == MODE_ENTER;
	bool command = request->command[0] != NULL;

	if (request->modes > 1)
		return fail(f, 0, "only one of -l, --check, --edit, --gc, --help and --version can be done at a time");
	if (request->json && request->mode != MODE_LIST)
		return fail(f, 0, "--json goes with -l");
	if (!entering && (request->script != NULL || command))
		return fail(f, 0, "a command goes with entering a box");
	if (request->word != NULL && !entering && request->mode != MODE_CHECK)
		return fail(f, 0, "unexpected word '%s'", request->word);
	if (entering && request->word != NULL && !box_name(request->word))
		return fail(f, 0, "'%s' is not the name of a box; a command stands after --", request->word);
	if (request->user != NULL && (request->mode == MODE_CHECK || request->mode == MODE_EDIT))
		return fail(f, 0, "-u goes with entering, -l and --gc");
	return 0;
}

static int parse(int argc, char **argv, struct request *request, struct fail *f)
{
	static const struct option options[] = {
		{ "command", required_argument, NULL, 'c' }, { "user", required_argument, NULL, 'u' },
		{ "list", no_argument, NULL, 'l' },          { "json", no_argument, NULL, 'j' },
		{ "check", no_argument, NULL, 'k' },         { "edit", no_argument, NULL, 'e' },
		{ "gc", no_argument, NULL, 'g' },            { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },       { NULL, 0, NULL, 0 },
	};
	int option;

	/* "-": words come in their place, so that `nssh BOX` and `nssh -- BOX` differ. */
	while ((option = getopt_long(argc, argv, "-c:u:l", options, NULL)) != -1)
		if (take_option(request, option, f) < 0)
			return -1;
	request->command = argv + optind;
	return judge(request, f);
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
	return mode == MODE_ENTER || mode == MODE_LIST || mode == MODE_GC;
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
	case MODE_CHECK:
		return request->word != NULL ? check_user(request->word) : check_host();
	case MODE_EDIT:
		return edit_conf();
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
	if (parse(argc, argv, &request, &f) < 0) {
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
