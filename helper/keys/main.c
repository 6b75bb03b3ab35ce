/* SPDX-License-Identifier: MIT */
/* runs as: root, started by sshd (AuthorizedKeysCommand), then the user. Prints the user's authorized_keys. */

/*
 * nsbox-keys USER [exempt=GROUP]. With home = overlay a user in a box changes an authorized_keys that the host
 * does not have; this prints the one they see. Who is not boxed gets that of the host's home, and only that:
 * a process in a box must never be able to add a key for a login outside of one.
 *
 * Phases: as root, find out which home counts and open what only root can reach; become the user for good;
 * only then open and read what the user wrote.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/policy.h"
#include "helper/keys/view.h"
#include "paths.h"

enum { DEADLINE_S = 10, GROUPS_MAX = 65536 };

/* Where the keys of a login come from. */
enum source {
	SOURCE_HOST,    /* the real home, as without nsbox */
	SOURCE_OVERLAY, /* the real home under the user's upper */
	SOURCE_PRIVATE, /* only a private home that is kept */
	SOURCE_NOTHING, /* a private home that is made anew for each box: it holds no keys */
};

/* 1 if the user is in the group, 0 if not or if there is no such group, -1 if it could not be found out. */
static int is_in_group(const struct passwd *user, const char *group, struct fail *f)
{
	struct group *found;
	int count = GROUPS_MAX;
	int in = 0;

	errno = 0;
	found = getgrnam(group);
	/* getgrnam(3): several errno values say no more than "no such group". */
	if (found == NULL && errno != 0 && errno != ENOENT && errno != ESRCH)
		return fail(f, errno, "look up group %s", group);
	if (found == NULL)
		return 0;

	gid_t wanted = found->gr_gid;
	gid_t *gids = calloc(GROUPS_MAX, sizeof *gids);

	if (gids == NULL)
		return fail(f, ENOMEM, "groups of %s", user->pw_name);
	if (getgrouplist(user->pw_name, user->pw_gid, gids, &count) < 0)
		in = fail(f, 0, "look up groups of %s", user->pw_name);
	for (int i = 0; in == 0 && i < count; i++)
		in = gids[i] == wanted;
	free(gids);
	return in;
}

static int in_group(void *context, const char *group, struct fail *f)
{
	return is_in_group(context, group, f);
}

static enum source source_by(const struct policy *policy)
{
	if (!policy->enable)
		return SOURCE_HOST;
	switch (policy->home) {
	case HOME_BIND:
		return SOURCE_HOST;
	case HOME_OVERLAY:
		return policy->storage == STORAGE_PERSISTENT ? SOURCE_OVERLAY : SOURCE_HOST;
	case HOME_EMPTY:
		return policy->storage == STORAGE_PERSISTENT ? SOURCE_PRIVATE : SOURCE_NOTHING;
	}
	return SOURCE_NOTHING;
}

/* With a configuration of garbage nobody but the exempt is let in, and those by the keys of the host. */
static int source_by_configuration(struct passwd *user, enum source *out, struct fail *f)
{
	struct config *config = NULL;
	struct policy policy;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, f) != 0) {
		syslog(LOG_ERR, "keys of %s are those of the host: %s", user->pw_name, f->text);
		*out = SOURCE_HOST;
		return 0;
	}
	if (policy_for(config, user->pw_name, in_group, user, &policy, f) != 0) {
		config_free(config);
		return -1;
	}
	*out = source_by(&policy);
	policy_free(&policy);
	config_free(config);
	return 0;
}

static int source_of(struct passwd *user, const char *exempt, enum source *out, struct fail *f)
{
	int is_exempt = exempt != NULL && user->pw_uid != 0 ? is_in_group(user, exempt, f) : 0;

	if (is_exempt < 0)
		return -1;
	if (user->pw_uid == 0 || is_exempt == 1) {
		*out = SOURCE_HOST;
		return 0;
	}
	return source_by_configuration(user, out, f);
}

/* As root. A host without a single box yet has no NSBOX_STATE. */
static int open_top(struct view *v, uid_t uid, const char *below, struct fail *f)
{
	char path[64];
	OWN_FD state = open(NSBOX_STATE, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

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

static int run(const char *name, const char *exempt, struct fail *f)
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

int main(int argc, char **argv)
{
	const char *exempt = argc == 3 && strncmp(argv[2], "exempt=", 7) == 0 ? argv[2] + 7 : NULL;
	struct fail f;

	if (argc != 2 && exempt == NULL) {
		(void)fprintf(stderr, "usage: nsbox-keys USER [exempt=GROUP]\n");
		return 2;
	}
	set_deadline();
	/* The log is opened now: later there is no right to. */
	openlog("nsbox-keys", LOG_NDELAY | LOG_PID | LOG_PERROR, LOG_AUTHPRIV);
	if (run(argv[1], exempt, &f) == 0)
		return 0;
	syslog(LOG_WARNING, "no keys for %s: %s", argv[1], f.text);
	return 0;
}
