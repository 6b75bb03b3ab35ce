/* SPDX-License-Identifier: MIT */
/* runs as: root. Over one user who may have boxes, or over all of them. */
#include "helper/users.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>

#include "conf/fd.h"
#include "helper/box.h"
#include "helper/fields.h"
#include "helper/process.h"
#include "helper/rundir.h"
#include "places.h"

static int one_user(int proc, uid_t uid, each_user *each, void *context, struct fail *f)
{
	OWN_FD int run = rundir_open(uid, false, f);

	if (run < 0)
		return f->code == ENOENT ? 0 : -1;
	return each(context, proc, run, uid, f);
}

static int all_users(int proc, each_user *each, void *context, struct fail *f)
{
	DIR *list = opendir(NSBOX_RUN);
	int done = 0;

	if (list == NULL)
		return errno == ENOENT ? 0 : fail(f, errno, "open " NSBOX_RUN);
	for (const struct dirent *d; (d = readdir(list)) != NULL;) {
		uint64_t uid;

		if (field_number(d->d_name, UINT_MAX - 1, &uid) == 0 &&
		    one_user(proc, (uid_t)uid, each, context, f) < 0)
			done = -1;
	}
	(void)closedir(list);
	return done;
}

int users_each(uid_t uid, bool everybody, each_user *each, void *context, struct fail *f)
{
	OWN_FD int proc = process_open_proc(f);

	if (proc < 0)
		return -1;
	return everybody ? all_users(proc, each, context, f) : one_user(proc, uid, each, context, f);
}

int boxes_each(int proc, int run, each_box *each, void *context, struct fail *f)
{
	unsigned numbers[BOXES_MOST];
	int n = record_numbers(run, numbers, BOXES_MOST, f);

	for (int i = 0; i < n; i++) {
		struct record r;

		/* Unlocked: a record that is gone meanwhile, or not good, is not a live box. */
		if (record_read(run, numbers[i], &r, f) < 0)
			continue;

		OWN_FD int pidfd = box_pidfd(proc, &r, f);

		if (pidfd >= 0 && each(context, &r, pidfd, f) < 0)
			return -1;
	}
	return n < 0 ? -1 : 0;
}
