/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. Ends a live box, with whatever is in it. */
#include "helper/end.h"

#include <errno.h>
#include <signal.h>
#include <sys/pidfd.h>

#include "conf/fd.h"
#include "helper/collect.h"
#include "helper/list.h"
#include "helper/log.h"
#include "helper/process.h"
#include "helper/rundir.h"

enum { KIND_MS = 3000, LOCK_MS = 4000, KILL_MS = 4000 };

/*
 * The record is that of this init as long as it lives: nobody takes the number of a live box. What it takes to have
 * the rest of a dead one collected is list_collect's.
 */
static int kill_locked(int proc, int run, const struct record *r, int pidfd, struct fail *f)
{
	struct cgroups cgroups = CGROUPS_EMPTY;
	int lock = rundir_lock(run, clock_ms() + LOCK_MS, f), done = lock < 0 ? -1 : 0;

	if (done == 0 && !process_ended(pidfd)) {
		done = cgroups_open(&cgroups, f);
		if (done == 0)
			done = collect_one(proc, run, r->owner.uid, r->number, &cgroups, clock_ms() + KILL_MS, f);
		cgroups_close(&cgroups);
	}
	rundir_unlock(&lock);
	return done;
}

static int no_such_box(const char *name, struct fail *f)
{
	(void)fail(f, ESRCH, "box %s", name);
	return fail_plain(f, "You have no live box %s; `nssh -l` lists those you have.", name);
}

int end_box(uid_t uid, uid_t by, const char *name, bool *killed, struct fail *f)
{
	struct record record;
	OWN_FD int proc = process_open_proc(f);
	OWN_FD int run = proc < 0 ? -1 : rundir_open(uid, false, f);
	OWN_FD int pidfd = run < 0 ? -1 : collect_find(proc, run, name, &record, f);

	if (pidfd < 0)
		return proc >= 0 && (f->code == ENOENT || f->code == ESRCH) ? no_such_box(name, f) : -1;
	log_info("event=kill box=%s user=%s uid=%u by=%u", record.box, record.owner.name, uid, by);
	(void)pidfd_send_signal(pidfd, SIGTERM, NULL, 0);
	/* A stopped init would take the signal when it goes on. Neither can fail but for one that has just ended. */
	(void)pidfd_send_signal(pidfd, SIGCONT, NULL, 0);
	*killed = process_wait_ended(pidfd, clock_ms() + KIND_MS) < 0;
	if ((*killed && kill_locked(proc, run, &record, pidfd, f) < 0) || list_collect(uid, false, false, f) < 0)
		return f->code != ETIMEDOUT ? -1 :
		       fail_plain(f, "Box %s is ending, but not over yet: something in it, or "
				  "another login, takes its time.", record.box);
	return 0;
}
