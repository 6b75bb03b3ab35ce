/* SPDX-License-Identifier: MIT */
/* runs as: root. Opening a box: from a user's name to a living init, or to the box they are in already. */
#ifndef NSBOX_OPEN_H
#define NSBOX_OPEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"
#include "helper/owner.h"
#include "helper/wire.h"

struct request {
	const char *service; /* the PAM service, or "nssh", which no policy has to name */
	const char *from;    /* the remote host, "-" if there is none */
	pid_t login;         /* the process whose life is that of the login */
	bool fresh;          /* not the box that others share */
};

/* The box, its fds in the order of enum open_fd. */
struct opened {
	char box[WIRE_BOX];
	char address[WIRE_ADDRESS]; /* as in struct record */
	char ports[WIRE_PORTS]; /* as in struct answer */
	uint32_t filter;        /* as in struct answer */
	unsigned number;
	int fds[WIRE_FDS];
	int news; /* of a box that was created: what its init has to say, for nsbox-sweep */
	unsigned count;
	bool created; /* false: an existing box was joined */
};

/*
 * The whole story, within 10 s. Returns 1 with a box, 0 when by policy this login is not boxed, -1 on failure,
 * and then nothing is left behind.
 */
int open_box(const struct owner *owner, const struct request *request, struct opened *opened, struct fail *f);

/* Closes what the caller has not taken out of it. */
void opened_close(struct opened *opened);

#endif
