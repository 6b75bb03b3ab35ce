/* SPDX-License-Identifier: MIT */
/* runs as: root. The box that nssh goes into from outside: found, or made. */
#include "helper/target.h"

#include <errno.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/box.h"
#include "helper/broker.h"
#include "helper/collect.h"
#include "helper/log.h"
#include "helper/logins.h"
#include "helper/rundir.h"

void target_cleanup(struct target *t)
{
	fd_close(&t->pidfd);
	fd_close(&t->lease);
	cgroup_close(&t->cgroup);
	cgroups_close(&t->cgroups);
}

/* For lists only: nobody is kept out by it. */
static void note_login(int proc, int run, const struct record *r)
{
	struct fail f = { 0 };

	if (logins_add(proc, run, r->number, getpid(), "nssh", "-", false, &f) < 0)
		log_error("event=logins box=%s uid=%u error=\"%s\"", r->box, r->owner.uid, f.text);
}

/* 1: a live box of that name, or the latest. 0: none. -1. */
static int find_live(int proc, const struct entry *e, struct target *t, struct fail *f)
{
	OWN_FD int run = rundir_open(e->uid, false, f);

	if (run < 0)
		return f->code == ENOENT ? 0 : -1;
	t->pidfd = collect_find(proc, run, e->box, &t->record, f);
	if (t->pidfd < 0)
		return f->code == ESRCH ? 0 : -1;
	t->lease = box_lease(proc, t->pidfd, &t->record, f);
	if (t->lease >= 0) {
		note_login(proc, run, &t->record);
		return 1;
	}
	/* It is ending, or its init is stopped: not a box to go into. */
	fd_close(&t->pidfd);
	return f->code == ESRCH || (f->code == EOWNERDEAD && e->which == ENTER_LATEST) ? 0 : -1;
}

static int take_answer(const struct entry *e, const struct owner *owner, const struct answer *a, struct fail *f)
{
	if (a->kind == ANSWER_BOXED)
		return 1;
	if (a->kind == ANSWER_OUTSIDE && e->which == ENTER_POLICY)
		return 0;
	if (a->kind == ANSWER_OUTSIDE) {
		(void)fail(f, 0, "boxes are not enabled for %s", owner->name);
		return fail_plain(f, "Boxes are not enabled for %s in nsbox.conf.", owner->name);
	}
	(void)fail(f, 0, "no box for %s", owner->name);
	return fail_plain(f, "%s", a->text);
}

/* With scope = user it may be the box that is there. */
static int open_new(int proc, const struct entry *e, struct target *t, struct fail *f)
{
	const struct request request = {
		.service = "nssh", .from = "-", .login = getpid(), .fresh = e->which == ENTER_NEW,
	};
	struct owner owner;
	struct answer a;
	int fds[WIRE_FDS], boxed;

	if (e->owner != NULL)
		owner = *e->owner;
	else if (owner_by_uid(e->uid, &owner, f) < 0)
		return -1;
	broker_open(&owner, &request, &a, fds);
	boxed = take_answer(e, &owner, &a, f);
	if (boxed <= 0)
		return boxed;
	t->pidfd = fd_give(&fds[OPEN_PIDFD]);
	t->lease = fd_give(&fds[OPEN_LEASE]);
	for (unsigned i = 0; i < a.fds; i++)
		fd_close(&fds[i]);

	OWN_FD int run = rundir_open(e->uid, false, f);
	OWN_FD int again = run < 0 ? -1 : collect_find(proc, run, a.box, &t->record, f);

	return again < 0 ? -1 : 1;
}

static int find(int proc, const struct entry *e, struct target *t, struct fail *f)
{
	int found = 0;

	if (e->which == ENTER_NAMED || e->which == ENTER_LATEST)
		found = find_live(proc, e, t, f);
	if (found != 0)
		return found;
	if (e->which != ENTER_NAMED)
		return open_new(proc, e, t, f);
	(void)fail(f, ESRCH, "box %s", e->box);
	return fail_plain(f, "You have no live box %s; `nssh -l` lists those you have.", e->box);
}

int target_find(int proc, const struct entry *e, struct target *t, struct fail *f)
{
	int found = find(proc, e, t, f);

	if (found <= 0)
		return found;
	if (cgroups_open(&t->cgroups, f) < 0 ||
	    cgroup_open(&t->cgroups, &t->record.owner, t->record.number, &t->cgroup, f) < 0)
		return -1;
	return 1;
}
