/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --edit: the configuration counts only once it is right. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/escape.h"
#include "conf/fd.h"
#include "conf/policy.h"
#include "places.h"
#include "shell/nssh.h"

#define LOCK NSBOX_CONF ".lock"
#define TEMPLATE NSBOX_CONF ".XXXXXX"

enum verdict { KEEP, AGAIN, DISCARD };

/* What an edit holds; given back in reverse. */
struct edit {
	int lock;
	struct stat before;      /* of the configuration */
	char temp[sizeof TEMPLATE]; /* the copy; empty: none */
	sigset_t mask;
	struct sigaction interrupt;
	struct sigaction quit;
};

/* A lock file that is removed when done: so the one locked must still be the one that is found by its name. */
static int take_lock(struct edit *edit, struct fail *f)
{
	struct stat held;
	struct stat named;
	OWN_FD int fd = open(LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(f, errno, "%s", LOCK);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? fail(f, 0, "somebody else is editing %s", NSBOX_CONF)
					    : fail(f, errno, "%s", LOCK);
	if (fstat(fd, &held) < 0 || stat(LOCK, &named) < 0 || held.st_ino != named.st_ino)
		return fail(f, 0, "somebody else was editing %s just now; try again", NSBOX_CONF);
	edit->lock = fd_give(&fd);
	return 0;
}

static int copy_all(int from, int to, struct fail *f)
{
	char room[8192];
	ssize_t got;

	while ((got = read(from, room, sizeof room)) > 0)
		if (fd_write_all(to, room, (size_t)got) < 0)
			return fail(f, errno, "write the copy of %s", NSBOX_CONF);
	return got < 0 ? fail(f, errno, "read %s", NSBOX_CONF) : 0;
}

/* The copy stands beside the file, so that it can take its place in one step. */
static int make_copy(struct edit *edit, struct fail *f)
{
	char path[] = TEMPLATE;
	OWN_FD int from = open(NSBOX_CONF, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	OWN_FD int to = -1;

	if (from < 0 || fstat(from, &edit->before) < 0)
		return fail(f, errno, "%s", NSBOX_CONF);
	if (!S_ISREG(edit->before.st_mode))
		return fail(f, 0, "%s is not a regular file", NSBOX_CONF);
	to = mkostemp(path, O_CLOEXEC);
	if (to < 0)
		return fail(f, errno, "a copy of %s", NSBOX_CONF);
	memcpy(edit->temp, path, sizeof path);
	return copy_all(from, to, f);
}

/* Keys typed at the editor are the editor's, and nothing but our own end may leave the copy behind. */
static void shield(struct edit *edit)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, &edit->mask);
	(void)sigaction(SIGINT, &ignore, &edit->interrupt);
	(void)sigaction(SIGQUIT, &ignore, &edit->quit);
}

static void unshield(const struct edit *edit)
{
	(void)sigaction(SIGINT, &edit->interrupt, NULL);
	(void)sigaction(SIGQUIT, &edit->quit, NULL);
	(void)sigprocmask(SIG_SETMASK, &edit->mask, NULL);
}

static int run_editor(const struct edit *edit, struct fail *f)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return fail(f, errno, "fork");
	if (pid == 0) {
		unshield(edit);
		(void)execl("/bin/sh", "sh", "-c", "exec ${VISUAL:-${EDITOR:-editor}} \"$1\"", "sh", edit->temp,
			    (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail(f, 0, "the editor failed; %s is as it was", NSBOX_CONF);
	return 0;
}

static void report(void *context, unsigned line, const char *text)
{
	unsigned *errors = context;
	char safe[2048];

	escape_text(safe, sizeof safe, text);
	if (line > 0)
		(void)fprintf(stderr, "%s:%u: %s\n", NSBOX_CONF, line, safe);
	else
		(void)fprintf(stderr, "%s: %s\n", NSBOX_CONF, safe);
	(*errors)++;
}

static bool is_good(const struct edit *edit)
{
	struct config *config = NULL;
	unsigned errors = 0;
	struct fail f;

	if (config_read(edit->temp, &config, report, &errors, &f) == 0) {
		config_free(config);
		return true;
	}
	if (errors == 0)
		report(&errors, 0, f.text);
	return false;
}

static enum verdict ask(void)
{
	char line[64];

	if (isatty(STDIN_FILENO) == 0)
		return DISCARD;
	for (;;) {
		(void)fputs("(e)dit again or (d)iscard? ", stderr);
		if (fgets(line, sizeof line, stdin) == NULL || line[0] == 'd' || line[0] == 'D')
			return DISCARD;
		if (line[0] == 'e' || line[0] == 'E')
			return AGAIN;
	}
}

static bool is_same(const struct edit *edit)
{
	OWN_FD int old = open(NSBOX_CONF, O_RDONLY | O_CLOEXEC);
	OWN_FD int new = open(edit->temp, O_RDONLY | O_CLOEXEC);
	char a[4096];
	char b[4096];
	ssize_t n;

	if (old < 0 || new < 0)
		return false;
	do {
		n = read(old, a, sizeof a);
		if (n < 0 || read(new, b, sizeof b) != n || memcmp(a, b, (size_t)n) != 0)
			return false;
	} while (n > 0);
	return true;
}

/* On disk before it has the name: after a crash there is the old file or the new one, whole. */
static int put_in_place(struct edit *edit, struct fail *f)
{
	OWN_FD int fd = open(edit->temp, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return fail(f, errno, "%s", edit->temp);
	if (fchown(fd, edit->before.st_uid, edit->before.st_gid) < 0 || fchmod(fd, edit->before.st_mode & 07777) < 0)
		return fail(f, errno, "owner and mode of %s", edit->temp);
	if (fsync(fd) < 0)
		return fail(f, errno, "write %s", edit->temp);
	if (rename(edit->temp, NSBOX_CONF) < 0)
		return fail(f, errno, "replace %s", NSBOX_CONF);
	edit->temp[0] = '\0';
	return 0;
}

/* Edits until the copy is right or given up. Returns 0, NSSH_FOUND when it was given up, or -1. */
static int edit_copy(struct edit *edit, struct fail *f)
{
	enum verdict verdict = AGAIN;

	while (verdict == AGAIN) {
		if (run_editor(edit, f) < 0)
			return -1;
		verdict = is_good(edit) ? KEEP : ask();
	}
	if (verdict == DISCARD) {
		(void)fprintf(stderr, "nssh: discarded; %s is as it was\n", NSBOX_CONF);
		return NSSH_FOUND;
	}
	if (is_same(edit)) {
		(void)fprintf(stderr, "nssh: %s is unchanged\n", NSBOX_CONF);
		return 0;
	}
	return put_in_place(edit, f);
}

static void clean_up(struct edit *edit)
{
	if (edit->temp[0] != '\0')
		(void)unlink(edit->temp);
	if (edit->lock >= 0)
		(void)unlink(LOCK);
	fd_close(&edit->lock);
}

int edit_conf(void)
{
	struct edit edit = { .lock = -1 };
	struct fail f = { 0 };
	int status = -1;

	if (geteuid() != 0) {
		(void)fail(&f, 0, "only root may edit %s", NSBOX_CONF);
		return complain(&f);
	}
	shield(&edit);
	if (take_lock(&edit, &f) == 0 && make_copy(&edit, &f) == 0)
		status = edit_copy(&edit, &f);
	clean_up(&edit);
	unshield(&edit);
	return status < 0 ? complain(&f) : status;
}
