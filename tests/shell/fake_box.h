/* SPDX-License-Identifier: MIT */
/* runs as: the user, in tests. Speaks as a box does through nsbox-helper or nsbox-hop, and is none. */
#ifndef TESTS_FAKE_BOX_H
#define TESTS_FAKE_BOX_H

#include <stdbool.h>

/* Answers badly if a box of that name does. True: nothing else is to be done. */
bool fake_misbehave(int socket, const char *box);

/* Runs a command (NULL first: sh) with our environment, directory and descriptors. Returns an exit status. */
int fake_enter(int socket, char **argv, int ttys);

/* Sends an answer without descriptors. */
void fake_answer(int socket, unsigned kind, int status, const char *text);

#endif
