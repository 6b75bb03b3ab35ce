/* SPDX-License-Identifier: MIT */
/* runs as: the user. Is this nssh itself in a box? */
#ifndef NSBOX_INSIDE_BOX_H
#define NSBOX_INSIDE_BOX_H

#include "conf/fail.h"

/* Fails, with a sentence that says what to do, if this process is in a box: nothing there can call the helper. */
int inside_refuse(struct fail *f);

#endif
