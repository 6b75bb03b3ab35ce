/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and other services. The life of one login: mark, open, close. */
#include <errno.h>
#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "conf/fd.h"
#include "pam_module/module.h"

#define DATA_NAME "nsbox"

void session_drop_fds(struct session *s)
{
	for (int i = 0; i < WIRE_FDS; i++)
		fd_close(&s->fds[i]);
}

/*
 * Runs at pam_end, in whichever process calls that. It closes this process's own descriptors and nothing
 * else, so that in a fork it cannot end the session: the box lives while the opener's lease is open.
 */
static void session_free(pam_handle_t *pamh, void *data, int status)
{
	struct session *s = data;

	(void)pamh;
	(void)status;
	/* What the opener keeps until its own end is close-on-exec, and no child's for longer than it is a copy. */
	if (s->stage != STAGE_PLACED || s->placing != PLACING_OPENER)
		session_drop_fds(s);
	record_drop(&s->record);
	leave_forks(s);
	free(s);
}

struct session *session_get(pam_handle_t *pamh)
{
	const void *data = NULL;

	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS)
		return NULL;
	/* What was given to pam_set_data was never const; only its way out is. */
	return (struct session *)(uintptr_t)data;
}

static struct session *session_new(pam_handle_t *pamh, struct fail *f)
{
	struct session *s = calloc(1, sizeof *s);

	if (s == NULL) {
		(void)fail(f, ENOMEM, "keep the session");
		return NULL;
	}
	s->opener = getpid();
	s->stage = STAGE_MARKED;
	s->record.run = s->record.log = -1;
	for (int i = 0; i < WIRE_FDS; i++)
		s->fds[i] = -1;
	if (pam_set_data(pamh, DATA_NAME, s, session_free) != PAM_SUCCESS) {
		free(s);
		(void)fail(f, ENOMEM, "keep the session in PAM");
		return NULL;
	}
	return s;
}

int session_mark(pam_handle_t *pamh, int argc, const char **argv, struct fail *f)
{
	struct session *s = session_new(pamh, f);

	if (s == NULL)
		return -1;
	s->marked = true;
	/* Kept for the session line to judge: root and the exempt are let in whatever the lines say. */
	s->bad_auth_line = exempt_unknown_argument(argc, argv) != NULL;
	return 0;
}

/* A text item of PAM's, or "-" when there is none, which is also the helper's word for nothing. */
static const char *item(pam_handle_t *pamh, int which)
{
	const void *text = NULL;

	if (pam_get_item(pamh, which, &text) != PAM_SUCCESS || text == NULL || *(const char *)text == '\0')
		return "-";
	return text;
}

static int put_environment(pam_handle_t *pamh, const struct answer *a, uid_t uid, struct fail *f)
{
	char text[sizeof "XDG_RUNTIME_DIR=/run/user/" + WIRE_PORTS];

	(void)snprintf(text, sizeof text, "NSBOX=%s", a->box);
	if (pam_putenv(pamh, text) != PAM_SUCCESS)
		return fail(f, ENOMEM, "set NSBOX");
	(void)snprintf(text, sizeof text, "NSBOX_PORTS=%s", a->ports);
	if (a->ports[0] != '\0' && pam_putenv(pamh, text) != PAM_SUCCESS)
		return fail(f, ENOMEM, "set NSBOX_PORTS");
	(void)snprintf(text, sizeof text, "XDG_RUNTIME_DIR=/run/user/%lu", (unsigned long)uid);
	if (pam_putenv(pamh, text) != PAM_SUCCESS)
		return fail(f, ENOMEM, "set XDG_RUNTIME_DIR");
	/* pam_systemd's points at the host's bus, which is no file of the box. */
	if (pam_getenv(pamh, "DBUS_SESSION_BUS_ADDRESS") != NULL &&
	    pam_putenv(pamh, "DBUS_SESSION_BUS_ADDRESS") != PAM_SUCCESS)
		return fail(f, ENOMEM, "unset DBUS_SESSION_BUS_ADDRESS");
	return 0;
}

/* Prepares the monitor, from which sshd's child will be forked. */
static int prepare_monitor(pam_handle_t *pamh, struct session *s, const struct account *who, const struct answer *a,
			   struct fail *f)
{
	struct fail note = { 0 };

	record_prepare(&s->record);
	if (terminal_enter(s->fds, f) != 0)
		return -1;
	/* Attached now (or of no use on this host); nothing of them may reach the child. */
	fd_close(&s->fds[OPEN_DEVPTS]);
	fd_close(&s->fds[OPEN_UTMP]);
	fd_close(&s->fds[OPEN_WTMP]);
	/* A full disk or a locked file costs the line in who(1), not the login. */
	if (record_login(&s->record, a->box, who->name, item(pamh, PAM_RHOST), &note) != 0)
		pam_syslog(pamh, LOG_WARNING, "%s: no login record: %s", who->name, note.text);
	s->stage = STAGE_BOXED;
	return 0;
}

/* Its children come into the box, and it does the rest of its work outside. */
static int prepare_forks(pam_handle_t *pamh, struct session *s, struct fail *f)
{
	if (fork_inside(s, f) != 0)
		return -1;
	s->stage = STAGE_BOXED;
	return place_at_fork(pamh, s, f);
}

/* There is a box. */
static int settle(pam_handle_t *pamh, struct session *s, const struct account *who, const struct answer *a,
		  struct fail *f)
{
	if (put_environment(pamh, a, who->uid, f) != 0)
		return -1;
	switch (s->placing) {
	case PLACING_CHILD:
		return prepare_monitor(pamh, s, who, a, f);
	case PLACING_OPENER:
		return place_opener(s, f);
	case PLACING_FORKED:
		return prepare_forks(pamh, s, f);
	case PLACING_NONE:
		break;
	}
	return fail(f, 0, "%s: sessions of service %s cannot be placed by PAM; take it out of `services`", who->name,
		    item(pamh, PAM_SERVICE));
}

static int ask_helper(pam_handle_t *pamh, struct session *s, const struct account *who, struct fail *f)
{
	struct answer a;

	if (helper_open(who->name, item(pamh, PAM_SERVICE), item(pamh, PAM_RHOST), &a, s->fds, f) != 0)
		return fail_in(f, "%s", who->name);
	switch ((enum answer_kind)a.kind) {
	case ANSWER_BOXED:
		/* Without all of these the child could not be placed, or not ended with the box. */
		if (a.fds <= OPEN_CGROUP || a.box[0] == '\0')
			break;
		s->filter = (enum filter)a.filter;
		return settle(pamh, s, who, &a, f);
	case ANSWER_OUTSIDE:
		session_drop_fds(s);
		s->stage = STAGE_OUTSIDE;
		return 0;
	case ANSWER_REFUSED:
		(void)fail(f, 0, "%s: refused by nsbox-helper: %s", who->name, a.text);
		return fail_plain(f, "%s", a.text);
	case ANSWER_ENDED:
		break;
	}
	return fail(f, EPROTO, "%s: nsbox-helper gave an answer that makes no sense", who->name);
}

/* The lines themselves, once it is known that they matter for this user. */
static int check_lines(const struct session *s, int argc, const char **argv, struct fail *f)
{
	const char *unknown = exempt_unknown_argument(argc, argv);

	if (unknown != NULL)
		return fail(f, 0, "the session line of pam_nsbox.so has an unknown argument: %s", unknown);
	/* Only sshd is placed by pam_setcred; su jumps over the auth line when root calls it. */
	if (s->placing == PLACING_CHILD && !s->marked)
		return fail(f, 0, "the auth line of pam_nsbox.so is missing or was jumped over");
	if (s->bad_auth_line)
		return fail(f, 0, "the auth line of pam_nsbox.so has an unknown argument");
	return 0;
}

static int decide(pam_handle_t *pamh, struct session *s, int argc, const char **argv, struct fail *f)
{
	struct account who;
	int exempt;

	/* First of all, before any line or file can be wrong: the way in for those who repair it. */
	exempt = exempt_check(pamh, &who, argc, argv, f);
	if (exempt < 0)
		return -1;
	if (exempt > 0) {
		s->stage = STAGE_OUTSIDE;
		return 0;
	}
	if (check_lines(s, argc, argv, f) != 0)
		return fail_in(f, "%s", who.name);
	return ask_helper(pamh, s, &who, f);
}

int session_open(pam_handle_t *pamh, int argc, const char **argv, struct fail *f)
{
	struct session *s = session_get(pamh);

	if (s == NULL)
		s = session_new(pamh, f);
	if (s == NULL)
		return -1;
	/* The line stands twice in the stack, and the first one has decided. */
	if (s->stage == STAGE_BOXED || s->stage == STAGE_OUTSIDE || s->stage == STAGE_PLACED)
		return 0;
	if (s->stage == STAGE_BARRED)
		return fail(f, 0, "refused already");
	s->opener = getpid();
	s->placing = placing_of(item(pamh, PAM_SERVICE));
	/* Until something better is known; a child forked at any moment must not find an open door. */
	s->stage = STAGE_REFUSED;
	if (decide(pamh, s, argc, argv, f) == 0)
		return 0;
	/* The lease goes with the rest: a box made for a refused session ends, and who is half way in with it. */
	if (s->stage != STAGE_HALFWAY)
		session_drop_fds(s);
	record_drop(&s->record);
	return -1;
}

int session_bar(pam_handle_t *pamh, struct fail *f)
{
	struct session *s = session_get(pamh);
	struct account who;
	bool known;

	if (s != NULL && s->stage == STAGE_HALFWAY)
		return fail(f, 0, "half way into the box");
	/* sshd alone goes on to serve a session, to show the message, when opening it has failed. */
	if (placing_of(item(pamh, PAM_SERVICE)) != PLACING_CHILD || (s != NULL && s->stage == STAGE_BARRED))
		return 0;
	/* Looked up while it still can be; who is unknown may miss the message, no more. */
	known = account_find(pamh, &who, f) == 0;
	if (dead_end_enter(known ? &who : NULL, f) != 0)
		return -1;
	if (s != NULL)
		s->stage = STAGE_BARRED;
	return 0;
}

/* What the host is told of the end. */
static int end_outside(struct session *s, struct fail *f)
{
	if (s->placing == PLACING_CHILD)
		return record_logout(&s->record, f) == 0 ? 0 : fail_in(f, "no logout record");
	leave_forks(s);
	return fork_outside(f);
}

void session_close(pam_handle_t *pamh, struct session *s)
{
	struct fail f = { 0 };

	/*
	 * A process that is in the box itself holds the lease until it ends, which is soon: the end of the box would
	 * kill it, and who waits for su would find that instead of the command's exit status.
	 */
	if (s->stage == STAGE_PLACED)
		return;
	if (s->stage == STAGE_BOXED && end_outside(s, &f) != 0)
		pam_syslog(pamh, LOG_WARNING, "%s", f.text);
	/* The lease is among these: with the last one of a box, its init ends it. */
	session_drop_fds(s);
	record_drop(&s->record);
	s->stage = STAGE_CLOSED;
}
