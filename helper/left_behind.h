/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. Variables that mean nothing in the box that a command goes to. */
#ifndef NSBOX_LEFT_BEHIND_H
#define NSBOX_LEFT_BEHIND_H

/*
 * Takes out of environ what names a terminal, a multiplexer or a bus of the place that the environment comes from,
 * be that the host or another box: their sockets are in directories of which each box has its own.
 */
void left_behind(void);

#endif
