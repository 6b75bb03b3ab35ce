/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and other services. The PAM entry points; the only file that ends a process. */
#include <pthread.h>
#include <security/pam_ext.h>
#include <syslog.h>
#include <unistd.h>

#include "pam_module/module.h"

/* What sshd itself exits with when the session could not be opened. */
enum { EXIT_REFUSED = 254 };

#define SORRY "Your session could not be set up; please tell the administrator."

/* Whose forks are placed: all that a handler of pthread_atfork(3), which has no argument, can know. */
static struct {
	pam_handle_t *pamh;
	struct session *session;
} forking;

static void just_forked(void)
{
	struct session *s = forking.session;
	struct fail f = { 0 };

	/* What it forks itself is in the box with it. */
	forking.session = NULL;
	if (s == NULL || place_forked(s, &f) == 0)
		return;
	pam_syslog(forking.pamh, LOG_ERR, "session ended before it began: %s", f.text);
	_exit(EXIT_REFUSED);
}

int place_at_fork(pam_handle_t *pamh, struct session *s, struct fail *f)
{
	int error = pthread_atfork(NULL, NULL, just_forked);

	if (error != 0)
		return fail(f, error, "prepare for fork");
	forking.pamh = pamh;
	forking.session = s;
	return 0;
}

void leave_forks(const struct session *s)
{
	if (forking.session == s)
		forking.session = NULL;
}

/* Never authenticates anybody; the auth line is there for pam_sm_setcred. */
int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}

/*
 * Called twice by sshd: in the monitor, before the session is opened (that leaves the mark), and in the child that
 * serves the session, before it becomes the user (that one is placed in the box). With public keys sshd goes
 * on when this fails in the child, so that a failure there ends the process.
 */
int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct fail f = { 0 };
	struct session *s;

	if ((unsigned)flags & PAM_DELETE_CRED)
		return PAM_SUCCESS;
	if ((unsigned)flags & PAM_REFRESH_CRED)
		return PAM_IGNORE;
	s = session_get(pamh);
	if (s == NULL) {
		if (session_mark(pamh, argc, argv, &f) == 0)
			return PAM_SUCCESS;
		pam_syslog(pamh, LOG_ERR, "%s", f.text);
		return PAM_CRED_ERR;
	}
	if (s->opener == getpid())
		return PAM_SUCCESS;
	if (place_child(pamh, s, argc, argv, &f) == 0)
		return PAM_SUCCESS;
	pam_syslog(pamh, LOG_ERR, "session ended before it began: %s", f.text);
	_exit(EXIT_REFUSED);
}

int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct fail f = { 0 };

	if (session_open(pamh, argc, argv, &f) == 0)
		return PAM_SUCCESS;
	pam_syslog(pamh, LOG_ERR, "session refused: %s", f.text);
	if (!((unsigned)flags & PAM_SILENT))
		(void)pam_error(pamh, "%s", f.plain[0] != '\0' ? f.plain : SORRY);
	if (session_bar(pamh, &f) == 0)
		return PAM_SESSION_ERR;
	pam_syslog(pamh, LOG_ERR, "ended: %s", f.text);
	_exit(EXIT_REFUSED);
}

int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct session *s = session_get(pamh);

	(void)flags;
	(void)argc;
	(void)argv;
	/* A forked copy of the session is not the session. */
	if (s != NULL && s->opener == getpid())
		session_close(pamh, s);
	return PAM_SUCCESS;
}

int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}

int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}
