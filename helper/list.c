/* SPDX-License-Identifier: MIT */
/* runs as: root. Over the boxes of a user, or of all users. */
#include "helper/list.h"

#include <errno.h>
#include <string.h>

#include "conf/fd.h"
#include "helper/collect.h"
#include "helper/fields.h"
#include "helper/idle.h"
#include "helper/logins.h"
#include "helper/measure.h"
#include "helper/net/net.h"
#include "helper/reset.h"
#include "helper/rundir.h"
#include "helper/users.h"

enum { LOCK_MS = 5000, COLLECT_MS = 8000, CLEAR_MS = 1000 };

/* What the line of a box is made from, besides its record. */
struct listing {
	const struct cgroups *cgroups;
	int proc, run;
};

/* Of these a list has room for. The limits are the user's, for all boxes together. */
static const struct {
	enum measure what;
	bool of_box;
} measures[] = {
	{ M_MEMORY, true }, { M_MEMORY_MAX, false }, { M_PIDS, true }, { M_PIDS_MAX, false }, { M_CPU_USEC, true },
};

/* What cannot be read is left out: the boxes are what a list is for. */
static void put_measures(const struct cgroups *cgroups, const struct record *r, char *line, size_t size)
{
	struct fail ignored;

	for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
		(void)measure_put(cgroups, r->owner.uid, measures[i].of_box ? r->number : 0, measures[i].what, line,
				  size, &ignored);
}

/* For how long nothing happened on its terminals; like what is measured it is left out where it cannot be had. */
static void put_idle(int proc, int pidfd, const struct record *r, char *line, size_t size)
{
	struct fail ignored;
	uint64_t seconds;

	if (idle_of(proc, pidfd, r, &seconds, &ignored) == 1)
		(void)field_put_number(line, size, "idle", seconds, ' ');
}

/* known: can it be said who is logged in? */
static int put_logins(bool known, const struct logins *l, char *line, size_t size)
{
	if (known && field_put_number(line, size, "logins", l->count, ' ') < 0)
		return -1;
	return l->count > 0 ? field_put_number(line, size, "at", l->newest.at, ' ') : 0;
}

static int print_box(void *context, const struct record *r, int pidfd, struct fail *f)
{
	const struct listing *l = context;
	struct logins logins = { .count = 0 };
	struct fail ignored;
	bool known = logins_read(l->proc, l->run, r->number, &logins, &ignored) == 0;
	/* Where the newest login came from; without one, or where they are not known, who opened the box. */
	const char *service = logins.count > 0 ? logins.newest.service : r->service;
	const char *from = logins.count > 0 ? logins.newest.from : r->from;
	char line[2048] = "";

	if (record_describe(r, service, from, line, sizeof line) < 0 ||
	    put_logins(known, &logins, line, sizeof line) < 0)
		return fail(f, E2BIG, "line of box %s", r->box);
	put_idle(l->proc, pidfd, r, line, sizeof line);
	put_measures(l->cgroups, r, line, sizeof line);
	if (field_put(line, sizeof line, "state", known && logins.count == 0 ? "lingers" : "live", '\n') < 0)
		return fail(f, E2BIG, "line of box %s", r->box);
	if (fd_write_all(STDOUT_FILENO, line, strlen(line)) < 0)
		return fail(f, errno, "write");
	return 0;
}

static int print_user(void *context, int proc, int run, uid_t uid, struct fail *f)
{
	struct listing listing = { .cgroups = context, .proc = proc, .run = run };

	(void)uid;
	return boxes_each(proc, run, print_box, &listing, f);
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
	if (done == 0)
		done = net_collect(proc, uid, live.number, live.count, f);
	if (done == 0 && live.count == 0) {
		cgroup_end_user(&cgroups, uid);
		reset_pending_of(uid);
	}
	cgroups_close(&cgroups);
	rundir_unlock(&lock);
	/* Without the lock: nobody who logs in waits for it. */
	reset_clear(uid, clock_ms() + CLEAR_MS);
	return done;
}

int list_print(uid_t uid, bool everybody, struct fail *f)
{
	struct cgroups cgroups = CGROUPS_EMPTY;
	struct fail ignored;
	int done;

	(void)cgroups_find(&cgroups, &ignored);
	done = users_each(uid, everybody, print_user, &cgroups, f);
	cgroups_close(&cgroups);
	return done;
}

int list_collect(uid_t uid, bool everybody, bool force, struct fail *f)
{
	return users_each(uid, everybody, collect_user, &force, f);
}
