/* SPDX-License-Identifier: MIT */
/* runs as: the owner. Whether somebody may listen on ports, and nobody does. */
#ifndef NSBOX_PORTS_FREE_H
#define NSBOX_PORTS_FREE_H

#include "conf/fail.h"

/*
 * Can the caller listen on each of these ports ("20000-20009,8080"), with TCP and UDP, on all addresses? pasta says
 * so only if it gets none of them, or says nothing at all about UDP ports that another pasta has. f->code is
 * EADDRINUSE, or EACCES for a port below 1024.
 */
int ports_free(const char *ports, struct fail *f);

#endif
