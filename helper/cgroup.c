/* SPDX-License-Identifier: MIT */
/* runs as: root. Control groups: nsbox/UID holds a user's limits, nsbox/UID/N one box. */
#include "helper/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/policy.h"
#include "helper/cgroup_kill.h"
#include "helper/fields.h"

#define ROOT "/sys/fs/cgroup"

/* One row a limit: its file in v2, and its file and controller in v1. */
static const struct control {
	const char *controller;
	const char *v2;
	const char *v1;
	size_t at;
} controls[] = {
	{ "pids", "pids.max", "pids.max", offsetof(struct limits, pids) },
	{ "memory", "memory.max", "memory.limit_in_bytes", offsetof(struct limits, memory) },
};

enum { CONTROLS = sizeof controls / sizeof controls[0] };

static int write_file(int dir, const char *name, const char *text)
{
	OWN_FD int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_all(fd, text, strlen(text));
}

/* Lets the children of dir have the controllers. What is missing shows when a limit is written. */
static void pass_controllers(int dir)
{
	for (int i = 0; i < CONTROLS; i++) {
		char word[16];

		(void)snprintf(word, sizeof word, "+%s", controls[i].controller);
		(void)write_file(dir, "cgroup.subtree_control", word);
	}
}

static int make_directory(int parent, const char *name, bool v2, struct fail *f)
{
	bool fresh = mkdirat(parent, name, 0755) == 0;

	if (!fresh && errno != EEXIST)
		return fail(f, errno, "make the cgroup %s", name);

	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return fail(f, errno, "open the cgroup %s", name);
	if (fresh && v2)
		pass_controllers(dir);
	return dir;
}

static int add_hierarchy(struct cgroups *all, const char *path, long magic, struct fail *f)
{
	OWN_FD int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (root < 0 && errno == ENOENT)
		return 0;
	if (root < 0 || fstatfs(root, &fs) != 0)
		return fail(f, errno, "open %s", path);
	if (fs.f_type != magic)
		return 0;
	if (all->v2 && faccessat(root, "nsbox", F_OK, 0) != 0)
		pass_controllers(root);

	int base = make_directory(root, "nsbox", all->v2, f);

	if (base < 0)
		return -1;
	all->base[all->count++] = base;
	return 0;
}

int cgroups_open(struct cgroups *all, struct fail *f)
{
	struct statfs fs;

	*all = (struct cgroups)CGROUPS_EMPTY;
	if (statfs(ROOT, &fs) != 0)
		return fail(f, errno, "look at " ROOT);
	all->v2 = fs.f_type == CGROUP2_SUPER_MAGIC;
	if (all->v2)
		return add_hierarchy(all, ROOT, CGROUP2_SUPER_MAGIC, f);
	for (int i = 0; i < CONTROLS; i++) {
		char path[64];

		(void)snprintf(path, sizeof path, ROOT "/%s", controls[i].controller);
		if (add_hierarchy(all, path, CGROUP_SUPER_MAGIC, f) < 0) {
			cgroups_close(all);
			return -1;
		}
	}
	if (all->count == 0)
		return fail(f, 0, "no cgroup hierarchy with pids or memory is mounted below " ROOT);
	return 0;
}

void cgroups_close(struct cgroups *all)
{
	for (int i = 0; i < WIRE_CGROUPS; i++)
		fd_close(&all->base[i]);
}

static int write_limit(const int *users, int count, bool v2, const struct control *c, uint64_t limit, struct fail *f)
{
	const char *file = v2 ? c->v2 : c->v1;
	char text[24] = "max";

	if (limit != POLICY_NONE)
		(void)snprintf(text, sizeof text, "%llu", (unsigned long long)limit);
	else if (!v2 && strcmp(c->controller, "memory") == 0)
		(void)snprintf(text, sizeof text, "-1");
	for (int i = 0; i < count; i++) {
		if (write_file(users[i], file, text) == 0)
			return 0;
		if (errno != ENOENT)
			return fail(f, errno, "set %s to %s", file, text);
	}
	if (limit == POLICY_NONE)
		return 0; /* nothing to enforce */
	return fail(f, 0, "%s = %s is set in nsbox.conf, but this kernel offers no %s controller here",
		    c->controller, text, c->controller);
}

static int write_limits(const int *users, const struct cgroups *all, const struct limits *limits, struct fail *f)
{
	for (int i = 0; i < CONTROLS; i++) {
		uint64_t limit;

		memcpy(&limit, (const char *)limits + controls[i].at, sizeof limit);
		if (write_limit(users, all->count, all->v2, &controls[i], limit, f) < 0)
			return -1;
	}
	return 0;
}

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

/* The box's directories in every hierarchy; users keeps the user's, for the limits. */
static int make_all(const struct cgroups *all, uid_t uid, unsigned number, int *users, struct cgroup *made,
		    struct fail *f)
{
	char user[16], box[16];

	(void)snprintf(user, sizeof user, "%u", uid);
	(void)snprintf(box, sizeof box, "%u", number);
	for (int i = 0; i < all->count; i++) {
		users[i] = make_directory(all->base[i], user, all->v2, f);
		made->directory[i] = users[i] < 0 ? -1 : make_directory(users[i], box, false, f);
		made->procs[i] = made->directory[i] < 0 ? -1 : open_procs(all, made->directory[i], f);
		made->count = i + 1;
		if (made->procs[i] < 0)
			return -1;
	}
	return 0;
}

int cgroup_make(const struct cgroups *all, uid_t uid, unsigned number, const struct limits *limits,
		struct cgroup *made, struct fail *f)
{
	int users[WIRE_CGROUPS] = { -1, -1, -1, -1 };
	int done = make_all(all, uid, number, users, made, f);

	if (done == 0)
		done = write_limits(users, all, limits, f);
	for (int i = 0; i < WIRE_CGROUPS; i++)
		fd_close(&users[i]);
	return done;
}

void cgroup_close(struct cgroup *made)
{
	for (int i = 0; i < WIRE_CGROUPS; i++) {
		fd_close(&made->directory[i]);
		fd_close(&made->procs[i]);
	}
}

static int open_box(int base, uid_t uid, unsigned number)
{
	char path[40];

	(void)snprintf(path, sizeof path, "%u/%u", uid, number);
	return openat(base, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int cgroup_open(const struct cgroups *all, uid_t uid, unsigned number, struct cgroup *found, struct fail *f)
{
	for (int i = 0; i < all->count; i++) {
		found->directory[i] = open_box(all->base[i], uid, number);
		if (found->directory[i] < 0)
			return fail(f, errno, "open the cgroup of box %u", number);
		found->procs[i] = open_procs(all, found->directory[i], f);
		found->count = i + 1;
		if (found->procs[i] < 0)
			return -1;
	}
	return 0;
}

static int end_one(int base, uid_t uid, unsigned number, int64_t deadline, struct fail *f)
{
	OWN_FD int dir = open_box(base, uid, number);
	char path[40];

	if (dir < 0 && errno == ENOENT)
		return 0;
	if (dir < 0)
		return fail(f, errno, "open the cgroup of box %u", number);
	(void)snprintf(path, sizeof path, "%u/%u", uid, number);
	do {
		if (cgroup_kill(dir, f) < 0)
			return -1;
		if (unlinkat(base, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return fail(f, errno, "remove the cgroup %s", path);
	} while (deadline_nap(deadline, 1) == 0);
	return fail(f, ETIMEDOUT, "empty the cgroup %s: a process in it does not die", path);
}

int cgroup_end(const struct cgroups *all, uid_t uid, unsigned number, int64_t deadline, struct fail *f)
{
	for (int i = 0; i < all->count; i++)
		if (end_one(all->base[i], uid, number, deadline, f) < 0)
			return -1;
	return 0;
}

void cgroup_end_user(const struct cgroups *all, uid_t uid)
{
	char user[16];

	(void)snprintf(user, sizeof user, "%u", uid);
	/* EBUSY is the normal answer while another box of the user lives; a leftover costs nothing. */
	for (int i = 0; i < all->count; i++)
		(void)unlinkat(all->base[i], user, AT_REMOVEDIR);
}

int cgroup_numbers(const struct cgroups *all, uid_t uid, unsigned *numbers, int max, struct fail *f)
{
	char user[16];
	int n = 0;

	(void)snprintf(user, sizeof user, "%u", uid);
	for (int i = 0; i < all->count; i++) {
		int fd = openat(all->base[i], user, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		DIR *list = fd >= 0 ? fdopendir(fd) : NULL;

		if (list == NULL && errno == ENOENT)
			continue;
		if (list == NULL) {
			int code = errno;

			fd_close(&fd);
			return fail(f, code, "list the cgroups of uid %u", uid);
		}
		for (const struct dirent *d; n < max && (d = readdir(list)) != NULL;) {
			uint64_t number;

			if (d->d_type == DT_DIR && field_number(d->d_name, 1000, &number) == 0)
				numbers[n++] = (unsigned)number;
		}
		(void)closedir(list);
	}
	return n;
}

int cgroup_enter_keeper(const struct cgroups *all, struct fail *f)
{
	for (int i = 0; i < all->count; i++) {
		OWN_FD int dir = make_directory(all->base[i], "keeper", false, f);

		if (dir < 0)
			return -1;
		if (write_file(dir, self_file(all), "0") < 0)
			return fail(f, errno, "enter the cgroup nsbox/keeper");
	}
	return 0;
}
