/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. The stories. Each has a first process that only directs, and never fails. */
#include "tests/faults/story.h"

#include <fcntl.h>
#include <grp.h>
#include <security/_pam_types.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/trace.h"

/* A login that goes on until it is let go. */
struct session {
	pid_t pid;
	int held;
};

bool story_went_well(const struct outcome *o)
{
	return o->opened == PAM_SUCCESS && o->child == 0;
}

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		_exit(20);
}

/* Returns when the user's command has been run, or there is none. */
static struct session begin(const struct telling *t)
{
	int held[2], ready[2];
	char byte;

	make_pipe(held);
	make_pipe(ready);

	t->outcome->opened = t->outcome->child = -1;

	pid_t pid = fork();

	if (pid < 0)
		_exit(21);
	if (pid == 0) {
		(void)close(held[1]);
		(void)close(ready[0]);
		be_service(t, held[0], ready[1]);
	}
	(void)close(held[0]);
	(void)close(ready[1]);
	while (read(ready[0], &byte, 1) > 0)
		;
	(void)close(ready[0]);
	return (struct session){ .pid = pid, .held = held[1] };
}

static void end(const struct session *s)
{
	(void)close(s->held);
	(void)waitpid(s->pid, NULL, 0);
}

/* What is there beforehand. It is not what is watched. */
static struct session begin_another(const struct telling *t)
{
	struct outcome own = { 0 };
	struct telling other = *t;

	other.outcome = &own;
	return begin(&other);
}

static void tell_open(void *telling)
{
	const struct telling *t = telling;

	say(t, TELL_BEGIN);

	struct session s = begin(t);

	say(t, TELL_END);
	end(&s);
}

/* With scope = user. */
static void tell_join(void *telling)
{
	const struct telling *t = telling;
	struct session first = begin_another(t);

	say(t, TELL_BEGIN);

	struct session second = begin(t);

	say(t, TELL_END);
	end(&second);
	end(&first);
}

static void be_nssh(const struct telling *t, char *const words[])
{
	const struct person *who = t->who;
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd <= 2; fd++)
		(void)dup2(null, fd);
	if (initgroups(who->name, who->gid) != 0 || setresgid(who->gid, who->gid, who->gid) != 0 ||
	    setresuid(who->uid, who->uid, who->uid) != 0 || chdir(who->home) != 0 || setenv("USER", who->name, 1) != 0 ||
	    setenv("HOME", who->home, 1) != 0 || setenv("SHELL", "/bin/sh", 1) != 0)
		_exit(22);
	(void)execv("/usr/local/bin/nssh", words);
	_exit(23);
}

/* As the user, on the host. */
static void run_nssh(const struct telling *t, char *const words[])
{
	pid_t pid = fork();

	t->outcome->opened = PAM_SUCCESS;
	if (pid == 0)
		be_nssh(t, words);
	(void)waitpid(pid, &t->outcome->child, 0);
	t->outcome->over = true;
}

static void tell_enter(void *telling)
{
	const struct telling *t = telling;
	char *const words[] = { (char *)"nssh", (char *)"--", (char *)"/bin/true", NULL };
	struct session s = begin_another(t);

	say(t, TELL_BEGIN);
	run_nssh(t, words);
	say(t, TELL_END);
	end(&s);
}

static void tell_end(void *telling)
{
	const struct telling *t = telling;
	struct session s = begin(t);

	say(t, TELL_BEGIN);
	end(&s);
}

static void tell_kill(void *telling)
{
	const struct telling *t = telling;
	char box[64];
	char *const words[] = { (char *)"nssh", (char *)"-k", box, NULL };
	struct session s = begin_another(t);

	(void)snprintf(box, sizeof box, "%s-1", t->who->name);
	say(t, TELL_BEGIN);
	run_nssh(t, words);
	end(&s);
}

const struct story stories[] = {
	{ "open", "a login makes a box", tell_open },
	{ "join", "a second login of scope = user", tell_join },
	{ "enter", "nssh runs a command in a box", tell_enter },
	{ "end", "the last login of a box ends", tell_end },
	{ "kill", "nssh -k", tell_kill },
	{ NULL, NULL, NULL },
};
