/* SPDX-License-Identifier: MIT */
/* runs as: the user. Is this nssh itself in a box? */
#include "shell/inside.h"

#include <fcntl.h>
#include <string.h>
#include <sys/types.h>

#include "conf/fd.h"

int inside_refuse(struct fail *f)
{
	char name[64];
	/* Only in a box is there such a file; NSBOX in the environment proves nothing. */
	OWN_FD int fd = open("/run/nsbox/name", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : fd_read_text(fd, name, sizeof name);

	if (n < 0)
		return 0;
	name[strcspn(name, "\n")] = '\0';
	return fail(f, 0, "this is already box %s, and no set-user-ID program works in a box; log in again, or call"
		    " nssh on the host", name);
}
