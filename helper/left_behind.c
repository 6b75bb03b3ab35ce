/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. Variables that mean nothing in the box that a command goes to. */
#include "helper/left_behind.h"

#include <stddef.h>
#include <stdlib.h>

static const char *const names[] = { "TMUX", "TMUX_PANE", "STY", "WINDOW", "SSH_TTY", "DBUS_SESSION_BUS_ADDRESS" };

void left_behind(void)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)unsetenv(names[i]); /* fails for what is no name only */
}
