/* SPDX-License-Identifier: MIT */
/* runs as: the user. The outer terminal: raw while we relay, and as it was afterwards. */
#ifndef NSBOX_TERMINAL_H
#define NSBOX_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct terminal {
	int fd;      /* one of 0, 1 and 2, the user's; -1: there is none */
	bool typed;  /* it is standard input, so it is ours to make raw */
	bool raw;
	bool known;  /* before is set */
	struct termios before;
};

/* Finds the terminal of the descriptors named by ttys (1, 2, 4 as in wire.h). */
void terminal_find(struct terminal *terminal, unsigned ttys);

/* Gives the box's terminal the outer one's settings and size. */
void terminal_copy(const struct terminal *terminal, int master);
void terminal_resize(const struct terminal *terminal, int master);

/*
 * Makes it raw if it is standard input and we are in the foreground: a job in the background must not
 * touch a terminal others use. Call again later when it has not become raw.
 */
void terminal_make_raw(struct terminal *terminal);

/* Puts it back as it was. */
void terminal_restore(struct terminal *terminal);

#endif
