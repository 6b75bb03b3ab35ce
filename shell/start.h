/* SPDX-License-Identifier: MIT */
/* runs as: the user. Starts nsbox-helper. */
#ifndef NSBOX_START_H
#define NSBOX_START_H

#include <sys/types.h>

#include "conf/fail.h"
#include "shell/signals.h"

struct start {
	char *const *argv;             /* the helper's, argv[0] included */
	int stdio[3];                  /* what its 0, 1 and 2 are; -1: ours */
	int wire;                      /* what its WIRE_FD is; -1: nothing */
	const struct signals *signals; /* taken signals to give back in it; NULL: none were taken */
};

/* Starts the helper; returns its pid, or -1. Nothing of ours but stdio and wire is left open in it. */
pid_t start_helper(const struct start *start, struct fail *f);

enum { START_WORDS = 3 };

/*
 * Starts it for a request of so many words, or fewer and a NULL, with out as its standard output (-1: ours). Returns
 * its pid, or -1.
 */
pid_t start_request(const char *const words[START_WORDS], int out, struct fail *f);

/* Waits for it. Returns its exit status; or says that a signal ended it, and returns 125. */
int start_wait(pid_t pid);

#endif
