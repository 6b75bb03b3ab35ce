/* SPDX-License-Identifier: MIT */
/* runs as: the user. A command in a box takes the place of one here: from the answer to the exit status. */
#ifndef NSBOX_ATTACH_H
#define NSBOX_ATTACH_H

#include <stdbool.h>

#include "shell/nssh.h"
#include "shell/relay.h"

/* Which of 0, 1 and 2 the box's own terminal takes the place of, as helper/wire.h counts them. */
unsigned attach_ttys(void);

/* Is somebody to be told which box it came to be: on a terminal, for a shell, where no box was named? */
bool attach_tells(const struct entry *entry);

/* The command starts where we are: puts that into PWD, with symbolic links as the user's shell shows them. */
int attach_directory(struct fail *f);

/* Who was asked for a command, and what it means that they hang up unanswered: "NAME SHUT" is a sentence. */
struct server {
	const char *name;
	const char *shut;
	bool tells; /* which box it came to be is said, as nobody named it */
};

/*
 * Waits until whoever was asked over relay->socket has answered ANSWER_BOXED, and sees the command through. Signals
 * have been taken. Returns 0, or -1, also when relay->died is set, and with relay->outside for ANSWER_OUTSIDE.
 */
int attach(struct relay *relay, unsigned ttys, const struct server *whom, struct fail *f);

/*
 * What is left to do however it went, where done < 0 is a failure that f tells: puts the terminal back and closes
 * all. Returns the exit status, or ends this process by the signal that ended the command.
 */
int attach_end(struct relay *relay, int done, const struct fail *f);

#endif
