/* SPDX-License-Identifier: MIT */
/* runs as: root. What is to be removed of a user's storage. */
#include "helper/trash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/rundir.h"

/*
 * The tree was made by its user, as deep and as wide as they liked. So nothing here goes down into it: what lies in a
 * directory of the trash is removed, and a directory in there that is not empty moves up into the trash itself, where
 * its turn comes. There are never more than three descriptors open, whatever is left when the time is over is trash
 * like before, and nobody can lead the way elsewhere by moving directories about.
 */
struct emptying {
	int trash;
	int64_t deadline;
	uint64_t serial;     /* of the next name */
	bool left, progress; /* of this pass: is there more to do, and was there something done */
	struct fail failed;  /* the first trouble of this pass; its text is empty if there was none */
};

enum { NAME = 40 };

/*
 * A name that nothing has: nanoseconds since the epoch, counted on. Should one be in use all the same, a rename
 * fails.
 */
static void next_name(uint64_t *serial, char name[NAME])
{
	struct timespec now;

	if (*serial == 0) {
		(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
		*serial = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	}
	(void)snprintf(name, NAME, "%llu", (unsigned long long)(*serial)++);
}

int trash_put(int storage, const char *name, struct fail *f)
{
	char fresh[NAME];
	uint64_t serial = 0;
	OWN_FD int trash = directory_of_root(storage, "trash", 0700, true, f);

	if (trash < 0)
		return -1;
	next_name(&serial, fresh);
	if (renameat(storage, name, trash, fresh) != 0)
		return fail(f, errno, "move %s away", name);
	return 0;
}

static void note_trouble(struct emptying *e, int code, const char *name)
{
	if (e->failed.text[0] == '\0')
		(void)fail(&e->failed, code, "remove %s", name);
}

/* Removes what is not a directory, and an empty one. False: it is there still, and errno says why. */
static bool unlink_any(int dir, const char *name)
{
	return unlinkat(dir, name, 0) == 0 || errno == ENOENT ||
	       (errno == EISDIR && (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT));
}

static bool is_full(int code)
{
	return code == ENOTEMPTY || code == EEXIST; /* rmdir(2): either may be said */
}

static void remove_below(struct emptying *e, int dir, const char *name)
{
	char fresh[NAME];

	if (unlink_any(dir, name)) {
		e->progress = true;
		return;
	}
	if (is_full(errno)) {
		next_name(&e->serial, fresh);
		if (renameat(dir, name, e->trash, fresh) == 0) {
			e->progress = e->left = true;
			return;
		}
	}
	note_trouble(e, errno, name);
}

/* Called for each entry of a directory. */
typedef void each_entry(struct emptying *e, int dir, const char *name);

/* dir is used up. */
static void each(struct emptying *e, int dir, each_entry *remove)
{
	DIR *list = fdopendir(dir);

	if (list == NULL) {
		note_trouble(e, errno, "a directory");
		fd_close(&dir);
		return;
	}
	for (const struct dirent *d; deadline_left(e->deadline) > 0 && (d = readdir(list)) != NULL;)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			remove(e, dir, d->d_name);
	(void)closedir(list);
}

static void remove_top(struct emptying *e, int trash, const char *name)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	bool gone = unlink_any(trash, name);

	if (!gone && is_full(errno)) {
		int dir = (int)syscall(SYS_openat2, trash, name, &how, sizeof how);

		if (dir >= 0)
			each(e, dir, remove_below);
		gone = dir >= 0 && unlink_any(trash, name);
	}
	if (!gone && !is_full(errno)) /* else there is a reason for what is in it, or it takes another pass */
		note_trouble(e, errno, name);
	if (gone)
		e->progress = true;
	else
		e->left = true;
}

/* The trash itself stays: somebody may be about to put something there. */
static int pass(struct emptying *e, struct fail *f)
{
	int list = openat(e->trash, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (list < 0)
		return fail(f, errno, "list the trash");
	e->progress = e->left = false;
	e->failed.text[0] = '\0';
	each(e, list, remove_top);
	return 0;
}

int trash_empty(int storage, int64_t deadline, struct fail *f)
{
	OWN_FD int trash = directory_of_root(storage, "trash", 0700, false, f);
	struct emptying e = { .trash = trash, .deadline = deadline };

	if (trash < 0)
		return f->code == ENOENT ? 0 : -1;
	if (flock(trash, LOCK_EX | LOCK_NB) != 0)
		return fail(f, EBUSY, "lock the trash");
	do
		if (pass(&e, f) < 0)
			return -1;
	while (e.left && e.progress && deadline_left(deadline) > 0);
	if (deadline_left(deadline) == 0)
		return fail(f, ETIMEDOUT, "empty the trash");
	if (!e.left && e.failed.text[0] == '\0')
		return 0;
	*f = e.failed;
	return -1;
}
