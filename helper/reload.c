/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --reload: the limits of nsbox.conf, for boxes that live already. */
#include "helper/reload.h"

#include "conf/fd.h"
#include "conf/policy.h"
#include "helper/cgroup.h"
#include "helper/log.h"
#include "helper/process.h"
#include "helper/resize.h"
#include "helper/rundir.h"
#include "helper/users.h"
#include "places.h"

enum { LOCK_MS = 5000, RESIZE_MS = 2000 };

/* What all users have in common. */
struct reloading {
	const struct config *config;
	struct cgroups cgroups;
	struct reloaded users;
	struct fail last; /* the trouble of the last user who has some */
};

/* One user's boxes. */
struct resizing {
	const struct policy *policy;
	bool failed;
	struct fail last;
};

/* One box that cannot have its sizes does not keep the others from theirs. */
static int resize_box(void *context, const struct record *record, int pidfd, struct fail *f)
{
	struct resizing *r = context;

	/* One that ends meanwhile needs no sizes. */
	if (resize(pidfd, record, r->policy, clock_ms() + RESIZE_MS, f) < 0 && !process_ended(pidfd)) {
		r->failed = true;
		r->last = *f;
	}
	return 0;
}

static int resize_boxes(int proc, int run, const struct policy *policy, struct fail *f)
{
	struct resizing r = { .policy = policy };

	if (boxes_each(proc, run, resize_box, &r, f) < 0)
		return -1;
	if (!r.failed)
		return 0;
	*f = r.last;
	return -1;
}

/*
 * Behind the user's lock, so that no box is opened with the old limits meanwhile. A limit that is refused keeps
 * nothing from the others; the first error is told.
 */
static int apply(const struct reloading *r, int proc, int run, uid_t uid, const struct policy *policy, struct fail *f)
{
	int lock = rundir_lock(run, clock_ms() + LOCK_MS, f);
	int done = lock < 0 ? -1 : cgroup_limit(&r->cgroups, uid, policy, f);
	struct fail later;

	if (lock >= 0 && resize_boxes(proc, run, policy, done == 0 ? f : &later) < 0)
		done = -1;
	rundir_unlock(&lock);
	return done;
}

static int reload_policy(const struct reloading *r, int proc, int run, uid_t uid, struct fail *f)
{
	struct owner owner, member;
	struct policy policy;
	int done;

	if (owner_by_uid(uid, &owner, f) < 0)
		return -1;
	member = owner;
	if (policy_for(r->config, owner.name, owner_in_group, &member, &policy, f) < 0)
		return fail_in(f, "%s", owner.name);
	done = apply(r, proc, run, uid, &policy, f);
	policy_free(&policy);
	return done < 0 ? fail_in(f, "%s", owner.name) : 0;
}

static int reload_user(void *context, int proc, int run, uid_t uid, struct fail *f)
{
	struct reloading *r = context;
	unsigned number;
	int n = record_numbers(run, &number, 1, f);

	if (n == 0)
		return 0; /* no box */
	if (n > 0 && reload_policy(r, proc, run, uid, f) == 0) {
		r->users.done++;
		return 0;
	}
	log_error("event=reload uid=%u error=\"%s\"", uid, f->text);
	r->users.failed++;
	r->last = *f;
	return -1;
}

int reload(struct reloaded *users, struct fail *f)
{
	struct reloading r = { .cgroups = CGROUPS_EMPTY };
	struct config *config = NULL;
	int done;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, f) < 0)
		return -1;
	r.config = config;
	done = cgroups_open(&r.cgroups, f);
	if (done == 0)
		done = users_each(0, true, reload_user, &r, f);
	cgroups_close(&r.cgroups);
	config_free(config);
	*users = r.users;
	if (r.users.failed > 0)
		*f = r.last; /* what came after it may have spoken over it */
	return done;
}
