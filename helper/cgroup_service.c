/* SPDX-License-Identifier: MIT */
/* runs as: root, started by systemd. nsbox.service takes over the cgroup it was given. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/cgroup_base.h"
#include "helper/rundir.h"
#include "places.h"

#define ROOT "/sys/fs/cgroup"

/*
 * The path of the unit's cgroup. systemd runs the commands of a delegated unit that are not its main one in a child
 * of the unit's cgroup called .control.
 */
static int find_unit(char *path, size_t size, struct fail *f)
{
	static const char control[] = "/.control";
	char text[4096];
	OWN_FD int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, sizeof text) < 0)
		return fail(f, errno, "read /proc/self/cgroup");
	if (strncmp(text, "0::/", 4) != 0)
		return fail(f, 0, "this host does not use cgroup version 2 alone");
	text[strcspn(text, "\n")] = '\0';

	char *at = text + strlen("0::");
	size_t length = strlen(at);

	if (length > strlen(control) && strcmp(at + length - strlen(control), control) == 0)
		at[length - strlen(control)] = '\0';
	if (strstr(at, ".service") == NULL)
		return fail(f, 0, "%s is not the cgroup of a service: this is for nsbox.service alone", at);
	if ((size_t)snprintf(path, size, ROOT "%s", at) >= size)
		return fail(f, ENAMETOOLONG, "the cgroup %s", at);
	return 0;
}

/* Atomically, for logins go on meanwhile. */
static int point_to(const char *path, struct fail *f)
{
	OWN_FD int run = directory_of_root(AT_FDCWD, NSBOX_RUN, 0755, true, f);

	if (run < 0)
		return -1;
	if (unlinkat(run, "cgroup.new", 0) != 0 && errno != ENOENT)
		return fail(f, errno, "remove " NSBOX_RUN "/cgroup.new");
	if (symlinkat(path, run, "cgroup.new") != 0 || renameat(run, "cgroup.new", run, "cgroup") != 0)
		return fail(f, errno, "let " NSBOX_RUN "/cgroup point to %s", path);
	return 0;
}

int cgroups_take_over(struct fail *f)
{
	char path[4200];
	struct statfs fs;

	if (statfs(ROOT, &fs) != 0)
		return fail(f, errno, "look at " ROOT);
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return 0; /* with v1 boxes live beside what systemd has, which never touches it */
	if (find_unit(path, sizeof path, f) < 0)
		return -1;

	OWN_FD int unit = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_FD int keeper = unit < 0 ? -1 : cgroups_directory(unit, "keeper", NULL, f);

	if (unit < 0)
		return fail(f, errno, "open %s", path);
	/* A cgroup whose children have controllers must have no processes of its own (cgroup-v2.rst). */
	if (keeper < 0)
		return -1;
	if (cgroups_write(keeper, "cgroup.procs", "0") < 0)
		return fail(f, errno, "enter the cgroup %s/keeper", path);
	if (cgroups_pass_controllers(unit, f) < 0)
		return fail_in(f, "%s", path);
	return point_to(path, f);
}
