/* SPDX-License-Identifier: MIT */
/* runs as: the user. Before the root or the home of boxes begins anew. */
#ifndef NSBOX_RESET_H
#define NSBOX_RESET_H

#include "shell/options.h"

/*
 * Asks on the terminal whether that is meant, unless forced. Returns 1 for yes, 0 for no, or -1 if there is nobody to
 * ask.
 */
int reset_confirm(const struct request *request, struct fail *f);

#endif
