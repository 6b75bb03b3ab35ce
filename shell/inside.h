/* SPDX-License-Identifier: MIT */
/* runs as: the user. Is this nssh itself in a box, and what can it do there? */
#ifndef NSBOX_INSIDE_BOX_H
#define NSBOX_INSIDE_BOX_H

#include <stdbool.h>

#include "conf/fail.h"
#include "helper/wire.h"
#include "shell/options.h"

/* Are we in a box? Then its name is put into box. */
bool inside(char box[WIRE_BOX]);

/* Fails, with a sentence that says what to do, if request is one that box can do nothing about: only the host can. */
int inside_refuse(const struct request *request, const char *box, struct fail *f);

#endif
