/* SPDX-License-Identifier: MIT */
/* runs as: the user. What nssh can be asked for. */
#ifndef NSBOX_NSSH_H
#define NSBOX_NSSH_H

#include <stdbool.h>

#include "conf/fail.h"

/*
 * nssh's own exit statuses, and one that is none; any other is the command's. 126 and 127 come from the box, as
 * env(1) gives them.
 */
enum { NSSH_OUTSIDE = -1, NSSH_FOUND = 1, NSSH_FAILED = 125 };

struct entry {
	const char *user;      /* "-": the caller */
	const char *box;       /* or one of the signs of helper/wire.h */
	char *const *command;  /* ends with NULL; empty: the login shell */
	const char *inside;    /* the box we are in ourselves, so that it takes a hop; NULL: none */
	bool other;            /* user is somebody else: no descriptor of ours goes into the box */
	bool login;            /* where by policy there is no box, enter returns NSSH_OUTSIDE and says nothing */
};

/* Each does what it says and returns the exit status. */
int enter(const struct entry *entry);
int list_boxes(const char *user, bool json);
int show_stat(const char *user, bool json);
int reload_limits(void);
int net_up(void);
int net_down(void);
int collect_garbage(const char *user);
int end_box(const char *user, const char *box);
int reset(const char *user, const char *what);
int check_host(void);
int check_user(const char *name);
int edit_conf(void);

/* What --help shows. */
extern const char help_text[];

/* "nssh: ..." on standard error, with control bytes escaped. Returns NSSH_FAILED. */
int complain(const struct fail *f);

/* Prints what is known to be safe for a terminal on standard output. Returns the exit status. */
int tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
