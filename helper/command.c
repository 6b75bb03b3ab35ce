/* SPDX-License-Identifier: MIT */
/* runs as: root of a box, then the user. The process that becomes the command. */
#include "helper/command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/shell.h"
#include "helper/become_init.h"
#include "helper/execute.h"
#include "helper/filter.h"
#include "helper/left_behind.h"

static int take_terminal(unsigned ttys, int slave, struct fail *f)
{
	if (execute_session(slave, f) < 0)
		return -1;
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
	const char *shell = getenv("SHELL");
	bool ours = shell != NULL && shell_is_nssh(shell);

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

/* The same as outside, for a command of the owner's own. */
static const char *directory(const struct entry *e, const struct record *r)
{
	bool own = e->caller->uid == r->owner.uid && e->command[0] != NULL;

	return own ? look_up(e->caller->environment, "PWD") : NULL;
}

void command_run(const struct entry *e, const struct record *r, int slave, int start)
{
	struct fail f = { 0 };
	char byte;
	ssize_t told = read(start, &byte, 1);

	if (told == 0)
		_exit(EXECUTE_FAILED); /* the caller is gone */
	if (told < 0)
		(void)fail(&f, errno, "wait for the word to begin");
	if (told < 0 || take_terminal(e->ttys, slave, &f) < 0 ||
	    become_owner(r->owner.uid, r->owner.gid, &f) < 0 || filter_apply((enum filter)r->filter, &f) < 0 ||
	    set_environment(e, r, &f) < 0 || caller_restore(e->caller, &f) < 0) {
		(void)dprintf(2, "nssh: %s\n", f.text);
		_exit(EXECUTE_FAILED);
	}
	execute_directory(directory(e, r), r->owner.home);
	execute(e->command, r->owner.shell);
}
