/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. A service that logs a user in through pam_nsbox.so as sshd does. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "conf/fd.h"
#include "tests/faults/story.h"
#include "tests/faults/trace.h"

#define STACKS "/run/nsbox-faults"

enum { FDS_MOST = 256 };

/* A stack of nothing else: what other modules do is not ours to test. */
int open_stacks(void)
{
	static const char lines[] = "auth required pam_permit.so\nauth required pam_nsbox.so\n"
				    "session required pam_permit.so\nsession required pam_nsbox.so\n";
	char fresh[64];
	OWN_FD int file = -1, other = -1;

	(void)mkdir(STACKS, 0755);
	/* Renamed: another one of us may be reading it. */
	(void)snprintf(fresh, sizeof fresh, STACKS "/new.%d", getpid());
	file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	other = open(STACKS "/other", O_WRONLY | O_CREAT | O_CLOEXEC, 0644); /* libpam wants one */
	if (file < 0 || other < 0 || fd_write_all(file, lines, sizeof lines - 1) != 0)
		return -1;
	return rename(fresh, STACKS "/sshd");
}

void say(const struct telling *t, int what)
{
	if (!t->bare)
		tell_tracer((enum tell)what);
}

static int converse(int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	struct outcome *o = data;

	*answers = calloc((size_t)n, sizeof **answers);
	for (int i = 0; i < n; i++)
		(void)snprintf(o->told, sizeof o->told, "%s", messages[i]->msg);
	return *answers == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

static int count_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < FDS_MOST; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* What sshd's child starts for the user. */
static void be_command(const struct telling *t)
{
	say(t, TELL_COMMAND);
	_exit(0);
}

/* sshd goes on when setcred fails for who came with a key, and so do we. */
static void be_child(const struct telling *t, pam_handle_t *pamh)
{
	const struct person *who = t->who;
	int status = 1;

	if (initgroups(who->name, who->gid) != 0)
		_exit(10);
	say(t, TELL_INSIDE);
	(void)pam_setcred(pamh, PAM_ESTABLISH_CRED);
	say(t, TELL_OUTSIDE);
	if (setresgid(who->gid, who->gid, who->gid) != 0 || setresuid(who->uid, who->uid, who->uid) != 0)
		_exit(11);

	pid_t command = fork();

	if (command == 0)
		be_command(t);
	if (command < 0 || waitpid(command, &status, 0) != command)
		_exit(12);
	_exit(status == 0 ? 0 : 13);
}

/* A refused session has a child, too: it shows the user why. */
static void serve(const struct telling *t, pam_handle_t *pamh, int held, int ready)
{
	char byte;
	pid_t child = fork();

	if (child == 0) {
		(void)close(held);
		(void)close(ready);
		be_child(t, pamh);
	}
	(void)waitpid(child, &t->outcome->child, 0);
	(void)close(ready);
	while (read(held, &byte, 1) > 0)
		;
}

void be_service(const struct telling *t, int held, int ready)
{
	struct outcome *o = t->outcome;
	struct pam_conv conversation = { converse, o };
	pam_handle_t *pamh = NULL;
	int before = count_fds();

	if (pam_start_confdir("sshd", t->who->name, &conversation, STACKS, &pamh) != PAM_SUCCESS)
		_exit(1);
	(void)pam_set_item(pamh, PAM_RHOST, "127.0.0.1");
	say(t, TELL_INSIDE);
	(void)pam_setcred(pamh, PAM_ESTABLISH_CRED);
	o->opened = pam_open_session(pamh, 0);
	say(t, TELL_OUTSIDE);
	serve(t, pamh, held, ready);
	say(t, TELL_INSIDE);
	if (o->opened == PAM_SUCCESS)
		(void)pam_close_session(pamh, 0);
	(void)pam_setcred(pamh, PAM_DELETE_CRED);
	(void)pam_end(pamh, PAM_SUCCESS);
	say(t, TELL_OUTSIDE);
	closelog();
	/* The pipe that told that all is ready has been closed, too. */
	o->leaked = count_fds() - before + 1;
	o->over = true;
	_exit(0);
}
