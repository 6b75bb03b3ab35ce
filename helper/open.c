/* SPDX-License-Identifier: MIT */
/* runs as: root. Opening a box: one linear story, undone in reverse on any failure. */
#include "helper/open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/policy.h"
#include "helper/borrow.h"
#include "helper/box.h"
#include "helper/collect.h"
#include "helper/hopdir.h"
#include "helper/hostname.h"
#include "helper/launch.h"
#include "helper/log.h"
#include "helper/logins.h"
#include "helper/net/network.h"
#include "helper/process.h"
#include "helper/reset.h"
#include "helper/rundir.h"
#include "helper/storage.h"
#include "helper/subid.h"
#include "helper/userns.h"
#include "places.h"

enum { OPEN_MS = 10000, LOCK_MS = 5000, INIT_MS = 1000 };

/* All that the story has made so far; opening_cleanup undoes it, last things first. */
struct opening {
	const struct owner *owner;
	const struct request *request;
	int64_t deadline;
	struct policy policy;
	bool has_policy;
	int proc, run, lock, storage;
	struct cgroups cgroups;
	struct live live;
	unsigned number; /* 0 until a cgroup may exist under it */
	struct cgroup cgroup;
	struct launched launched;
	struct idmap uids, gids;
	struct plan plan;
	struct network_of_box network;
	struct record record;
	bool recorded;
	bool done;
};

static void opening_cleanup(struct opening *o)
{
	struct fail ignored;

	if (!o->done && o->recorded)
		(void)record_remove(o->run, o->number, &ignored);
	else if (!o->done && o->number != 0)
		(void)hopdir_remove(o->run, o->number, &ignored);
	launch_cleanup(&o->launched);
	network_cleanup(&o->network, o->done, o->owner->uid, o->number);
	fd_close(&o->plan.userns);
	fd_close(&o->plan.live_home);
	cgroup_close(&o->cgroup);
	if (!o->done && o->number != 0) {
		(void)cgroup_end(&o->cgroups, o->owner->uid, o->number, clock_ms() + INIT_MS, &ignored);
		cgroup_end_user(&o->cgroups, o->owner->uid);
	}
	cgroups_close(&o->cgroups);
	fd_close(&o->storage);
	rundir_unlock(&o->lock);
	fd_close(&o->run);
	fd_close(&o->proc);
	if (o->has_policy)
		policy_free(&o->policy);
}

static int read_policy(struct opening *o, struct fail *f)
{
	struct config *config = NULL;
	struct owner member = *o->owner;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, f) < 0 ||
	    policy_for(config, o->owner->name, owner_in_group, &member, &o->policy, f) < 0) {
		config_free(config);
		return fail_plain(f,
				  "nsbox is not configured correctly on this host; please tell the administrator.");
	}
	config_free(config);
	o->has_policy = true;
	return 0;
}

static bool is_boxed(const struct opening *o)
{
	/* `su -` has a PAM service of its own, and nsbox.conf one word for both. */
	const char *service = strcmp(o->request->service, "su-l") == 0 ? "su" : o->request->service;

	if (!o->policy.enable)
		return false;
	if (strcmp(o->request->service, "nssh") == 0)
		return true;
	for (char **word = o->policy.services; *word != NULL; word++)
		if (strcmp(*word, service) == 0)
			return true;
	return false;
}

/* The lock, and behind it a clean view of what the user has. */
static int enter_run(struct opening *o, struct fail *f)
{
	o->proc = process_open_proc(f);
	if (o->proc < 0)
		return -1;
	o->run = rundir_open(o->owner->uid, true, f);
	if (o->run < 0)
		return -1;
	o->lock = rundir_lock(o->run, clock_ms() + LOCK_MS, f);
	if (o->lock < 0 || cgroups_open(&o->cgroups, f) < 0)
		return -1;
	return collect(o->proc, o->run, o->owner->uid, &o->cgroups, false, o->deadline, &o->live, f);
}

static void describe(const struct record *record, struct opened *opened)
{
	opened->number = record->number;
	opened->filter = record->filter;
	(void)snprintf(opened->box, sizeof opened->box, "%s", record->box);
	(void)snprintf(opened->address, sizeof opened->address, "%s", record->address);
	if (strcmp(record->ports, "-") != 0)
		(void)snprintf(opened->ports, sizeof opened->ports, "%s", record->ports);
}

static int join_box(struct opening *o, const struct record *record, int pidfd, struct opened *opened, struct fail *f)
{
	int *fds = opened->fds;

	/* Where a box is made this is part of it (cgroup_make). */
	if (cgroup_limit(&o->cgroups, o->owner->uid, &o->policy, f) < 0)
		return -1;
	fds[OPEN_LEASE] = box_lease(o->proc, pidfd, record, f);
	if (fds[OPEN_LEASE] < 0)
		return -1;
	fds[OPEN_TETHER] = box_tether(o->proc, pidfd, record, f);
	if (fds[OPEN_TETHER] < 0 ||
	    borrow_terminals(pidfd, record, o->deadline,
			     &fds[OPEN_DEVPTS], &fds[OPEN_UTMP], &fds[OPEN_WTMP], f) < 0 ||
	    cgroup_open(&o->cgroups, o->owner, record->number, &o->cgroup, f) < 0)
		return -1;
	describe(record, opened);
	return 0;
}

static int refuse_another(const struct record *record, struct fail *f)
{
	(void)fail(f, EEXIST, "a new box beside %s, with scope = user", record->box);
	return fail_plain(f, "All of your logins share one box here, %s: there cannot be a new one beside it.",
			  record->box);
}

/*
 * scope = user: the box that is there. Returns 1, 0 if there is none, -1. One whose init is stopped is ended
 * first; one that is just ending is no box any more.
 */
static int join_live(struct opening *o, struct opened *opened, struct fail *f)
{
	struct record record;

	if (o->policy.scope != SCOPE_USER)
		return 0;

	OWN_FD int pidfd = collect_find(o->proc, o->run, NULL, &record, f);

	if (pidfd < 0)
		return f->code == ESRCH ? 0 : -1;
	if (o->request->fresh)
		return refuse_another(&record, f);
	if (join_box(o, &record, pidfd, opened, f) == 0) {
		opened->fds[OPEN_PIDFD] = fd_give(&pidfd);
		return 1;
	}

	int code = f->code;

	opened_close(opened);
	if (code != ESRCH && code != EOWNERDEAD)
		return -1;
	log_info("event=dead box=%s uid=%u", record.box, o->owner->uid);
	if (collect_one(o->proc, o->run, o->owner->uid, record.number, &o->cgroups, o->deadline, f) < 0)
		return -1;
	return collect(o->proc, o->run, o->owner->uid, &o->cgroups, false, o->deadline, &o->live, f);
}

static int choose_number(struct opening *o, struct fail *f)
{
	int number = collect_free_number(&o->live, o->policy.boxes);

	if (number < 0 || (uint64_t)o->live.count >= o->policy.boxes) {
		(void)fail(f, 0, "%s has %d live boxes, and boxes = %llu", o->owner->name, o->live.count,
			   (unsigned long long)o->policy.boxes);
		return fail_plain(f, "You have %d boxes open, which is the most you may have. End one, or wait.",
				  o->live.count);
	}
	o->number = (unsigned)number;
	if ((size_t)snprintf(o->plan.box, sizeof o->plan.box, "%s-%d", o->owner->name, number) >= sizeof o->plan.box)
		return fail(f, ENAMETOOLONG, "name of box %d of %s", number, o->owner->name);
	return 0;
}

static int prepare_storage(struct opening *o, struct fail *f)
{
	bool on_disk = o->policy.storage == STORAGE_PERSISTENT && o->policy.home != HOME_BIND;

	o->storage = storage_open(o->owner, f);
	if (o->storage < 0 || owner_real_home(o->owner, o->plan.real_home, f) < 0)
		return -1;
	if (o->live.count == 0)
		reset_pending(o->storage, o->owner);
	if (!on_disk || o->plan.real_home[0] == '\0')
		return 0;
	return storage_home(o->storage, o->plan.real_home, o->policy.home == HOME_EMPTY, f);
}

static int make_maps(struct opening *o, struct fail *f)
{
	const struct owner *owner = o->owner;
	uint32_t groups[OWNER_GROUPS + 1];
	struct subid ids;
	int n = 0;

	if (subid_for(o->storage, owner, o->policy.subuid_pool, o->deadline, &ids, f) < 0)
		return -1;
	groups[n++] = owner->gid;
	for (int i = 0; i < owner->group_count; i++)
		groups[n++] = owner->groups[i];
	if (idmap_keep(ids.uid, &owner->uid, 1, &o->uids, f) < 0 ||
	    idmap_keep(ids.gid, groups, (size_t)n, &o->gids, f) < 0)
		return fail_in(f, "id map of %s", owner->name);
	o->plan.userns = userns_make(o->proc, &o->uids, &o->gids, f);
	return o->plan.userns < 0 ? -1 : 0;
}

/* The home of another live box of the owner, if one has the same kind; nothing to borrow is no failure. */
static int borrow_live_home(struct opening *o, struct fail *f)
{
	if (o->policy.home != HOME_OVERLAY || o->policy.storage != STORAGE_PERSISTENT)
		return 0;
	for (int i = 0; i < o->live.count && o->plan.live_home < 0; i++) {
		struct record record;

		if (record_read(o->run, o->live.number[i], &record, f) < 0)
			return -1;
		if (record.home_dev == 0 || strcmp(record.real_home, o->plan.real_home) != 0)
			continue;

		OWN_FD int pidfd = box_pidfd(o->proc, &record, f);

		if (pidfd >= 0)
			o->plan.live_home = borrow_home(pidfd, &record, o->deadline, f);
		/*
		 * A box that is ending has no home to lend, and its overlay will soon be free. An init that has no
		 * namespaces any more (ESRCH) is not over yet while it waits for the last processes of its box.
		 */
		if (o->plan.live_home < 0 && pidfd >= 0 && f->code != ESRCH && !process_ended(pidfd))
			return -1;
	}
	return 0;
}

/*
 * The ports of the user lead to one box: to the one that has them already, as long as it lives. Servers there are not
 * cut off by another login.
 */
static int ports_elsewhere(struct opening *o, bool *elsewhere, struct fail *f)
{
	struct record record;

	*elsewhere = false;
	for (int i = 0; i < o->live.count && !*elsewhere; i++) {
		if (record_read(o->run, o->live.number[i], &record, f) < 0)
			return -1;
		*elsewhere = strcmp(record.ports, "-") != 0;
	}
	return 0;
}

/* With the box's first process waiting: nothing of the box runs before its network is there. */
static int open_network(struct opening *o, struct fail *f)
{
	bool elsewhere;

	if (ports_elsewhere(o, &elsewhere, f) < 0)
		return -1;
	return network_open(&o->network, &o->policy, o->owner, elsewhere, &o->cgroup, o->cgroups.v2, o->deadline, f);
}

static enum filter filter_of(const struct policy *policy)
{
	if (policy->seccomp == SECCOMP_OFF)
		return FILTER_OFF;
	return policy->nested ? FILTER_NESTED : FILTER_DEFAULT;
}

static int start_init(struct opening *o, struct fail *f)
{
	if (hostname_make(o->policy.hostname, o->owner->name, o->plan.hostname, sizeof o->plan.hostname, f) < 0 ||
	    network_claim(&o->network, &o->policy, o->owner, o->number, o->proc, o->deadline, f) < 0 ||
	    cgroup_make(&o->cgroups, o->owner, o->number, &o->policy, &o->cgroup, f) < 0)
		return -1;
	o->plan.network = &o->network;
	o->plan.owner = o->owner;
	o->plan.policy = &o->policy;
	o->plan.uids = &o->uids;
	o->plan.gids = &o->gids;
	o->plan.cgroup = &o->cgroup;
	o->plan.filter = filter_of(&o->policy);
	o->plan.proc = o->proc;
	o->plan.run = o->run;
	return launch(&o->plan, o->cgroups.v2, o->deadline, &o->launched, f);
}

static int write_record(struct opening *o, struct fail *f)
{
	bool shared = o->policy.home == HOME_OVERLAY && o->policy.storage == STORAGE_PERSISTENT;
	struct record r = {
		.number = o->number,
		.created = (uint64_t)time(NULL),
		.pid = o->launched.pid,
		.devpts = o->launched.built.devpts,
		.home_dev = shared ? o->launched.built.home_dev : 0,
		.filter = o->plan.filter,
		.root_uid = idmap_outside(&o->uids, 0),
		.root_gid = idmap_outside(&o->gids, 0),
		.owner = *o->owner,
	};
	struct stat userns;

	if (fstat(o->plan.userns, &userns) != 0)
		return fail(f, errno, "look at the user namespace");
	r.userns = userns.st_ino;
	if (process_start(o->proc, r.pid, &r.start, f) < 0)
		return -1;
	(void)snprintf(r.box, sizeof r.box, "%s", o->plan.box);
	network_note(&o->network, &r);
	(void)snprintf(r.service, sizeof r.service, "%s", o->request->service);
	(void)snprintf(r.from, sizeof r.from, "%s", o->request->from);
	/* Cut, it would name another home to the next box that wants to share it. */
	if ((size_t)snprintf(r.real_home, sizeof r.real_home, "%s",
			     o->plan.real_home[0] != '\0' ? o->plan.real_home : "/") >= sizeof r.real_home)
		return fail(f, ENAMETOOLONG, "the home %s", o->plan.real_home);
	(void)snprintf(r.owner.shell, sizeof r.owner.shell, "%s", owner_shell(o->owner, o->policy.shell));
	if (record_write(o->run, &r, f) < 0)
		return -1;
	o->recorded = true;
	if (hopdir_note(o->run, &r, f) < 0)
		return -1;
	o->record = r;
	return 0;
}

static void hand_over(struct opening *o, struct opened *opened)
{
	opened->fds[OPEN_PIDFD] = fd_give(&o->launched.pidfd);
	opened->fds[OPEN_LEASE] = fd_give(&o->launched.lease);
	opened->fds[OPEN_TETHER] = fd_give(&o->launched.tether);
	opened->fds[OPEN_DEVPTS] = fd_give(&o->launched.mounts[BUILT_DEVPTS]);
	opened->fds[OPEN_UTMP] = fd_give(&o->launched.mounts[BUILT_UTMP]);
	opened->fds[OPEN_WTMP] = fd_give(&o->launched.mounts[BUILT_WTMP]);
	opened->news = fd_give(&o->launched.news);
	describe(&o->record, opened);
	opened->created = true;
}

static int create(struct opening *o, struct opened *opened, struct fail *f)
{
	if (choose_number(o, f) < 0 || prepare_storage(o, f) < 0 || make_maps(o, f) < 0 ||
	    borrow_live_home(o, f) < 0 || start_init(o, f) < 0 || open_network(o, f) < 0 ||
	    write_record(o, f) < 0 || launch_go(&o->launched, f) < 0)
		return -1;
	hand_over(o, opened);
	return 0;
}

/* For lists only: no login fails for it. */
static void note_login(const struct opening *o, const struct opened *opened)
{
	const struct request *r = o->request;
	struct fail f = { 0 };

	if (logins_add(o->proc, o->run, opened->number, r->login, r->service, r->from, opened->created, &f) < 0)
		log_error("event=logins box=%s uid=%u error=\"%s\"", opened->box, o->owner->uid, f.text);
}

int open_box(const struct owner *owner, const struct request *request, struct opened *opened, struct fail *f)
{
	__attribute__((cleanup(opening_cleanup))) struct opening o = {
		.owner = owner, .request = request, .deadline = clock_ms() + OPEN_MS,
		.proc = -1, .run = -1, .lock = -1, .storage = -1, .cgroups = CGROUPS_EMPTY, .cgroup = CGROUP_EMPTY,
		.network = NETWORK_EMPTY, .launched = LAUNCHED_EMPTY, .plan = { .userns = -1, .live_home = -1 },
	};
	int joined;

	*opened = (struct opened){ .news = -1 };
	memset(opened->fds, -1, sizeof opened->fds);
	if (owner_check(owner, f) < 0 || read_policy(&o, f) < 0)
		return -1;
	if (!is_boxed(&o))
		return 0;
	if (enter_run(&o, f) < 0)
		return -1;
	joined = join_live(&o, opened, f);
	if (joined < 0 || (joined == 0 && create(&o, opened, f) < 0))
		return -1;
	note_login(&o, opened);
	for (int i = 0; i < o.cgroup.count; i++)
		opened->fds[OPEN_CGROUP + i] = fd_give(&o.cgroup.procs[i]);
	opened->count = (unsigned)(OPEN_CGROUP + o.cgroup.count);
	o.done = true;
	return 1;
}

void opened_close(struct opened *opened)
{
	for (int i = 0; i < WIRE_FDS; i++)
		fd_close(&opened->fds[i]);
	fd_close(&opened->news);
}
