/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --reload: the limits of nsbox.conf, for boxes that live already. */
#include "helper/reload.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>

#include "conf/fd.h"
#include "conf/policy.h"
#include "helper/box.h"
#include "helper/cgroup.h"
#include "helper/collect.h"
#include "helper/fields.h"
#include "helper/log.h"
#include "helper/process.h"
#include "helper/resize.h"
#include "helper/rundir.h"
#include "places.h"

enum { LOCK_MS = 5000, RESIZE_MS = 2000 };

/* What all users have in common. */
struct reloading {
	int proc;
	const struct config *config;
	struct cgroups cgroups;
};

static int resize_boxes(const struct reloading *r, int run, const struct policy *policy, struct fail *f)
{
	unsigned numbers[BOXES_MOST];
	int n = record_numbers(run, numbers, BOXES_MOST, f);

	for (int i = 0; i < n; i++) {
		struct record record;
		OWN_FD int pidfd = -1;

		/* What is dead or corrupt is for whoever collects it. */
		if (record_read(run, numbers[i], &record, f) < 0 ||
		    (pidfd = box_pidfd(r->proc, &record, f)) < 0)
			continue;
		if (resize(pidfd, &record, policy, clock_ms() + RESIZE_MS, f) < 0 && !process_ended(pidfd))
			return -1;
	}
	return n < 0 ? -1 : 0;
}

/* Behind the user's lock, so that no box is opened with the old limits meanwhile. */
static int apply(const struct reloading *r, int run, uid_t uid, const struct policy *policy, struct fail *f)
{
	int lock = rundir_lock(run, clock_ms() + LOCK_MS, f);
	int done = lock < 0 ? -1 : cgroup_limit(&r->cgroups, uid, policy, f);

	if (done == 0)
		done = resize_boxes(r, run, policy, f);
	rundir_unlock(&lock);
	return done;
}

/* 1: done; 0: the user has no box; -1. */
static int reload_user(const struct reloading *r, uid_t uid, struct fail *f)
{
	OWN_FD int run = rundir_open(uid, false, f);
	unsigned number;
	struct owner owner;
	struct policy policy;

	if (run < 0)
		return f->code == ENOENT ? 0 : -1;

	int n = record_numbers(run, &number, 1, f);

	if (n <= 0)
		return n;
	if (owner_by_uid(uid, &owner, f) < 0)
		return -1;

	struct owner member = owner;

	if (policy_for(r->config, owner.name, owner_in_group, &member, &policy, f) < 0)
		return -1;

	int done = apply(r, run, uid, &policy, f);

	policy_free(&policy);
	return done < 0 ? fail_in(f, "%s", owner.name) : 1;
}

static int reload_users(const struct reloading *r, unsigned *users, struct fail *f)
{
	DIR *list = opendir(NSBOX_RUN);
	int done = 0;

	if (list == NULL)
		return errno == ENOENT ? 0 : fail(f, errno, "open " NSBOX_RUN);
	for (const struct dirent *d; (d = readdir(list)) != NULL;) {
		uint64_t uid;

		if (field_number(d->d_name, UINT_MAX - 1, &uid) < 0)
			continue;

		int one = reload_user(r, (uid_t)uid, f);

		if (one < 0) {
			log_error("event=reload uid=%llu error=\"%s\"", (unsigned long long)uid, f->text);
			done = -1;
		} else {
			*users += (unsigned)one;
		}
	}
	(void)closedir(list);
	return done;
}

int reload(unsigned *users, struct fail *f)
{
	struct reloading r = { .cgroups = CGROUPS_EMPTY };
	struct config *config = NULL;
	OWN_FD int proc = process_open_proc(f);
	int done;

	*users = 0;
	if (proc < 0 || config_read(NSBOX_CONF, &config, NULL, NULL, f) < 0)
		return -1;
	r.proc = proc;
	r.config = config;
	done = cgroups_open(&r.cgroups, f);
	if (done == 0)
		done = reload_users(&r, users, f);
	cgroups_close(&r.cgroups);
	config_free(config);
	return done;
}
