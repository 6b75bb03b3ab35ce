/* SPDX-License-Identifier: MIT */
/* runs as: root. How long nothing was typed or shown on the terminals of a live box. */
#include "helper/idle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/process.h"

enum { NUMBER_MOST = 1 << 20 }; /* the kernel's own bound, NR_UNIX98_PTY_MAX */

/*
 * Looked at from outside: unlike a visitor (visit.h) this process never has the box's root as its own, so that no
 * path that somebody looks up later can lead into it; and a list of many boxes needs no process for each. What
 * openat2 finds lies in the box, behind no link, and must be the file system that the helper made and noted.
 */
static int open_terminals(int proc, int pidfd, const struct record *record, struct fail *f)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	char path[32];

	(void)snprintf(path, sizeof path, "%d/root", record->pid);

	OWN_FD int root = openat(proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	OWN_FD int pts = root < 0 ? -1 : (int)syscall(SYS_openat2, root, "dev/pts", &how, sizeof how);
	int code = errno;
	struct statfs fs;
	struct stat st;

	/* It was that init's root only if that one lives still. */
	if (process_ended(pidfd))
		return fail(f, ESRCH, "init of box %s", record->box);
	if (pts < 0)
		return fail(f, code, "open /dev/pts of box %s", record->box);
	if (fstatfs(pts, &fs) != 0 || fstat(pts, &st) != 0)
		return fail(f, errno, "look at /dev/pts of box %s", record->box);
	if (fs.f_type != DEVPTS_SUPER_MAGIC || st.st_dev != record->devpts)
		return fail(f, EPERM, "/dev/pts of box %s is not what it was", record->box);
	return fd_give(&pts);
}

/* Of two times of one terminal, the later one. */
static time_t last_used(const struct stat *st)
{
	return st->st_atim.tv_sec > st->st_mtim.tv_sec ? st->st_atim.tv_sec : st->st_mtim.tv_sec;
}

/* Nothing is opened: a terminal's times are its inode's. Returns the number of terminals, or -1. */
static int find_newest(int pts, time_t *newest)
{
	DIR *list = fdopendir(pts);
	int found = 0;

	if (list == NULL)
		return -1;
	for (const struct dirent *d; (d = readdir(list)) != NULL;) {
		uint64_t number;
		struct stat st;

		if (field_number(d->d_name, NUMBER_MOST, &number) < 0 ||
		    fstatat(pts, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (found++ == 0 || last_used(&st) > *newest)
			*newest = last_used(&st);
	}
	(void)closedir(list);
	return found;
}

int idle_of(int proc, int pidfd, const struct record *record, uint64_t *seconds, struct fail *f)
{
	int pts = open_terminals(proc, pidfd, record, f), found;
	time_t now = time(NULL), newest = 0;

	if (pts < 0)
		return -1;
	found = find_newest(pts, &newest); /* closes it */
	if (found < 0) {
		int code = errno;

		fd_close(&pts);
		return fail(f, code, "list /dev/pts of box %s", record->box);
	}
	*seconds = now > newest ? (uint64_t)(now - newest) : 0; /* a clock that was set back is no reason for more */
	return found > 0 ? 1 : 0;
}
