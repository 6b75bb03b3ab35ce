/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. What is asked of another box, as helper/hop.h says it. */
#ifndef NSBOX_HOP_REQUEST_H
#define NSBOX_HOP_REQUEST_H

#include "helper/hop.h"
#include "shell/nssh.h"

/* HOP_ENTER: the command of entry, with our limits, umask, environment, directory and what of 0-2 is no terminal. */
int hop_ask_enter(int socket, const struct entry *entry, unsigned ttys, struct fail *f);

/* The others. */
int hop_ask(int socket, enum hop_kind kind, struct fail *f);

#endif
