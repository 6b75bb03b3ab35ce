/* SPDX-License-Identifier: MIT */
/* runs as: root. Who is logged in to a box from outside: /run/nsbox/UID/N.logins, beside the record N. */
#ifndef NSBOX_LOGINS_H
#define NSBOX_LOGINS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"

/* One line of the file: "PID START AT SERVICE FROM". */
struct login {
	pid_t pid;        /* sshd's monitor, su, cron, or the helper that waits for what nssh runs */
	uint64_t start;   /* of that process: another one with its pid is another login */
	uint64_t at;      /* seconds since the epoch */
	char service[32];
	char from[256];   /* the remote host, "-" if there is none */
};

/* For people to read; nothing is decided by it. */
struct logins {
	unsigned count;      /* of those whose process lives */
	struct login newest; /* of them, if there are any */
};

/*
 * Notes that the process pid is logged in now, and forgets the logins that have ended; first: the box is new. Only
 * for a box that has a record: ENOENT.
 */
int logins_add(int proc, int run, unsigned number, pid_t pid, const char *service, const char *from, bool first,
	       struct fail *f);

/* What of the file still holds; ENOENT in f->code when there is none. */
int logins_read(int proc, int run, unsigned number, struct logins *logins, struct fail *f);

/* Done by record_remove. */
void logins_remove(int run, unsigned number);

#endif
