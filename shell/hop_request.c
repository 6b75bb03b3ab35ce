/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. What is asked of another box, as helper/hop.h says it. */
#include "shell/hop_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fdpass.h"
#include "shell/attach.h"

static int put_all(int fd, char *const *texts)
{
	for (; *texts != NULL; texts++)
		if (fd_write_all(fd, *texts, strlen(*texts) + 1) < 0)
			return -1;
	return 0;
}

/* A login shell starts in the home, a command where we are. */
static const char *directory(const struct entry *entry)
{
	const char *here = entry->command[0] != NULL ? getenv("PWD") : NULL;

	return here != NULL ? here : "";
}

/* The command, the directory and the environment. Returns a memfd, read from its start, or -1. */
static int texts(const struct entry *entry, struct fail *f)
{
	OWN_FD int fd = memfd_create("nsbox-hop", MFD_CLOEXEC);
	const char *here = directory(entry);
	off_t size;

	if (fd < 0 || put_all(fd, entry->command) < 0 || fd_write_all(fd, here, strlen(here) + 1) < 0 ||
	    put_all(fd, environ) < 0)
		return fail(f, errno, "write down the command");
	size = lseek(fd, 0, SEEK_CUR);
	if (size > HOP_TEXTS_MOST)
		return fail(f, E2BIG, "command and environment");
	if (size < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return fail(f, errno, "write down the command");
	return fd_give(&fd);
}

static int fill(struct hop_request *request, const struct entry *entry, unsigned ttys, struct fail *f)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	*request = (struct hop_request){ .version = HOP_VERSION, .kind = HOP_ENTER, .ttys = ttys, .umask = mask };
	while (entry->command[request->words] != NULL)
		request->words++;
	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (getrlimit((__rlimit_resource_t)i, &request->limits[i]) < 0)
			return fail(f, errno, "get the limits");
	return 0;
}

int hop_ask_enter(int socket, const struct entry *entry, unsigned ttys, struct fail *f)
{
	struct hop_request request;
	int fds[4];
	unsigned n = 0;

	if (attach_directory(f) < 0 || fill(&request, entry, ttys, f) < 0)
		return -1;

	OWN_FD int said = texts(entry, f);

	if (said < 0)
		return -1;
	fds[n++] = said;
	for (int fd = 0; fd < 3; fd++)
		if ((ttys & 1U << fd) == 0)
			fds[n++] = fd;
	return fdpass_send(socket, &request, sizeof request, fds, n, f);
}

int hop_ask(int socket, enum hop_kind kind, struct fail *f)
{
	const struct hop_request request = { .version = HOP_VERSION, .kind = kind };

	return fdpass_send(socket, &request, sizeof request, NULL, 0, f);
}
