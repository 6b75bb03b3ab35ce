/* SPDX-License-Identifier: MIT */
/* runs as: root. Control groups: BASE/UID holds a user's limits, BASE/UID/N one box. */
#include "helper/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/cgroup_delegate.h"
#include "helper/cgroup_read.h"
#include "helper/limits.h"
#include "helper/rundir.h"

/*
 * The file in which a process with one thread writes "0" to move itself. With v1 that is tasks: moving a single
 * thread takes no lock that waits for a grace period of RCU, which costs a login 8 ms with cgroup.procs.
 */
static const char *self_file(const struct cgroups *all)
{
	return all->v2 ? "cgroup.procs" : "tasks";
}

static int open_procs(const struct cgroups *all, int dir, struct fail *f)
{
	int fd = openat(dir, self_file(all), O_WRONLY | O_CLOEXEC);

	return fd < 0 ? fail(f, errno, "open %s of the box's cgroup", self_file(all)) : fd;
}

static void close_all(int fds[WIRE_CGROUPS])
{
	for (int i = 0; i < WIRE_CGROUPS; i++)
		fd_close(&fds[i]);
}

/* The box's directory in a hierarchy, or the user's where the boxes share that. */
static int open_box_level(const struct cgroups *all, int hierarchy, uid_t uid, unsigned number)
{
	return cgroup_open_level(all->base[hierarchy], uid, cgroups_flat(all, hierarchy) ? 0 : number);
}

/* Where processes enter the box's cgroup. */
static int open_doors(const struct cgroups *all, const struct owner *owner, struct cgroup *box, struct fail *f)
{
	for (int i = 0; i < box->count; i++) {
		if (all->v2 && cgroup_delegated(box->directory[i], owner, &box->login, f) < 0)
			return -1;
		box->procs[i] = open_procs(all, box->login >= 0 ? box->login : box->directory[i], f);
		if (box->procs[i] < 0)
			return -1;
	}
	return 0;
}

/* A user's directories, with the limits of the policy. */
static int make_user(const struct cgroups *all, uid_t uid, const struct policy *policy, int users[WIRE_CGROUPS],
		     struct fail *f)
{
	char name[16];
	bool fresh = true, made;

	(void)snprintf(name, sizeof name, "%u", uid);
	for (int i = 0; i < all->count; i++) {
		users[i] = cgroups_directory(all->base[i], name, &made, f);
		/* Also if it was there: who made it may have been killed before this. */
		if (users[i] < 0 || (all->v2 && cgroups_pass_controllers(users[i], f) < 0))
			return -1;
		fresh &= made;
	}
	return limits_write(all, users, LEVEL_USER, fresh, policy, f);
}

static int limit_box(const struct cgroups *all, uid_t uid, unsigned number, const struct policy *policy,
		     struct fail *f)
{
	int dirs[WIRE_CGROUPS] = CGROUPS_NONE;
	int done = 0;

	for (int i = 0; i < all->count && done == 0; i++) {
		dirs[i] = open_box_level(all, i, uid, number);
		if (dirs[i] < 0)
			done = fail(f, errno, "open the cgroup of box %u", number);
	}
	/* It may end meanwhile, and needs no limits then. */
	if (done < 0 && f->code == ENOENT)
		done = 0;
	else if (done == 0)
		done = limits_write(all, dirs, LEVEL_BOX, false, policy, f);
	close_all(dirs);
	return done;
}

/* The user's directories, and the limits of today for them and for each box that is there. */
static int limit_user(const struct cgroups *all, uid_t uid, const struct policy *policy, int users[WIRE_CGROUPS],
		      struct fail *f)
{
	unsigned numbers[BOXES_MOST];
	int n = cgroup_numbers(all, uid, numbers, BOXES_MOST, f);
	int done = n < 0 ? -1 : make_user(all, uid, policy, users, f);
	struct fail later;

	for (int i = 0; i < n; i++)
		if (limit_box(all, uid, numbers[i], policy, done == 0 ? f : &later) < 0)
			done = -1;
	return done;
}

static int make_level(const struct cgroups *all, int hierarchy, int user, const char *name, struct fail *f)
{
	int dir;

	if (!cgroups_flat(all, hierarchy))
		return cgroups_directory(user, name, NULL, f);
	dir = fcntl(user, F_DUPFD_CLOEXEC, 3);
	return dir < 0 ? fail(f, errno, "copy a descriptor") : dir;
}

/* A box's directories, in the user's. */
static int make_box(const struct cgroups *all, const int *users, unsigned number, const struct policy *policy,
		    struct cgroup *made, struct fail *f)
{
	char name[16];

	(void)snprintf(name, sizeof name, "%u", number);
	for (int i = 0; i < all->count; i++) {
		made->directory[i] = make_level(all, i, users[i], name, f);
		made->count = i + 1;
		if (made->directory[i] < 0)
			return -1;
	}
	return limits_write(all, made->directory, LEVEL_BOX, true, policy, f);
}

static int refuse_delegate(struct fail *f)
{
	(void)fail(f, 0, "delegate = yes needs cgroup version 2, and this host has version 1");
	return fail_plain(f, "delegate = yes does not work on this host; please tell the administrator.");
}

int cgroup_make(const struct cgroups *all, const struct owner *owner, unsigned number, const struct policy *policy,
		struct cgroup *made, struct fail *f)
{
	int users[WIRE_CGROUPS] = CGROUPS_NONE;
	int done = limit_user(all, owner->uid, policy, users, f);

	if (done == 0)
		done = make_box(all, users, number, policy, made, f);
	close_all(users);
	if (done == 0 && policy->delegate)
		done = all->v2 ? cgroup_delegate(made->directory[0], owner, f) : refuse_delegate(f);
	return done < 0 ? -1 : open_doors(all, owner, made, f);
}

void cgroup_close(struct cgroup *made)
{
	close_all(made->directory);
	close_all(made->procs);
	fd_close(&made->login);
}

int cgroup_open(const struct cgroups *all, const struct owner *owner, unsigned number, struct cgroup *found,
		struct fail *f)
{
	for (int i = 0; i < all->count; i++) {
		found->directory[i] = open_box_level(all, i, owner->uid, number);
		if (found->directory[i] < 0)
			return fail(f, errno, "open the cgroup of box %u", number);
		found->count = i + 1;
	}
	return open_doors(all, owner, found, f);
}

int cgroup_full(struct fail *f, const char *what)
{
	(void)fail(f, errno, "%s", what);
	/* The controller pids says EAGAIN (cgroup-v2.rst); so would RLIMIT_NPROC, which does not hold for root. */
	return f->code != EAGAIN ? -1 :
	       fail_plain(f, "You have as many processes as you may have: end some, and try again.");
}

int cgroup_limit(const struct cgroups *all, uid_t uid, const struct policy *policy, struct fail *f)
{
	int users[WIRE_CGROUPS] = CGROUPS_NONE;
	int done = limit_user(all, uid, policy, users, f);

	close_all(users);
	return done;
}

int cgroup_enter_keeper(const struct cgroups *all, struct fail *f)
{
	for (int i = 0; i < all->count; i++) {
		OWN_FD int dir = cgroups_directory(all->base[i], "keeper", NULL, f);

		if (dir < 0)
			return -1;
		if (cgroups_write(dir, self_file(all), "0") < 0)
			return fail(f, errno, "enter the cgroup keeper");
	}
	return 0;
}
