/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace. /proc and /sys, and what of them is masked. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/inside.h"
#include "helper/mnt.h"

/* Where lxcfs is mounted. */
#define LXCFS "/var/lib/lxcfs"

static const uint64_t kernel_attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/* The paths that Docker and Podman mask, because they tell about, or steer, the host and not the box. */
static const char *const masked[] = {
	"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
	"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
	"/sys/devices/virtual/powercap", "/sys/firmware",
};

/* The paths that they leave readable only. */
static const char *const read_only[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

/* Settings of the box's own network namespace, written once, before /proc/sys is read-only. */
static const struct setting {
	const char *path, *value;
} settings[] = {
	{ "sys/net/ipv4/ip_unprivileged_port_start", "0" },
	{ "sys/net/ipv4/ping_group_range", "0 2147483647" },
};

static int set(int proc, const struct setting *s, struct fail *f)
{
	OWN_FD int fd = openat(proc, s->path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0; /* a kernel without IPv4 */
	if (fd < 0 || fd_write_all(fd, s->value, strlen(s->value)) < 0)
		return fail(f, errno, "set /proc/%s", s->path);
	return 0;
}

static int make_read_only(int root, const char *path, struct fail *f)
{
	OWN_FD int at = mnt_resolve(root, path, f);

	if (at < 0)
		return f->code == ENOENT ? 0 : -1;

	OWN_FD int mount = mnt_clone(at, "", f);

	if (mount < 0 || mnt_set(mount, MOUNT_ATTR_RDONLY | kernel_attributes, -1, f) < 0)
		return -1;
	return mnt_attach(mount, root, path, f);
}

/*
 * With v2, the box's own cgroup where programs look for theirs: the root of the cgroup namespace that we are in. Only
 * who may make children can write there, and only to what belongs to them. Without one, programs that make containers
 * find an empty tmpfs, such as hosts with v1 mount their hierarchies on: they start only where there is either.
 */
static int show_cgroup(const struct plan *plan, int root, struct fail *f)
{
	uint64_t attributes = kernel_attributes | (plan->policy->delegate ? 0 : MOUNT_ATTR_RDONLY);

	if (!plan->in_cgroup)
		return plan->policy->nested ? inside_cover(root, "/sys/fs/cgroup", f) : 0;

	OWN_FD int cgroup = mnt_new("cgroup2", NULL, attributes, f);

	return cgroup < 0 ? -1 : mnt_attach(cgroup, root, "/sys/fs/cgroup", f);
}

/*
 * What lxcfs makes of them for whoever reads, from the cgroup of the reader's process 1. Versions offer more or less.
 */
static const char *const views[] = {
	"/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg", "/proc/meminfo", "/proc/stat", "/proc/swaps",
	"/proc/uptime", "/sys/devices/system/cpu",
};

static int show_view(const char *path, int root, struct fail *f)
{
	char from[64];

	(void)snprintf(from, sizeof from, LXCFS "%s", path);

	OWN_FD int view = mnt_clone(AT_FDCWD, from, f);

	if (view < 0)
		return f->code == ENOENT ? 0 : -1;
	if (mnt_set(view, kernel_attributes | MOUNT_ATTR_RDONLY, -1, f) < 0)
		return -1;
	return mnt_attach(view, root, path, f);
}

static int show_views(const struct plan *plan, int root, struct fail *f)
{
	if (plan->policy->procview != PROCVIEW_LXCFS)
		return 0;
	if (access(LXCFS "/proc/meminfo", R_OK) != 0) {
		(void)fail(f, errno, "procview = lxcfs needs lxcfs: cannot read " LXCFS "/proc/meminfo");
		return fail_plain(f, "lxcfs is not running on this host; please tell the administrator.");
	}
	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
		if (show_view(views[i], root, f) < 0)
			return -1;
	return 0;
}

/*
 * Of those who make user namespaces of their own, the kernel lets only such mount a procfs or sysfs there who see one
 * with nothing laid over it (mount_too_revealing() in fs/namespace.c). What the masks hide is then kept from them as
 * from anybody on the host: by its modes, which are root's.
 */
static int mask(const struct plan *plan, int root, struct fail *f)
{
	if (plan->policy->nested)
		return 0;
	for (size_t i = 0; i < sizeof masked / sizeof masked[0]; i++)
		if (inside_cover(root, masked[i], f) < 0)
			return -1;
	for (size_t i = 0; i < sizeof read_only / sizeof read_only[0]; i++)
		if (make_read_only(root, read_only[i], f) < 0)
			return -1;
	return 0;
}

int inside_proc(const struct plan *plan, int root, struct fail *f)
{
	OWN_FD int proc = mnt_new("proc", NULL, kernel_attributes, f);
	OWN_FD int sys = proc < 0 ? -1 : mnt_new("sysfs", NULL, kernel_attributes | MOUNT_ATTR_RDONLY, f);

	if (sys < 0)
		return -1;
	/* With network = host these would be the host's own. */
	for (size_t i = 0; plan->policy->network != NETWORK_HOST && i < sizeof settings / sizeof settings[0]; i++)
		if (set(proc, &settings[i], f) < 0)
			return -1;
	if (mnt_attach(proc, root, "/proc", f) < 0 || mnt_attach(sys, root, "/sys", f) < 0)
		return -1;
	if (mask(plan, root, f) < 0 || show_cgroup(plan, root, f) < 0)
		return -1;
	return show_views(plan, root, f);
}
