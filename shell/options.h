/* SPDX-License-Identifier: MIT */
/* runs as: the user. What nssh is asked for, from the words of its command line. */
#ifndef NSBOX_OPTIONS_H
#define NSBOX_OPTIONS_H

#include <stdbool.h>

#include "conf/fail.h"

enum mode {
	MODE_ENTER,
	MODE_LIST,
	MODE_STAT,
	MODE_END,
	MODE_RESET,
	MODE_CHECK,
	MODE_EDIT,
	MODE_RELOAD,
	MODE_NET_UP,
	MODE_NET_DOWN,
	MODE_GC,
	MODE_HELP,
	MODE_VERSION
};

struct request {
	enum mode mode;
	unsigned modes;       /* how many options named one */
	bool json;
	bool new;             /* -n */
	bool force;           /* -f */
	const char *user;     /* -u; NULL: not given */
	const char *word;     /* the one word that is no option: a box, or the user of --check */
	const char *end;      /* -k: a box */
	const char *reset;    /* --reset: "root" or "home" */
	const char *script;   /* -c */
	char *const *command; /* what stood after -- */
};

/*
 * Reads the command line into request, which is empty but for its mode. Fails if it is wrong; f says why, and stays
 * empty where getopt(3) has spoken already. What request points to is argv's.
 */
int options_parse(int argc, char **argv, struct request *request, struct fail *f);

#endif
