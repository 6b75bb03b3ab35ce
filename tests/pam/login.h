/* SPDX-License-Identifier: MIT */
/* runs as: root. Logs in the way sshd does, in a process of its own, and tells what was seen. */
#ifndef NSBOX_TESTS_LOGIN_H
#define NSBOX_TESTS_LOGIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"

struct seen;

/* The lines of a PAM file (NSBOX: the module), and what the login is like. */
struct login {
	const char *auth;
	const char *session;
	const char *service;     /* NULL: sshd */
	const char *user;        /* NULL: ada */
	const char *rhost;       /* tells the fake helper what to do; NULL: "outside" */
	bool password;           /* pam_authenticate too, as with a password; otherwise as with a public key */
	bool session_first;      /* a service that opens the session before it establishes credentials */
	int credentials;         /* what the child asks of pam_setcred; 0: PAM_ESTABLISH_CRED */
	void (*monitor)(struct seen *);         /* what the monitor does with the session open, before it forks */
	void (*child)(struct seen *);           /* what the child does; it survived if this returns */
	void (*meanwhile)(struct seen *, int child); /* what the test does while the child runs; ends when it has ended */
	void (*after)(struct seen *);           /* what the monitor does after closing */
};

/* Shared by the test and all processes of the login. */
struct seen {
	int authenticated, credentials, opened, closed; /* PAM's return values */
	int child;           /* the child's wait status */
	bool monitor_ended;  /* the monitor came to the end of its story */
	int fds;             /* how many descriptors the login began with */
	int step;            /* for the hooks to talk to each other */
	char log[4096];      /* what the module logged, a line each */
	char ports[256];     /* $NSBOX_PORTS, empty when it is not set */
	char told[1024];     /* what the user was told */
	char failed[512];    /* the first check in a hook that failed; empty when all is well */
};

enum { CHILD_SURVIVED = 7 };

/* Clears *seen and fills it. Fails the test when the login takes longer than 20 s. */
void log_in(const struct login *how, struct seen *seen);

/* For hooks: notes the first check that failed. */
#define CHECK(seen, what) check(seen, what, #what)
void check(struct seen *seen, bool holds, const char *what);

struct seen *new_seen(void);

/* stacks.c: a host of our own. Enters a mount namespace where /run, /var/log, passwd and group are the test's. */
int own_host(struct fail *f);
const char *stacks_directory(void);
int write_stacks(const struct login *how, struct fail *f);
int put_helper(unsigned mode, unsigned owner, struct fail *f);
void remove_helper(void);

/* children.c: descriptors above 2, and hooks. */
int count_fds(void);
pid_t fake_init(void);
void process_is_in_the_box(struct seen *seen);
void child_is_in_the_box(struct seen *seen);
void child_has_the_filter(struct seen *seen);
void child_waits(struct seen *seen);
void init_dies(struct seen *seen, int child);
void init_is_killed(struct seen *seen);
void monitor_has_the_terminals(struct seen *seen);
void host_lists_the_login(struct seen *seen, int child);
void host_lists_the_logout(struct seen *seen);
void box_ends(struct seen *seen);
void child_is_in_the_dead_end(struct seen *seen);
void child_sees_the_host(struct seen *seen);

/* services.c: hooks for services other than sshd. */
void opener_is_in_the_box(struct seen *seen);
void opener_s_child_is_in_the_box(struct seen *seen);
void opener_closed_in_the_box(struct seen *seen);
void opener_stays_outside(struct seen *seen);
void forked_child_is_in_the_box(struct seen *seen);
void forks_are_outside_again(struct seen *seen);
void cgroup_is_lost(struct seen *seen);

#endif
