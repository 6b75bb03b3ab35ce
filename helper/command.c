/* SPDX-License-Identifier: MIT */
/* runs as: root of a box, then the user. The process that becomes the command. */
#include "helper/command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "helper/become_init.h"
#include "helper/left_behind.h"

enum { CANNOT_RUN = 126, NOT_FOUND = 127, OWN_ERROR = 125 };

/* A session of its own even without a terminal: the caller's must not be /dev/tty in the box (CVE-2017-5226). */
static int take_terminal(unsigned ttys, int slave, struct fail *f)
{
	if (setsid() < 0)
		return fail(f, errno, "start a session");
	if (slave >= 0 && ioctl(slave, TIOCSCTTY, 0) != 0)
		return fail(f, errno, "take the terminal");
	for (int fd = 0; fd <= 2; fd++)
		if ((ttys & (1U << fd)) != 0 && dup2(slave, fd) != fd)
			return fail(f, errno, "put the terminal on descriptor %d", fd);
	return 0;
}

static const char *look_up(char *const *environment, const char *name)
{
	size_t n = strlen(name);

	for (; *environment != NULL; environment++)
		if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=')
			return *environment + n + 1;
	return NULL;
}

/* Of root's environment a user's box gets only what describes the terminal and the language. */
static int set_fresh(char *const *old, const struct record *r)
{
	static const char *const kept[] = { "TERM", "LANG", "LC_ALL", "COLORTERM" };

	(void)clearenv();
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		const char *value = look_up(old, kept[i]);

		if (value != NULL && setenv(kept[i], value, 1) != 0)
			return -1;
	}
	return setenv("HOME", r->owner.home, 1) != 0 || setenv("USER", r->owner.name, 1) != 0 ||
	       setenv("LOGNAME", r->owner.name, 1) != 0 || setenv("SHELL", r->owner.shell, 1) != 0 ||
	       setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1) != 0 ? -1 : 0;
}

/*
 * A caller whose login shell is nssh has that in SHELL, and what a program starts as "the shell" would lead from box
 * to box. The login shell itself stands there under its own name.
 */
static int set_shell(const struct entry *e, const struct record *r)
{
	const char *shell = getenv("SHELL"), *base = shell != NULL ? strrchr(shell, '/') : NULL;
	bool ours = shell != NULL && strcmp(base != NULL ? base + 1 : shell, "nssh") == 0;

	return ours || e->command[0] == NULL ? setenv("SHELL", r->owner.shell, 1) : 0;
}

/* What the caller has in it may be of another box. */
static int set_ports(const char *ports)
{
	return strcmp(ports, "-") == 0 ? unsetenv("NSBOX_PORTS") : setenv("NSBOX_PORTS", ports, 1);
}

static int set_environment(const struct entry *e, const struct record *r, struct fail *f)
{
	char runtime[32];
	int bad = 0;

	if (e->caller->uid == r->owner.uid) {
		environ = e->caller->environment;
		left_behind();
	} else {
		bad = set_fresh(e->caller->environment, r);
	}
	(void)snprintf(runtime, sizeof runtime, "/run/user/%u", r->owner.uid);
	if (bad != 0 || setenv("NSBOX", r->box, 1) != 0 || set_ports(r->ports) != 0 || set_shell(e, r) != 0 ||
	    setenv("XDG_RUNTIME_DIR", runtime, 1) != 0)
		return fail(f, errno, "set the environment");
	return 0;
}

/* The same directory as outside if the box has it, else the home: as the user, so only where they may go. */
static void change_directory(const struct entry *e, const struct record *r)
{
	const char *pwd = e->caller->uid == r->owner.uid ? look_up(e->caller->environment, "PWD") : NULL;

	if (pwd != NULL && e->command[0] != NULL && chdir(pwd) == 0)
		return;
	if (chdir(r->owner.home) != 0)
		(void)!chdir("/"); /* where we are already */
}

static void execute(const struct entry *e, const struct record *r) __attribute__((noreturn));
static void execute(const struct entry *e, const struct record *r)
{
	const char *base = strrchr(r->owner.shell, '/');
	char name[sizeof r->owner.shell + 1];
	int code;

	if (e->command[0] != NULL) {
		(void)execvp(e->command[0], e->command);
		code = errno;
	} else {
		/* A login shell is told so by the dash (login(1)). */
		(void)snprintf(name, sizeof name, "-%s", base != NULL ? base + 1 : r->owner.shell);
		(void)execl(r->owner.shell, name, (char *)NULL);
		code = errno;
	}
	(void)dprintf(2, "nssh: %s: %s\n", e->command[0] != NULL ? e->command[0] : r->owner.shell,
		      strerrordesc_np(code));
	_exit(code == ENOENT ? NOT_FOUND : CANNOT_RUN);
}

void command_run(const struct entry *e, const struct record *r, int slave, int start)
{
	struct fail f = { 0 };
	char byte;

	if (read(start, &byte, 1) != 1)
		_exit(OWN_ERROR); /* the caller is gone */
	if (take_terminal(e->ttys, slave, &f) < 0 || become_owner(r->owner.uid, r->owner.gid, &f) < 0 ||
	    set_environment(e, r, &f) < 0 || caller_restore(e->caller, &f) < 0) {
		(void)dprintf(2, "nssh: %s\n", f.text);
		_exit(OWN_ERROR);
	}
	change_directory(e, r);
	execute(e, r);
}
