/* SPDX-License-Identifier: MIT */
/* runs as: root. The key io_max as files of cgroups. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/io_max.h"
#include "helper/limits.h"

enum { IO_TEXT = 16384, DISK_TEXT = 24 };

/* v1 has a file for each rate; 0 is no limit there. */
static const struct {
	const char *file;
	size_t member;
} v1_files[] = {
	{ "blkio.throttle.read_bps_device", offsetof(struct io_max, rbps) },
	{ "blkio.throttle.write_bps_device", offsetof(struct io_max, wbps) },
	{ "blkio.throttle.read_iops_device", offsetof(struct io_max, riops) },
	{ "blkio.throttle.write_iops_device", offsetof(struct io_max, wiops) },
};

enum { V1_FILES = sizeof v1_files / sizeof v1_files[0] };

static int read_disk(const char *path, char disk[DISK_TEXT])
{
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, disk, DISK_TEXT) < 0)
		return -1;
	disk[strcspn(disk, "\n")] = '\0';
	return 0;
}

/* "MAJOR:MINOR" of the disk that path is or lies on: the kernel throttles whole disks, not their partitions. */
static int find_disk(const char *path, char disk[DISK_TEXT], struct fail *f)
{
	char sys[80];
	struct stat st;

	if (stat(path, &st) != 0)
		return fail(f, errno, "io_max: look at %s", path);

	dev_t dev = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;

	/* File systems that lie on no disk, or on several, have numbers of their own with major 0. */
	if (major(dev) == 0)
		return fail(f, 0, "io_max: %s does not lie on one disk: name the disk's device", path);
	(void)snprintf(disk, DISK_TEXT, "%u:%u", major(dev), minor(dev));
	(void)snprintf(sys, sizeof sys, "/sys/dev/block/%s/partition", disk);
	if (access(sys, F_OK) != 0)
		return 0;
	(void)snprintf(sys, sizeof sys, "/sys/dev/block/%s/../dev", disk);
	return read_disk(sys, disk) < 0 ? fail(f, errno, "io_max: find the disk of %s", path) : 0;
}

static void put_rate(char *text, size_t size, const char *name, uint64_t rate)
{
	size_t used = strlen(text);

	if (rate == POLICY_NONE)
		(void)snprintf(text + used, size - used, " %s=max", name);
	else
		(void)snprintf(text + used, size - used, " %s=%llu", name, (unsigned long long)rate);
}

static bool has_no_rate(const struct io_max *max)
{
	return max->rbps == POLICY_NONE && max->wbps == POLICY_NONE && max->riops == POLICY_NONE &&
	       max->wiops == POLICY_NONE;
}

/* Does the kernel say this already? Of a disk without any rate (none) it says nothing. */
static bool is_so(const char *lines, const char *disk, const char *line, bool none)
{
	size_t wanted = none ? strlen(disk) : strlen(line);

	for (const char *at = lines; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n') {
		if (none && strncmp(at, disk, wanted) == 0 && at[wanted] == ' ')
			return false;
		if (!none && strcspn(at, "\n") == wanted && strncmp(at, line, wanted) == 0)
			return true;
	}
	return none;
}

/* "" if there is no such file. */
static int read_lines(int dir, const char *file, char lines[IO_TEXT], struct fail *f)
{
	OWN_FD int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);

	lines[0] = '\0';
	if (fd < 0 && errno == ENOENT)
		return 0;
	return fd < 0 || fd_read_text(fd, lines, IO_TEXT) < 0 ? fail(f, errno, "read %s", file) : 0;
}

/* A rate that is written again would begin anew. */
static int write_line(int dir, const char *file, const char *disk, const char *line, bool none, struct fail *f)
{
	char lines[IO_TEXT];

	if (read_lines(dir, file, lines, f) < 0)
		return -1;
	if (is_so(lines, disk, line, none) || cgroups_write(dir, file, line) == 0)
		return 0;
	return fail(f, errno, "set %s to %s", file, line);
}

static int write_v2(int dir, const char *disk, const struct io_max *max, struct fail *f)
{
	char text[160];

	/* In the words, and the order, in which the kernel says it. */
	(void)snprintf(text, sizeof text, "%s", disk);
	put_rate(text, sizeof text, "rbps", max->rbps);
	put_rate(text, sizeof text, "wbps", max->wbps);
	put_rate(text, sizeof text, "riops", max->riops);
	put_rate(text, sizeof text, "wiops", max->wiops);
	return write_line(dir, "io.max", disk, text, has_no_rate(max), f);
}

static int write_v1(int dir, const char *disk, const struct io_max *max, struct fail *f)
{
	for (int i = 0; i < V1_FILES; i++) {
		uint64_t rate;
		char text[64];

		memcpy(&rate, (const char *)max + v1_files[i].member, sizeof rate);
		(void)snprintf(text, sizeof text, "%s %llu", disk,
			       rate == POLICY_NONE ? 0ULL : (unsigned long long)rate);
		if (write_line(dir, v1_files[i].file, disk, text, rate == POLICY_NONE, f) < 0)
			return -1;
	}
	return 0;
}

static int write_disk(bool v2, int dir, const char *disk, const struct io_max *max, struct fail *f)
{
	return v2 ? write_v2(dir, disk, max, f) : write_v1(dir, disk, max, f);
}

static bool is_configured(const struct policy *policy, const char *disk)
{
	for (char **line = policy->io_max; *line != NULL; line++) {
		struct io_max max;
		char its[DISK_TEXT];
		struct fail ignored;

		if (io_max_parse(*line, &max, &ignored) == 0 && find_disk(max.path, its, &ignored) == 0 &&
		    strcmp(its, disk) == 0)
			return true;
	}
	return false;
}

/*
 * Takes back what an earlier configuration said of disks that this one is silent about: each line begins with its
 * disk.
 */
static int clear_file(bool v2, int dir, const char *file, const struct policy *policy, struct fail *f)
{
	static const struct io_max none = { .rbps = POLICY_NONE, .wbps = POLICY_NONE, .riops = POLICY_NONE,
					    .wiops = POLICY_NONE };
	char lines[IO_TEXT];

	if (read_lines(dir, file, lines, f) < 0)
		return -1;
	for (char *line = lines, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		line[strcspn(line, " \n")] = '\0';
		if (strchr(line, ':') != NULL && !is_configured(policy, line) &&
		    write_disk(v2, dir, line, &none, f) < 0)
			return -1;
	}
	return 0;
}

static int clear(bool v2, int dir, const struct policy *policy, struct fail *f)
{
	if (v2)
		return clear_file(true, dir, "io.max", policy, f);
	for (int i = 0; i < V1_FILES; i++)
		if (clear_file(false, dir, v1_files[i].file, policy, f) < 0)
			return -1;
	return 0;
}

static bool has_files(const struct cgroups *all, const int *dirs)
{
	int dir = all->of[C_IO] < 0 ? -1 : dirs[all->of[C_IO]];

	if (all->of[C_IO] < 0)
		return false;
	return dir < 0 || faccessat(dir, all->v2 ? "io.max" : v1_files[0].file, F_OK, 0) == 0;
}

bool limits_has_io_max(const struct cgroups *all, const int *dirs)
{
	return has_files(all, dirs) && (all->v2 || cgroups_flat(all, all->of[C_IO]));
}

static int say_refused(const char *line, struct fail *f)
{
	return fail_plain(f,
			  "The limit io_max = %.80s cannot be enforced on this host; please tell the administrator.",
			  line);
}

static int refuse(const struct cgroups *all, const int *dirs, const char *line, struct fail *f)
{
	bool v2 = all->v2;

	if (has_files(all, dirs))
		(void)fail(f, 0,
			   "io_max cannot be enforced: this host has blkio in one hierarchy with another controller, "
			   "or nothing but blkio");
	else
		(void)fail(f, 0, "io_max cannot be enforced: this host has no %s (cgroup version %d, controller %s)",
			   v2 ? "io.max" : v1_files[0].file, v2 ? 2 : 1, controller_name(C_IO, v2));
	return say_refused(line, f);
}

static int write_configured(const struct cgroups *all, int dir, const char *line, struct fail *f)
{
	struct io_max max;
	char disk[DISK_TEXT];

	if (io_max_parse(line, &max, f) < 0 || find_disk(max.path, disk, f) < 0 ||
	    write_disk(all->v2, dir, disk, &max, f) < 0)
		return say_refused(line, f);
	return 0;
}

int limits_write_io_max(const struct cgroups *all, const int *dirs, bool fresh, const struct policy *policy,
			struct fail *f)
{
	int dir = all->of[C_IO] < 0 ? -1 : dirs[all->of[C_IO]];
	struct fail later;
	int done = 0;

	if (policy->io_max[0] != NULL && !limits_has_io_max(all, dirs))
		return refuse(all, dirs, policy->io_max[0], f);
	for (char **line = policy->io_max; *line != NULL; line++)
		if (write_configured(all, dir, *line, done == 0 ? f : &later) < 0)
			done = -1;
	return done == 0 && dir >= 0 && !fresh ? clear(all->v2, dir, policy, f) : done;
}
