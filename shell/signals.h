/* SPDX-License-Identifier: MIT */
/* runs as: the user. Signals as something to read, and how to die by one. */
#ifndef NSBOX_SIGNALS_H
#define NSBOX_SIGNALS_H

#include <signal.h>
#include <stdnoreturn.h>
#include <sys/signalfd.h>

#include "conf/fail.h"

struct signals {
	int fd;                  /* a signalfd, non-blocking */
	sigset_t before;         /* the mask we were started with */
	struct sigaction broken; /* what SIGPIPE did */
};

/*
 * From now on every signal that can be caught and is not a fault or job control by the terminal is read from
 * signals->fd, except those we were started to ignore (nohup, a shell's background job). SIGPIPE is ignored.
 */
int signals_take(struct signals *signals, struct fail *f);

/* Puts things back as they were; for a child before exec, too. */
void signals_return(const struct signals *signals);

/* Stops this process as the terminal's suspend key would, and returns when it is continued. */
void signals_stop(void);

/* Ends this process by sig, without a core file of our own. */
noreturn void signals_die(int sig);

#endif
