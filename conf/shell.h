/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Login shells. */
#ifndef NSBOX_SHELL_H
#define NSBOX_SHELL_H

#include <stdbool.h>

/*
 * Is this path of a login shell nssh, wherever it is installed? As such it leads into a box, and is no shell there.
 */
bool shell_is_nssh(const char *path);

#endif
