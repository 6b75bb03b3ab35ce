/* SPDX-License-Identifier: MIT */
/* runs as: root. /var/lib/nsbox/UID: what outlives a box. */
#include "helper/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/mnt.h"
#include "helper/rundir.h"
#include "places.h"

static int no_space(struct fail *f)
{
	if (f->code == ENOSPC || f->code == EDQUOT)
		(void)fail_plain(f, "There is no space left to store your files; please tell the administrator.");
	return -1;
}

static int open_of(uid_t uid, bool create, struct fail *f)
{
	char name[16];
	OWN_FD int all = directory_of_root(AT_FDCWD, NSBOX_STATE, 0700, create, f);

	if (all < 0)
		return -1;
	(void)snprintf(name, sizeof name, "%u", uid);

	int dir = directory_of_root(all, name, 0700, create, f);

	return dir < 0 ? fail_in(f, NSBOX_STATE) : dir;
}

int storage_open(const struct owner *owner, struct fail *f)
{
	int dir = open_of(owner->uid, true, f);

	return dir < 0 ? no_space(f) : dir;
}

int storage_find(uid_t uid, struct fail *f)
{
	return open_of(uid, false, f);
}

/*
 * Made under another name and renamed: a layer that exists has its owner and mode. It is made only where there
 * certainly is none: put in the place of an empty one, its overlay would be stale for ever.
 */
static int make_layer(int dir, const char *name, const struct stat *home, struct fail *f)
{
	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (errno != ENOENT)
		return fail(f, errno, "look for the directory home/%s", name);
	if (mkdirat(dir, "new", 0700) != 0 && errno != EEXIST)
		return fail(f, errno, "make the directory home/%s", name);
	if (fchownat(dir, "new", home->st_uid, home->st_gid, AT_SYMLINK_NOFOLLOW) != 0 ||
	    fchmodat(dir, "new", home->st_mode & 07777, 0) != 0 || renameat(dir, "new", dir, name) != 0)
		return fail(f, errno, "set up the directory home/%s", name);
	return 0;
}

int storage_home(int storage, const char *home, bool empty, struct fail *f)
{
	struct stat st;
	OWN_FD int dir = directory_of_root(storage, "home", 0700, true, f);

	if (dir < 0)
		return no_space(f);

	OWN_FD int real = mnt_find(home, f);

	if (real < 0)
		return -1;
	if (fstat(real, &st) != 0)
		return fail(f, errno, "look at the home %s", home);
	if (make_layer(dir, empty ? "empty" : "upper", &st, f) < 0)
		return no_space(f);
	if (empty)
		return 0;

	OWN_FD int work = directory_of_root(dir, "work", 0700, true, f);

	return work < 0 ? no_space(f) : 0;
}
