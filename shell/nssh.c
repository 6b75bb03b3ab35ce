/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh: what is asked for, in words. */
#include "shell/nssh.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/escape.h"
#include "places.h"
#include "shell/hop.h"
#include "shell/inside.h"
#include "shell/login.h"
#include "shell/options.h"
#include "shell/reset.h"

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

/* Somebody whose login shell is nssh means a shell by -c, not one more box. */
static const char *shell_of(const struct passwd *user)
{
	bool usual = user == NULL || user->pw_shell[0] != '/' || login_shell_is_nssh(user);

	return usual ? "/bin/sh" : user->pw_shell;
}

/* From a box into another one, or from the host. */
static int go(const struct entry *entry)
{
	return entry->inside != NULL ? hop(entry) : enter(entry);
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
		status = go(&entry);
	}
	free(shell);
	free(script);
	free(command);
	return status;
}

static const char *user_meant(const struct request *request)
{
	return request->user != NULL ? request->user : "-";
}

static const char *box_meant(const struct request *request)
{
	if (request->new)
		return "=";
	return request->word != NULL ? request->word : "-";
}

static int run_enter(const struct request *request, const char *own)
{
	const struct passwd *user = request->user != NULL ? getpwnam(request->user) : getpwuid(getuid());
	struct fail f = { 0 };

	if (request->user != NULL && user == NULL) {
		(void)fail(&f, 0, "there is no user %s", request->user);
		return complain(&f);
	}

	struct entry entry = {
		.user = user_meant(request),
		.box = box_meant(request),
		.command = request->command,
		.inside = own,
		.other = request->user != NULL && user->pw_uid != getuid(),
	};

	if (request->script != NULL)
		return enter_script(entry, shell_of(user), request->script);
	return go(&entry);
}

int tell(const char *format, ...)
{
	struct fail f = { 0 };
	va_list args;

	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return 0;
	(void)fail(&f, errno, "write");
	return complain(&f);
}

static int run_reset(const struct request *request, const char *own)
{
	struct fail f = { 0 };
	int meant = reset_confirm(request, &f);

	if (meant < 0)
		return complain(&f);
	if (meant == 0)
		return NSSH_FOUND;
	return own != NULL ? hop_reset_home(own) : reset(user_meant(request), request->reset);
}

static int run_end(const struct request *request, const char *own)
{
	struct fail f = { 0 };

	if (own == NULL)
		return end_box(user_meant(request), request->end);
	if (strcmp(own, request->end) != 0 || request->force)
		return hop_end(request->end);
	(void)fail(&f, 0,
		   "this is box %s itself: `exit` ends this shell; -f -k %s ends the box, with all that runs in it",
		   own, own);
	return complain(&f);
}

/* own is the box this is called in, NULL on the host. */
static int run(const struct request *request, const char *own)
{
	const char *user = user_meant(request);

	switch (request->mode) {
	case MODE_ENTER:
		return run_enter(request, own);
	case MODE_LIST:
		return own != NULL ? hop_list(own, request->json) : list_boxes(user, request->json);
	case MODE_END:
		return run_end(request, own);
	case MODE_RESET:
		return run_reset(request, own);
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
		return tell("%s", help_text);
	case MODE_VERSION:
		return tell("nssh (nsbox) " NSBOX_VERSION "\n");
	}
	return NSSH_FAILED;
}

/* Is it somebody's to ask, and can it be done from here? */
static int allowed(const struct request *request, const char *own, struct fail *f)
{
	if (own != NULL && inside_refuse(request, own, f) < 0)
		return -1;
	if (request->user != NULL && getuid() != 0)
		return fail(f, 0, "only root may act for another user");
	return 0;
}

int main(int argc, char **argv)
{
	struct request request = { .mode = MODE_ENTER };
	struct fail f = { 0 };
	char box[WIRE_BOX];
	const char *own = NULL;

	if (fill_closed(&f) < 0)
		return NSSH_FAILED; /* there may be nowhere to say it */
	if (login_asked(argv))
		return login(argv);
	if (options_parse(argc, argv, &request, &f) < 0) {
		if (f.text[0] != '\0')
			(void)complain(&f);
		(void)fputs("Try 'nssh --help' for more information.\n", stderr);
		return NSSH_FAILED;
	}
	if (inside(box))
		own = box;
	return allowed(&request, own, &f) < 0 ? complain(&f) : run(&request, own);
}
