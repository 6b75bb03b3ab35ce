/* SPDX-License-Identifier: MIT */
/* runs as: root, inside services other than sshd. Places the service's own process in the box. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/pidfd.h>
#include <syslog.h>
#include <unistd.h>

#include "conf/fd.h"
#include "pam_module/module.h"

/*
 * These never call PAM in the process that becomes the user, so that their own process goes into the box when the
 * session has been opened, and all it forks is there with it. It can do no more on the host then. su has nothing to
 * do there, and cron only sends mail, which a box can too. atd removes the files of the job and its output after the
 * job, and would leave them for ever: it stays outside, and what it forks goes in.
 */
enum placing placing_of(const char *service)
{
	static const struct {
		const char *service;
		enum placing placing;
	} known[] = {
		{ "sshd", PLACING_CHILD },
		{ "su", PLACING_OPENER },
		{ "su-l", PLACING_OPENER },
		{ "cron", PLACING_OPENER },
		{ "atd", PLACING_FORKED },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(service, known[i].service) == 0)
			return known[i].placing;
	return PLACING_NONE;
}

/*
 * The connection to the log is made while there is one, and kept: what the service and the other modules say at
 * the end of the session is the host's to read. Name and facility stay the service's.
 */
static int place_heard(struct session *s, struct fail *f)
{
	s->stage = STAGE_HALFWAY;
	openlog(NULL, LOG_PID | LOG_NDELAY, 0);
	if (place(s, f) != 0)
		return -1;
	/* Standard input may be a terminal of the host's, where somebody types to a shell of root's. */
	return s->filter == FILTER_OFF ? tiocsti_deny(f) : 0; /* the others have this in them */
}

static void keep_until_the_end(struct session *s)
{
	int lease = fd_give(&s->fds[OPEN_LEASE]);
	int tether = fd_give(&s->fds[OPEN_TETHER]);

	session_drop_fds(s);
	s->fds[OPEN_LEASE] = lease;
	s->fds[OPEN_TETHER] = tether;
}

/* To the directory of the box that has the name of the one on the host; if there is none, "/" is where we are. */
static bool go_back(const char *directory)
{
	return directory[0] == '/' && chdir(directory) == 0;
}

int place_opener(struct session *s, struct fail *f)
{
	char directory[PATH_MAX];

	if (getcwd(directory, sizeof directory) == NULL)
		directory[0] = '\0';
	if (place_heard(s, f) != 0)
		return -1;
	keep_until_the_end(s);
	s->stage = STAGE_PLACED;
	(void)go_back(directory);
	return 0;
}

/*
 * A process keeps the PID namespace it began in, and setns(2) is for its children: the job has to begin in the box's.
 * place_forked does the rest.
 */
int fork_inside(const struct session *s, struct fail *f)
{
	if (setns(s->fds[OPEN_PIDFD], CLONE_NEWPID) != 0)
		return fail(f, errno, "fork into the box's PID namespace");
	return 0;
}

int fork_outside(struct fail *f)
{
	OWN_FD int self = pidfd_open(getpid(), 0);

	if (self < 0 || setns(self, CLONE_NEWPID) != 0)
		return fail(f, errno, "fork into the host's PID namespace again");
	return 0;
}

int place_forked(struct session *s, struct fail *f)
{
	/* Between its calls of PAM atd is daemon, with root as its real uid. */
	if (setresgid((gid_t)-1, 0, (gid_t)-1) != 0 || setresuid((uid_t)-1, 0, (uid_t)-1) != 0)
		return fail(f, errno, "become root again");
	if (place_heard(s, f) != 0)
		return -1;
	/* The kernel ends it with the box, whose PID namespace it is in, and the lease is its parent's. */
	session_drop_fds(s);
	s->stage = STAGE_PLACED;
	return 0;
}
