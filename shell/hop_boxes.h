/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. The live boxes of its owner, seen from within one of them. */
#ifndef NSBOX_HOP_BOXES_H
#define NSBOX_HOP_BOXES_H

#include "helper/wire.h"
#include "shell/rows.h"

/*
 * Connects to a box, without ever waiting. Returns the socket, or -1; f->code: ESRCH, there is no such live box;
 * EAGAIN, so many are asking it that one more cannot.
 */
int hop_connect(const char *box, struct fail *f);

/* Adds a row for each, the latest last; with asking, only for those that take a connection. Returns 0 or -1. */
int hop_boxes(struct rows *rows, bool asking, struct fail *f);

/* Connects to the latest but own, and puts its name into box. Returns the socket, or -1. */
int hop_latest(const char *own, char box[WIRE_BOX], struct fail *f);

#endif
