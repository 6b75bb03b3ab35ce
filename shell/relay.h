/* SPDX-License-Identifier: MIT */
/* runs as: the user. Stands between the outer terminal, or root's pipes, and a command in a box. */
#ifndef NSBOX_RELAY_H
#define NSBOX_RELAY_H

#include <stdbool.h>

#include "conf/fail.h"
#include "shell/flow.h"
#include "shell/signals.h"
#include "shell/terminal.h"

enum relay_flow {
	TYPED,     /* outer terminal -> master */
	SHOWN,     /* master -> outer terminal */
	PUMPED_IN, /* our standard input -> the command's */
	PUMPED_OUT,
	PUMPED_ERR,
	RELAY_FLOWS,
};

struct relay {
	int socket;              /* to the helper, or to nsbox-hop in the other box */
	bool hop;                /* the latter */
	bool outside;            /* there is no command: by policy there is no box */
	int pidfd;               /* the command */
	int master;              /* of the box's terminal; -1: it has none */
	struct signals signals;
	struct terminal terminal;
	struct flow flows[RELAY_FLOWS];
	bool resting;            /* the master is without a slave for now: read it later */
	bool ended;              /* the command has; what it wrote is still to be passed on */
	size_t spare;            /* bytes still read after the end: what the kernel can have held, not more */
	int status;              /* then, as waitpid(2) gives it */
	int died;                /* a signal that is to end us; 0: none */
};

/* An empty one, and the end of one: closes all that it holds, in whatever state it is. */
void relay_init(struct relay *relay);
void relay_close(struct relay *relay);

/*
 * Passes on bytes, signals and the window size until the command has ended and all it wrote has arrived, or until
 * relay->died is set. Fails when the helper, or the hop, is gone before the command's end was told.
 */
int relay_run(struct relay *relay, struct fail *f);

#endif
