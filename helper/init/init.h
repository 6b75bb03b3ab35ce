/* SPDX-License-Identifier: MIT */
/* runs as: root; pid 1 of a box. The descriptors that nsbox-init inherits, by their numbers. */
#ifndef NSBOX_INIT_INIT_H
#define NSBOX_INIT_INIT_H

#include <signal.h>

/* 0-2 are /dev/null; nothing else is open. */
enum {
	INIT_LEASE = 3,   /* read end: end-of-file when nobody needs the box any more */
	INIT_TETHER = 4,  /* write end, never written: closes with init, which ends the tethered processes */
	INIT_SYNC = 5,    /* stream socket to the builder: 'r' to it, 'g' from it; closed after that */
	INIT_HOPS = 6,    /* listening socket of helper/hop.h */
	INIT_NEWS = 7,    /* write end of a pipe to nsbox-sweep: bytes of enum sweep_news (helper/init/sweep.h) */
	INIT_PROGRAM = 8, /* nsbox-hop, to be executed for each who connects */
};

/* The helper's answers to NEWS_ALONE: whether hops hold the box, as the owner is logged in somewhere, or do not. */
enum { INIT_HOPS_HOLD = SIGUSR2, INIT_HOPS_DO_NOT_HOLD = SIGUSR1 };

#endif
