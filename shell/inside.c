/* SPDX-License-Identifier: MIT */
/* runs as: the user. Is this nssh itself in a box, and what can it do there? */
#include "shell/inside.h"

#include <fcntl.h>
#include <string.h>
#include <sys/types.h>

#include "conf/fd.h"
#include "places.h"

bool inside(char box[WIRE_BOX])
{
	/* Only in a box is there such a file; NSBOX in the environment proves nothing. */
	OWN_FD int fd = open(NSBOX_INSIDE "/name", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, box, WIRE_BOX) < 0)
		return false;
	box[strcspn(box, "\n")] = '\0';
	return true;
}

/* What takes the helper, which no box can call: no set-user-ID program works in one. NULL: not this. */
static const char *needs_host(const struct request *request)
{
	switch (request->mode) {
	case MODE_ENTER:
		return request->new ? "a new box is made on the host, by a new login or by nssh there" : NULL;
	case MODE_RESET:
		return strcmp(request->reset, "root") == 0
		       ? "the root of your boxes begins anew by a call on the host" : NULL;
	case MODE_STAT:
	case MODE_RELOAD:
	case MODE_NET_UP:
	case MODE_NET_DOWN:
	case MODE_GC:
		return "that has to be called on the host";
	case MODE_LIST:
	case MODE_END:
	case MODE_CHECK:
	case MODE_EDIT:
	case MODE_HELP:
	case MODE_VERSION:
		break;
	}
	return NULL;
}

int inside_refuse(const struct request *request, const char *box, struct fail *f)
{
	const char *why = request->user != NULL ? "-u is for root on the host" : needs_host(request);

	return why != NULL ? fail(f, 0, "this is box %s; %s", box, why) : 0;
}
