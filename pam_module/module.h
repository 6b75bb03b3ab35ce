/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and other services. What the files of the PAM module share. */
#ifndef NSBOX_PAM_MODULE_H
#define NSBOX_PAM_MODULE_H

#include <stdbool.h>
#include <security/pam_modules.h>
#include <sys/types.h>
#include <paths.h>
#include <utmpx.h>

#include "conf/fail.h"
#include "helper/wire.h"

/*
 * One login as this module sees it, kept in the PAM handle: so it is inherited over fork, and every process
 * has a copy of its own. `opener` tells them apart.
 */
enum stage {
	STAGE_MARKED,  /* the auth line is there; no session yet */
	STAGE_OUTSIDE, /* root, exempt, or not boxed by policy */
	STAGE_BOXED,   /* there is a box, and the opener's child is to be placed in it */
	STAGE_HALFWAY, /* this process was on its way into the box, and must end if it is not PLACED next */
	STAGE_PLACED,  /* this process is in the box */
	STAGE_REFUSED, /* no session */
	STAGE_BARRED,  /* no session, and the opener with all its children sits in a dead end */
	STAGE_CLOSED,  /* the session is over */
};

/* Which process of a service is placed in the box. */
enum placing {
	PLACING_NONE,    /* a service that PAM cannot place */
	PLACING_CHILD,   /* the opener's child, when it calls pam_setcred: sshd */
	PLACING_OPENER,  /* the opener itself, before pam_open_session returns: su, cron */
	PLACING_FORKED,  /* each child, as it is forked while the session is open: atd */
};

/* The host's record of a login (utmp.c). */
struct login_record {
	int run;             /* the host's directory of utmp (O_PATH), or -1 */
	int log;             /* the host's directory of wtmp (O_PATH), or -1 */
	struct utmpx entry;
};

struct session {
	pid_t opener;         /* who left the mark; once a session was asked for, who asked */
	enum stage stage;
	enum placing placing;
	bool marked;          /* the auth line was run, before the session line */
	bool bad_auth_line;   /* the auth line has an argument nobody knows */
	enum filter filter;   /* of whoever is placed */
	int fds[WIRE_FDS];    /* by enum open_fd; -1 where nothing is open */
	struct login_record record;
};

/* session.c. session_get: NULL when nobody left a mark. */
struct session *session_get(pam_handle_t *pamh);
int session_mark(pam_handle_t *pamh, int argc, const char **argv, struct fail *f);
int session_open(pam_handle_t *pamh, int argc, const char **argv, struct fail *f);
/* After a refusal: puts sshd in the dead end. On -1 the process must end: it is half way there, or into a box. */
int session_bar(pam_handle_t *pamh, struct fail *f);
void session_close(pam_handle_t *pamh, struct session *s);
void session_drop_fds(struct session *s);

/* place.c: what a child of the opener does in pam_setcred. After -1 the caller must end the process. */
int place_child(pam_handle_t *pamh, struct session *s, int argc, const char **argv, struct fail *f);
/* Places the calling process. After -1 it must end. */
int place(struct session *s, struct fail *f);

/* service.c: services other than sshd, whose own processes are placed. */
enum placing placing_of(const char *service);
/* The calling process, for as long as it lives: it holds the lease until its end. After -1 it must end. */
int place_opener(struct session *s, struct fail *f);
/* From now on, or no more, what the calling process forks begins in the box's PID namespace. */
int fork_inside(const struct session *s, struct fail *f);
int fork_outside(struct fail *f);
/* A process that was just forked. After -1 it must end. */
int place_forked(struct session *s, struct fail *f);

/* entry.c: from now on, or no more, each forked process is placed before fork(3) returns in it, or ended. */
int place_at_fork(pam_handle_t *pamh, struct session *s, struct fail *f);
void leave_forks(const struct session *s);

/*
 * tiocsti.c: denies the calling process, which has no_new_privs, and all it starts to type into a terminal. It is for
 * those that bring a terminal of the host's into a box.
 */
int tiocsti_deny(struct fail *f);

/* exempt.c */
struct account {
	const char *name; /* PAM's */
	uid_t uid;
	gid_t gid;
};

/* The user of this PAM transaction. Not found and could-not-look-up both fail, with different words. */
int account_find(pam_handle_t *pamh, struct account *who, struct fail *f);

/*
 * Fills who and says: 1: never boxed (root, or in a group of an exempt=GROUP); 0: not exempt; -1: could not be found
 * out. Warns of groups that do not exist.
 */
int exempt_check(pam_handle_t *pamh, struct account *who, int argc, const char **argv, struct fail *f);

/* The first argument that is not exempt=GROUP, or NULL. */
const char *exempt_unknown_argument(int argc, const char **argv);

/*
 * helper_run.c: runs `nsbox-helper open USER SERVICE RHOST` to its end, 12 s at most, and receives its answer;
 * the descriptors are the caller's.
 */
int helper_open(const char *user, const char *service, const char *rhost, struct answer *a, int fds[WIRE_FDS],
		struct fail *f);

/*
 * terminal.c: gives the calling process a private mount namespace with the box's devpts, utmp and wtmp in place of
 * the host's.
 */
int terminal_enter(const int fds[WIRE_FDS], struct fail *f);

/*
 * deadend.c: puts the calling process where no file, no network and no process of the host's can be reached
 * by name: it can only say goodbye to who (NULL: nobody knows who that is). After -1 it may be half way
 * there and must end.
 */
int dead_end_enter(const struct account *who, struct fail *f);

/* utmp.c. record_prepare is called before terminal_enter, so that the host's files stay reachable. */
void record_prepare(struct login_record *r);
int record_login(struct login_record *r, const char *box, const char *user, const char *rhost, struct fail *f);
int record_logout(struct login_record *r, struct fail *f);
void record_drop(struct login_record *r);

#endif
