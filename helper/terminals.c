/* SPDX-License-Identifier: MIT */
/* runs as: root. A line on all terminals of a live box. */
#include "helper/terminals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/visit.h"

enum { NUMBER_MOST = 1 << 20 }; /* the kernel's own bound, NR_UNIX98_PTY_MAX */

struct notice {
	const struct record *record;
	const char *text;
};

static bool is_owners(int fd, const struct record *record)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_dev == record->devpts &&
	       st.st_uid == record->owner.uid;
}

/* O_NONBLOCK: a terminal stopped with ^S, or with another writer waiting in it, gives EAGAIN. */
static void write_one(int pts, const char *name, const struct notice *notice)
{
	OWN_FD int fd = openat(pts, name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	char line[512];

	(void)snprintf(line, sizeof line, "\r\n%s\r\n", notice->text);
	if (fd >= 0 && is_owners(fd, notice->record))
		(void)!write(fd, line, strlen(line));
}

static int write_all(void *context, int fds[VISIT_FDS], unsigned *n, struct fail *f)
{
	const struct notice *notice = context;
	int pts = open("/dev/pts", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = pts < 0 ? NULL : fdopendir(pts);
	struct statfs fs;
	struct stat st;

	(void)fds;
	(void)n;
	if (list == NULL || fstatfs(pts, &fs) != 0 || fstat(pts, &st) != 0)
		return fail(f, errno, "open /dev/pts of box %s", notice->record->box);
	if (fs.f_type != DEVPTS_SUPER_MAGIC || st.st_dev != notice->record->devpts)
		return fail(f, EPERM, "/dev/pts of box %s is not what it was", notice->record->box);
	for (const struct dirent *d; (d = readdir(list)) != NULL;) {
		uint64_t number;

		if (field_number(d->d_name, NUMBER_MOST, &number) == 0)
			write_one(pts, d->d_name, notice);
	}
	return closedir(list); /* the visitor ends now, whatever was left open */
}

int terminals_tell(int pidfd, const struct record *record, const char *text, int64_t deadline, struct fail *f)
{
	struct notice notice = { .record = record, .text = text };

	if (visit(pidfd, write_all, &notice, deadline, NULL, 0, f) < 0)
		return fail_in(f, "tell box %s", record->box);
	return 0;
}
