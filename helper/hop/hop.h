/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. The parts of nsbox-hop. */
#ifndef NSBOX_HOP_HOP_H
#define NSBOX_HOP_HOP_H

#include <stddef.h>

#include "conf/fail.h"
#include "helper/hop.h"

/* The box as init's words have it. */
struct box {
	const char *name, *shell, *home, *user;
};

/* What is asked. The texts lie in one piece of memory. */
struct asked {
	struct hop_request request;
	char *texts;
	char **words;       /* of the command; NULL at the end, and nothing before it for the login shell */
	const char *directory;
	char **environment; /* NULL at the end; whatever the asking side wrote */
	int stdio[3];       /* -1 where the terminal goes */
};

#define ASKED_EMPTY { .stdio = { -1, -1, -1 } }

/* request.c: waits for the request and checks it. */
int asked_receive(struct asked *asked, struct fail *f);
void asked_cleanup(struct asked *asked);

/* environment.c: sets environ to that of the command. */
int environment_set(const struct asked *asked, const struct box *box, struct fail *f);

/* command.c: waits for a byte on start and becomes the command. slave is its terminal, or -1. */
void command_run(const struct asked *asked, const struct box *box, int slave, int start) __attribute__((noreturn));

/*
 * enter.c: starts the command and stays with it until it has ended, or the asking side is gone. Returns 0 when all
 * has been answered that there was to answer.
 */
int enter_run(struct asked *asked, const struct box *box, struct fail *f);

/* enter.c: tells nsbox-sweep (helper/init/sweep.h). Fails when it does not listen. */
int news_send(char what, struct fail *f);

/* main.c: answers; fds is NULL where there are none. */
int answer(enum answer_kind kind, int status, const struct box *box, const int *fds, unsigned n, struct fail *f);

#endif
