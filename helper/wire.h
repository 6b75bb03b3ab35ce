/* SPDX-License-Identifier: MIT */
/* runs as: anyone. What nsbox-helper answers, and over which descriptors: its public face. */
#ifndef NSBOX_WIRE_H
#define NSBOX_WIRE_H

#include <stdint.h>

#include "conf/fail.h"
#include "helper/filter.h"

/*
 * Requests are words on the command line, so that `ps` and the log show them; the caller's identity comes
 * from the kernel (the real uid), never from a word:
 *
 *   nsbox-helper open USER SERVICE RHOST       root: create or join USER's box for a login by SERVICE
 *   nsbox-helper enter USER BOX TTYS [CMD...]  run CMD (or the login shell) in a box and wait for it
 *   nsbox-helper list USER                     one line a live box on standard output
 *   nsbox-helper stat USER                     one line a live box, and one its user, with what they use and may use
 *   nsbox-helper end USER BOX                  ask a box to end, and see that it does
 *   nsbox-helper reset USER home               begin the home of the boxes anew; what it held is kept aside until the
 *                                              next time
 *   nsbox-helper gc USER                       collect what dead boxes left
 *   nsbox-helper reload                        root: the limits of nsbox.conf, for live boxes too
 *   nsbox-helper net-up                        root: the bridge and the rules of network = nat, made or made anew
 *   nsbox-helper net-down                      root: removes them
 *   nsbox-helper start                         root, by systemd: take over the cgroup of nsbox.service
 *   nsbox-helper tell UID NUMBER               root, by nsbox-sweep: say in a box which limit ended something
 *   nsbox-helper news UID NUMBER HOPS RESET ALONE  root, by nsbox-sweep: how many hops there were into a box
 *                                              (decimal), whether its owner asked in it for a new home, and whether
 *                                              init asks if the owner is logged in anywhere (0 or 1)
 *   nsbox-helper outside UID                   root, by systemd: may the user manager run on the host? 0 yes, 1 no
 *   nsbox-helper backend                       one line: which control groups boxes live in, and what they lack
 *
 * USER "-" is the caller (for list, stat and gc of root: everybody); only root may name another, and for gc by the
 * uid in digits too, as nsbox-sweep does, which knows no names. UID is always in digits. For enter BOX
 * may be one of three signs besides a name: "-" is the latest live box, or a new one; "+" is what a login gets by
 * policy, a new box or with scope = user the one there is; "=" is a new box, which is refused where scope = user and
 * there is one. TTYS is one digit, the sum of 1, 2 and 4 for each of the descriptors 0, 1
 * and 2 that is to be the box's own terminal instead of the caller's descriptor.
 *
 * The variables of the command's environment come with a plus sign in front of their names ("+TMPDIR=/x"):
 * under their own the dynamic loader would take some of them away from a set-user-ID program (ld.so(8)).
 * Variables without it are ignored.
 *
 * open and enter are answered on descriptor WIRE_FD, one end of a SOCK_SEQPACKET socketpair, with one
 * struct answer a message and its descriptors as one SCM_RIGHTS message. The helper closes every other
 * descriptor above 2.
 *
 * enter answers ANSWER_BOXED once the box is there (its only descriptors: PIDFD, of the command, and with
 * TTYS not 0 then PTY, the master side), waits with a terminal for the byte WIRE_START (so that the caller can
 * set the window size first), and at last sends ANSWER_ENDED with the wait status.
 */
enum { WIRE_FD = 3, WIRE_VERSION = 4, WIRE_START = 'g' };

enum answer_kind {
	ANSWER_BOXED = 1,   /* the box is there; descriptors follow */
	ANSWER_OUTSIDE = 2, /* by policy this login is not boxed */
	ANSWER_REFUSED = 3, /* no box, and no login without one; text says why */
	ANSWER_ENDED = 4,   /* enter only: the command ended with .status */
};

/* The descriptors of an answer to open, in this order. */
enum open_fd {
	OPEN_PIDFD,  /* of the box's init */
	OPEN_LEASE,  /* write end: the box lives while somebody holds one */
	OPEN_TETHER, /* read end: end-of-file when init is gone */
	OPEN_DEVPTS, /* a detached mount of the box's devpts */
	OPEN_UTMP,   /* a detached mount of the box's utmp file */
	OPEN_WTMP,   /* a detached mount of the box's wtmp file */
	OPEN_CGROUP, /* where a process writes "0" to enter the box's cgroup; one for each hierarchy, at least one */
};

enum enter_fd { ENTER_PIDFD, ENTER_PTY };

enum { WIRE_CGROUPS = 5, WIRE_FDS = OPEN_CGROUP + WIRE_CGROUPS, WIRE_BOX = 48, WIRE_ADDRESS = 64, WIRE_PORTS = 256 };

struct answer {
	uint32_t version;    /* WIRE_VERSION */
	uint32_t kind;       /* enum answer_kind */
	uint32_t fds;        /* how many descriptors come with it */
	uint32_t filter;     /* open: enum filter, for what is placed in the box */
	int32_t status;      /* ANSWER_ENDED: as waitpid(2) gives it */
	char box[WIRE_BOX];  /* the box's name, "ada-1" */
	char ports[WIRE_PORTS]; /* open: the host's that lead into the box, as $NSBOX_PORTS shows them; "" if none */
	char text[256];      /* ANSWER_REFUSED: a plain sentence for the user */
};

/* Sends a with its a->fds descriptors, which stay the caller's. Returns 0 or -1. */
int wire_send(int socket, const struct answer *a, const int *fds, struct fail *f);

/*
 * Waits until deadline (clock_ms) for one answer and checks it: version, kind, number of descriptors,
 * terminated text. On success a->fds entries of fds (room for WIRE_FDS) are the caller's, close-on-exec,
 * and the rest are -1. On failure nothing is left open. f->code is ETIMEDOUT when the deadline passed, EPIPE when the
 * other end is gone.
 */
int wire_receive(int socket, int64_t deadline, struct answer *a, int fds[WIRE_FDS], struct fail *f);

/*
 * Waits for WIRE_START, ten seconds at most: who asked sets the window size of a new terminal before the command can
 * ask for it.
 */
int wire_wait_start(int socket, struct fail *f);

#endif
