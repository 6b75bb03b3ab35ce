/* SPDX-License-Identifier: MIT */
/* runs as: root. Over the boxes of a user, or of all users. */
#include "helper/list.h"

#include <errno.h>
#include <string.h>

#include "conf/fd.h"
#include "helper/box.h"
#include "helper/collect.h"
#include "helper/fields.h"
#include "helper/rundir.h"
#include "helper/users.h"

enum { LOCK_MS = 5000, COLLECT_MS = 8000 };

static int print_box(const struct record *r, struct fail *f)
{
	char line[1024] = "";

	if (field_put(line, sizeof line, "box", r->box, ' ') < 0 ||
	    field_put(line, sizeof line, "user", r->owner.name, ' ') < 0 ||
	    field_put_number(line, sizeof line, "pid", (uint64_t)r->pid, ' ') < 0 ||
	    field_put_number(line, sizeof line, "created", r->created, ' ') < 0 ||
	    field_put(line, sizeof line, "service", r->service, ' ') < 0 ||
	    field_put(line, sizeof line, "from", r->from, ' ') < 0 ||
	    field_put(line, sizeof line, "state", "live", '\n') < 0)
		return fail(f, E2BIG, "line of box %s", r->box);
	if (fd_write_all(STDOUT_FILENO, line, strlen(line)) < 0)
		return fail(f, errno, "write");
	return 0;
}

static int print_user(void *context, int proc, int run, uid_t uid, struct fail *f)
{
	unsigned numbers[BOXES_MOST];
	int n = record_numbers(run, numbers, BOXES_MOST, f);

	(void)context;
	(void)uid;
	for (int i = 0; i < n; i++) {
		struct record r;

		/* Unlocked: a record that is gone meanwhile, or not good, is not a live box. */
		if (record_read(run, numbers[i], &r, f) < 0)
			continue;

		OWN_FD int pidfd = box_pidfd(proc, &r, f);

		if (pidfd >= 0 && print_box(&r, f) < 0)
			return -1;
	}
	return n < 0 ? -1 : 0;
}

static int collect_user(void *context, int proc, int run, uid_t uid, struct fail *f)
{
	const bool *force = context;
	struct live live;
	struct cgroups cgroups = CGROUPS_EMPTY;
	int lock = rundir_lock(run, clock_ms() + LOCK_MS, f), done;

	if (lock < 0)
		return -1;
	done = cgroups_open(&cgroups, f);
	if (done == 0)
		done = collect(proc, run, uid, &cgroups, *force, clock_ms() + COLLECT_MS, &live, f);
	if (done == 0 && live.count == 0)
		cgroup_end_user(&cgroups, uid);
	cgroups_close(&cgroups);
	rundir_unlock(&lock);
	return done;
}

int list_print(uid_t uid, bool everybody, struct fail *f)
{
	return users_each(uid, everybody, print_user, NULL, f);
}

int list_collect(uid_t uid, bool everybody, bool force, struct fail *f)
{
	return users_each(uid, everybody, collect_user, &force, f);
}
