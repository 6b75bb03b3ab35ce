/* SPDX-License-Identifier: MIT */
/* runs as: root. Where the cgroups of boxes live on this host, and which controllers it has. */
#include "helper/cgroup_base.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/rundir.h"
#include "places.h"

#define ROOT "/sys/fs/cgroup"
#define LINK NSBOX_RUN "/cgroup"

enum { RESTART_MS = 1000 };

static const struct {
	const char *v2, *v1;
} names[CONTROLLERS] = {
	[C_PIDS] = { "pids", "pids" },
	[C_MEMORY] = { "memory", "memory" },
	[C_CPU] = { "cpu", "cpu" },
	[C_CPUACCT] = { NULL, "cpuacct" }, /* with v2 every cgroup counts processor time */
	[C_IO] = { "io", "blkio" },
};

const char *controller_name(enum controller controller, bool v2)
{
	return v2 && names[controller].v2 != NULL ? names[controller].v2 : names[controller].v1;
}

int cgroups_write(int dir, const char *name, const char *text)
{
	OWN_FD int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_all(fd, text, strlen(text));
}

int cgroups_directory(int parent, const char *name, bool *fresh, struct fail *f)
{
	bool made = mkdirat(parent, name, 0755) == 0;

	if (!made && errno != EEXIST)
		return fail(f, errno, "make the cgroup %s", name);

	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return fail(f, errno, "open the cgroup %s", name);
	if (fresh != NULL)
		*fresh = made;
	return dir;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at++)
		if ((at == list || at[-1] == ' ') && strchr(" \n", at[length]) != NULL)
			return true;
	return false;
}

static int read_controllers(int dir, const char *file, char *list, size_t size, struct fail *f)
{
	OWN_FD int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);

	return fd < 0 || fd_read_text(fd, list, size) < 0 ? fail(f, errno, "read %s", file) : 0;
}

int cgroups_pass_controllers(int dir, struct fail *f)
{
	char list[256], passed[256], words[64] = "";
	size_t used = 0;

	if (read_controllers(dir, "cgroup.controllers", list, sizeof list, f) < 0 ||
	    read_controllers(dir, "cgroup.subtree_control", passed, sizeof passed, f) < 0)
		return -1;
	for (int c = 0; c < CONTROLLERS; c++)
		if (names[c].v2 != NULL && has_word(list, names[c].v2) && !has_word(passed, names[c].v2))
			used += (size_t)snprintf(words + used, sizeof words - used, "+%s ", names[c].v2);
	if (used > 0 && cgroups_write(dir, "cgroup.subtree_control", words) < 0)
		return fail(f, errno, "turn the controllers %son for boxes", words);
	return 0;
}

/* The base below root. If it is not there and not to be made, all is well with -1. */
static int open_base(int root, bool make, int *base, struct fail *f)
{
	if (make)
		*base = cgroups_directory(root, "nsbox", NULL, f);
	else
		*base = openat(root, "nsbox", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*base >= 0 || (!make && errno == ENOENT))
		return 0;
	return make ? -1 : fail(f, errno, "open the cgroup nsbox");
}

/* What is missing here shows when a limit is to be written. */
static int note_controllers(struct cgroups *all, int dir, struct fail *f)
{
	char list[256];

	if (read_controllers(dir, "cgroup.controllers", list, sizeof list, f) < 0)
		return -1;
	for (int c = 0; c < CONTROLLERS; c++)
		all->of[c] = names[c].v2 == NULL || has_word(list, names[c].v2) ? 0 : -1;
	return 0;
}

static bool is_cgroup2(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* The cgroup of nsbox.service. Returns 1, 0 if this is no business of systemd's, -1. */
static int open_service(struct cgroups *all, struct fail *f)
{
	int64_t deadline = clock_ms() + RESTART_MS;
	struct stat st;

	/* Where it pointed somewhere before, the service may be about to start again. */
	do
		all->base[0] = open(LINK, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (all->base[0] < 0 && errno == ENOENT && lstat(LINK, &st) == 0 && deadline_nap(deadline, 20) == 0);
	if (all->base[0] >= 0 && is_cgroup2(all->base[0])) {
		all->service = true;
		return 1;
	}
	fd_close(&all->base[0]);
	if (access("/run/systemd/system", F_OK) != 0)
		return 0;
	(void)fail(f, 0, "nsbox.service has no cgroup: start it with `systemctl enable --now nsbox`");
	return fail_plain(f, "The service nsbox is not running on this host; please tell the administrator.");
}

static int open_own(struct cgroups *all, int root, bool make, struct fail *f)
{
	if (open_base(root, make, &all->base[0], f) < 0)
		return -1;
	/* Also if it was there: who made it may have been killed before this. */
	if (make && (cgroups_pass_controllers(root, f) < 0 || cgroups_pass_controllers(all->base[0], f) < 0))
		return -1;
	return 0;
}

static int open_v2(struct cgroups *all, bool make, struct fail *f)
{
	int service = open_service(all, f);
	OWN_FD int root = open(ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	all->count = 1;
	if (service < 0)
		return -1;
	if (root < 0)
		return fail(f, errno, "open " ROOT);
	if (service == 0 && open_own(all, root, make, f) < 0)
		return -1;
	return note_controllers(all, all->base[0] >= 0 ? all->base[0] : root, f);
}

/* Controllers that are mounted together are one hierarchy, found by a second name. */
static int same_hierarchy(const struct cgroups *all, int root)
{
	struct stat st, other;

	for (int i = 0; i < all->count; i++)
		if (fstat(root, &st) == 0 && fstat(all->base[i], &other) == 0 && st.st_dev == other.st_dev)
			return i;
	return -1;
}

static int add_v1(struct cgroups *all, enum controller c, bool make, struct fail *f)
{
	char path[64];

	(void)snprintf(path, sizeof path, ROOT "/%s", names[c].v1);

	OWN_FD int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (root < 0 && errno == ENOENT)
		return 0;
	if (root < 0 || fstatfs(root, &fs) != 0)
		return fail(f, errno, "open %s", path);
	if (fs.f_type != CGROUP_SUPER_MAGIC)
		return 0;
	all->of[c] = same_hierarchy(all, root);
	if (all->of[c] >= 0)
		return 0;
	if (open_base(root, make, &all->base[all->count], f) < 0)
		return fail_in(f, "%s", path);
	all->of[c] = all->count++;
	return 0;
}

static int open_v1(struct cgroups *all, bool make, struct fail *f)
{
	for (int c = 0; c < CONTROLLERS; c++)
		if (add_v1(all, (enum controller)c, make, f) < 0)
			return -1;
	if (all->count == 0)
		return fail(f, 0, "no cgroup hierarchy with a controller is mounted below " ROOT);
	return 0;
}

static int open_all(struct cgroups *all, bool make, struct fail *f)
{
	struct statfs fs;
	int done;

	*all = (struct cgroups)CGROUPS_EMPTY;
	if (statfs(ROOT, &fs) != 0)
		return fail(f, errno, "look at " ROOT);
	all->v2 = fs.f_type == CGROUP2_SUPER_MAGIC;
	done = all->v2 ? open_v2(all, make, f) : open_v1(all, make, f);
	if (done < 0)
		cgroups_close(all);
	return done;
}

int cgroups_open(struct cgroups *all, struct fail *f)
{
	return open_all(all, true, f);
}

int cgroups_find(struct cgroups *all, struct fail *f)
{
	return open_all(all, false, f);
}

bool cgroups_flat(const struct cgroups *all, int hierarchy)
{
	if (all->v2 || hierarchy < 0 || hierarchy != all->of[C_IO])
		return false;
	for (int c = 0; c < CONTROLLERS; c++)
		if (c != C_IO && all->of[c] == hierarchy)
			return false;
	/* A box is ended by what is in its cgroups, so it must have one somewhere. */
	return all->count > 1;
}

void cgroups_close(struct cgroups *all)
{
	for (int i = 0; i < WIRE_CGROUPS; i++)
		fd_close(&all->base[i]);
}
