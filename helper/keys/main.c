/* SPDX-License-Identifier: MIT */
/* runs as: root, started by sshd (AuthorizedKeysCommand), then the user. Prints the user's authorized_keys. */

/*
 * nsbox-keys USER [exempt=GROUP...], the groups as in the PAM lines. With home = overlay a user in a box changes
 * an authorized_keys that the host does not have; this prints the one they see. Who is not boxed gets that of
 * the host's home, and only that: a process in a box must never be able to add a key for a login outside of one.
 *
 * Phases: as root, find out which home counts and open what only root can reach; become the user for good;
 * only then open and read what the user wrote.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/keys/source.h"
#include "helper/keys/view.h"
#include "places.h"

enum { DEADLINE_S = 10 };

/* As root. A host without a single box yet has no NSBOX_STATE. */
static int open_top(struct view *v, uid_t uid, const char *below, struct fail *f)
{
	char path[64];
	OWN_FD int state = open(NSBOX_STATE, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (state < 0)
		return errno == ENOENT ? 0 : fail(f, errno, "open %s", NSBOX_STATE);
	(void)snprintf(path, sizeof path, "%u/home/%s", uid, below);
	return view_open_top(v, state, path, f);
}

/* What needs root, then the end of root, then the rest. */
static int open_view(struct view *v, enum source source, const struct passwd *user, struct fail *f)
{
	bool layered = source == SOURCE_OVERLAY;

	if (layered && open_top(v, user->pw_uid, "upper", f) != 0)
		return -1;
	if (source == SOURCE_PRIVATE && open_top(v, user->pw_uid, "empty", f) != 0)
		return -1;
	if (view_become(user, f) != 0)
		return -1;
	if (source == SOURCE_HOST || layered)
		return view_open_home(v, user->pw_dir, layered, f);
	return 0;
}

static int print_keys(const struct view *v, uid_t uid, struct fail *f)
{
	char *text = malloc(KEYS_MAX + 1);

	if (text == NULL)
		return fail(f, ENOMEM, "room for the keys");

	ssize_t length = view_read(v, uid, text, f);
	int done = length < 0 ? -1 : 0;

	if (length > 0 && fd_write_all(STDOUT_FILENO, text, (size_t)length) != 0)
		done = fail(f, errno, "print the keys");
	free(text);
	return done;
}

static int run(const char *name, char **exempt, struct fail *f)
{
	struct view view = VIEW_NONE;
	enum source source;
	struct passwd *user = getpwnam(name);

	if (user == NULL)
		return fail(f, 0, "there is no such user");
	if (source_of(user, exempt, &source, f) != 0)
		return -1;

	int done = open_view(&view, source, user, f);

	if (done == 0)
		done = print_keys(&view, user->pw_uid, f);
	view_close(&view);
	return done;
}

/* A home on a file system that does not answer must not hold the login for ever. */
static void set_deadline(void)
{
	sigset_t alarm_only;

	(void)signal(SIGALRM, SIG_DFL);
	(void)sigemptyset(&alarm_only);
	(void)sigaddset(&alarm_only, SIGALRM);
	(void)sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	(void)alarm(DEADLINE_S);
}

/* USER, then any number of exempt=GROUP. */
static bool well_called(int argc, char **argv)
{
	bool well = argc >= 2;

	for (int i = 2; well && i < argc; i++)
		well = strncmp(argv[i], SOURCE_EXEMPT, strlen(SOURCE_EXEMPT)) == 0;
	return well;
}

int main(int argc, char **argv)
{
	struct fail f;

	if (!well_called(argc, argv)) {
		(void)fprintf(stderr, "usage: nsbox-keys USER [exempt=GROUP...]\n");
		return 2;
	}
	set_deadline();
	/* The log is opened now: later there is no right to. */
	openlog("nsbox-keys", LOG_NDELAY | LOG_PID | LOG_PERROR, LOG_AUTHPRIV);
	if (run(argv[1], argv + 2, &f) != 0)
		syslog(LOG_WARNING, "no keys for %s: %s", argv[1], f.text);
	return 0;
}
