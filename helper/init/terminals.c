/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box, as the owner. The terminals of the box, all together. */
#include "helper/init/terminals.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

#include "helper/init/sys.h"

/* What is done with each. dir is /dev/pts, name its name there. */
typedef void visit(long dir, const char *name, void *context);

static bool is_number(const char *name)
{
	for (; *name != '\0'; name++)
		if (*name < '0' || *name > '9')
			return false;
	return true;
}

static void each(visit *visit_one, void *context)
{
	long dir = sys(SYS_openat, AT_FDCWD, (long)"/dev/pts", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0);
	__attribute__((aligned(8))) char entries[1024];
	long got;

	if (dir < 0)
		return;
	while ((got = sys(SYS_getdents64, dir, (long)entries, sizeof entries, 0, 0)) > 0)
		for (unsigned long at = 0; at < (unsigned long)got;) {
			/* As the kernel fills it, it is as long as d_reclen says. */
			const struct dirent64 *entry = (const struct dirent64 *)(const void *)(entries + at);

			if (is_number(entry->d_name))
				visit_one(dir, entry->d_name, context);
			at += entry->d_reclen;
		}
	(void)sys(SYS_close, dir, 0, 0, 0, 0);
}

static unsigned long seconds(const struct statx_timestamp *time)
{
	return (unsigned long)time->tv_sec;
}

static bool look(long dir, const char *name, struct statx *found)
{
	return sys(SYS_statx, dir, (long)name, AT_SYMLINK_NOFOLLOW, STATX_ATIME | STATX_MTIME, (long)found) == 0;
}

static void add_one(long dir, const char *name, void *context)
{
	struct terminals *seen = context;
	unsigned long number = 1;
	struct statx found;

	if (!look(dir, name, &found))
		return;
	for (const char *digit = name; *digit != '\0'; digit++)
		number = number * 10 + (unsigned long)*digit;
	seen->count++;
	seen->sum += number * (3 * seconds(&found.stx_atime) + seconds(&found.stx_mtime));
	if (seconds(&found.stx_atime) > seen->newest)
		seen->newest = seconds(&found.stx_atime);
	if (seconds(&found.stx_mtime) > seen->newest)
		seen->newest = seconds(&found.stx_mtime);
}

void terminals_look(struct terminals *seen)
{
	seen->count = 0;
	seen->newest = 0;
	seen->sum = 0;
	each(add_one, seen);
}

static void tell_one(long dir, const char *name, void *context)
{
	const char *text = context;
	unsigned long length = 0;
	long fd = sys(SYS_openat, dir, (long)name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0, 0);

	if (fd < 0)
		return;
	while (text[length] != '\0')
		length++;
	(void)sys(SYS_write, fd, (long)text, (long)length, 0, 0);
	(void)sys(SYS_close, fd, 0, 0, 0, 0);
}

void terminals_tell(const char *text)
{
	each(tell_one, (void *)(unsigned long)text);
}

static void take_back_one(long dir, const char *name, void *context)
{
	const unsigned long *latest = context;
	struct timespec times[2];
	struct statx found;

	if (!look(dir, name, &found))
		return;
	times[0].tv_sec = (time_t)*latest;
	times[1].tv_sec = (time_t)*latest;
	times[0].tv_nsec = seconds(&found.stx_atime) > *latest ? 0 : UTIME_OMIT;
	times[1].tv_nsec = seconds(&found.stx_mtime) > *latest ? 0 : UTIME_OMIT;
	(void)sys(SYS_utimensat, dir, (long)name, (long)times, AT_SYMLINK_NOFOLLOW, 0);
}

void terminals_take_back(unsigned long latest)
{
	each(take_back_one, &latest);
}
