/* SPDX-License-Identifier: MIT */
/* runs as: root, inside the process that serves a session. Places it in the box. */
#include <errno.h>
#include <syslog.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/join.h"
#include "pam_module/module.h"

/* How many cgroup descriptors the helper sent. */
static unsigned cgroups(const struct session *s)
{
	unsigned n = 0;

	while (n < WIRE_CGROUPS && s->fds[OPEN_CGROUP + n] >= 0)
		n++;
	return n;
}

/*
 * The lease is closed last but must be closed: held by a process in the box it would keep the box alive for ever.
 * Only the tether stays open, for it is what ends this process with the box.
 */
static void keep_tether_only(struct session *s)
{
	int tether = fd_give(&s->fds[OPEN_TETHER]);

	session_drop_fds(s);
	record_drop(&s->record);
	s->fds[OPEN_TETHER] = tether;
}

int place(struct session *s, struct fail *f)
{
	/* This process stays outside the box's PID namespace and would outlive its init; tied while host root. */
	if (join_tether(s->fds[OPEN_TETHER], f) != 0)
		return -1;
	/* Before the namespaces: the cgroup namespace would hide the way there. */
	if (join_cgroups(&s->fds[OPEN_CGROUP], cgroups(s), f) != 0)
		return -1;
	if (join_namespaces(s->fds[OPEN_PIDFD], f) != 0)
		return -1;
	/* Last: what comes before makes calls that it denies. */
	return filter_apply(s->filter, f);
}

/* With its log open before it goes in: /dev/log in there is not the host's, and a failure must be heard. */
static int place_logged(struct session *s, struct fail *f)
{
	openlog(NULL, LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
	if (place(s, f) != 0)
		return -1;
	closelog();
	keep_tether_only(s);
	s->stage = STAGE_PLACED;
	s->opener = getpid();
	return 0;
}

/* The auth line is there and the session line is not: nobody has asked for a box. */
static int without_session(pam_handle_t *pamh, struct session *s, int argc, const char **argv, struct fail *f)
{
	struct account who;
	int exempt;

	exempt = exempt_check(pamh, &who, argc, argv, f);
	if (exempt < 0)
		return -1;
	if (exempt == 0)
		return fail(f, 0, "%s: the session line of pam_nsbox.so is missing or was jumped over", who.name);
	s->stage = STAGE_OUTSIDE;
	return 0;
}

int place_child(pam_handle_t *pamh, struct session *s, int argc, const char **argv, struct fail *f)
{
	switch (s->stage) {
	case STAGE_MARKED:
		return without_session(pamh, s, argc, argv, f);
	case STAGE_BOXED:
		return place_logged(s, f);
	case STAGE_OUTSIDE:
	case STAGE_PLACED: /* a child of a placed process is in the box with it */
	case STAGE_BARRED: /* sshd's child is in the dead end, and lives to show the user why */
		return 0;
	case STAGE_REFUSED:
	case STAGE_HALFWAY:
	case STAGE_CLOSED:
		break;
	}
	return fail(f, EPERM, "there is no session to belong to");
}
