/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. What nssh does there, by the owner's other boxes themselves. */
#ifndef NSBOX_SHELL_HOP_H
#define NSBOX_SHELL_HOP_H

#include <stdbool.h>

#include "shell/nssh.h"

/* As enter, list_boxes and end_box do on the host; own is the box we are in. Each returns the exit status. */
int hop(const struct entry *entry);
int hop_list(const char *own, bool json);
int hop_end(const char *box);

/* Has the home begin anew once no box is left. */
int hop_reset_home(const char *own);

#endif
