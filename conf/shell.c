/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Login shells. */
#include "conf/shell.h"

#include <string.h>

bool shell_is_nssh(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash != NULL ? slash + 1 : path, "nssh") == 0;
}
