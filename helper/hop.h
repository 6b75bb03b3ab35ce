/* SPDX-License-Identifier: MIT */
/* runs as: the user. What nssh in one box asks of another box of the same owner, and over which socket. */
#ifndef NSBOX_HOP_H
#define NSBOX_HOP_H

#include <stdint.h>
#include <sys/resource.h>

#include "helper/wire.h"
#include "places.h"

/*
 * Each box has a SOCK_SEQPACKET socket HOP_DIR/BOX, on which its init listens, and beside it BOX.info, a line like
 * those of `nsbox-helper list` without what has to be measured. Init lets in its owner alone (SO_PEERCRED), up to
 * HOPS_MOST at a time, and executes nsbox-hop for each: with the connection on descriptor HOP_SOCKET and INIT_NEWS on
 * HOP_NEWS, and the words
 *
 *   nsbox-hop BOX SHELL HOME USER
 *
 * The ports that lead into the box are in its BOX.info.
 *
 * The first message is a struct hop_request with descriptors: for HOP_ENTER a memfd with texts (each ends with a NUL:
 * .words words of the command, none for the login shell; the directory to start in, "" for none; the environment,
 * to the end), and then those of the descriptors 0, 1 and 2 that are no terminal (.ttys, as in helper/wire.h); for
 * the others none.
 *
 * Answers are those to enter in helper/wire.h, down to WIRE_START, WIRE_FDS and ANSWER_ENDED; the pidfd is good for
 * poll(2) only, as pidfd_send_signal(2) does not reach into another PID namespace. For signals the asking side sends
 * a struct hop_signal instead. End-of-file from it is a hang-up. HOP_END is answered with ANSWER_ENDED before the box
 * begins to end, and the end of the socket is the end of the box; HOP_RESET_HOME with ANSWER_ENDED.
 */
#define HOP_DIR NSBOX_INSIDE "/boxes"

enum { HOP_VERSION = 1, HOP_SOCKET = 3, HOP_NEWS = 4, HOPS_MOST = 128, HOP_TEXTS_MOST = 4 << 20 };

enum hop_kind { HOP_ENTER = 'e', HOP_END = 'k', HOP_RESET_HOME = 'r' };

struct hop_request {
	uint32_t version; /* HOP_VERSION */
	uint32_t kind;    /* enum hop_kind */
	uint32_t ttys;
	uint32_t umask;
	uint32_t words;
	uint32_t spare;   /* 0 */
	struct rlimit limits[RLIM_NLIMITS]; /* those of the asking side; more than the box's own cannot be had */
};

struct hop_signal {
	uint32_t number;
	uint32_t typed; /* 1: for the whole foreground of the terminal, or the command's process group */
};

#endif
