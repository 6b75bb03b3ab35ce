/* SPDX-License-Identifier: MIT */
/* runs as: root. What there is below the base, and what the files there say. */
#include "helper/cgroup_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/cgroup.h"
#include "helper/fields.h"
#include "helper/rundir.h"

const char *cgroup_path(char path[CGROUP_PATH], uid_t uid, unsigned number)
{
	(void)snprintf(path, CGROUP_PATH, number == 0 ? "%u" : "%u/%u", uid, number);
	return path;
}

int cgroup_open_level(int base, uid_t uid, unsigned number)
{
	char path[CGROUP_PATH];

	return openat(base, cgroup_path(path, uid, number), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int cgroup_file(const struct cgroups *all, uid_t uid, unsigned number, enum controller controller, const char *file,
		int flags)
{
	if (all->of[controller] < 0 || all->base[all->of[controller]] < 0) {
		errno = ENOENT;
		return -1;
	}

	OWN_FD int dir = cgroup_open_level(all->base[all->of[controller]], uid, number);

	return dir < 0 ? -1 : openat(dir, file, flags | O_CLOEXEC);
}

int cgroup_read(const struct cgroups *all, uid_t uid, unsigned number, enum controller controller, const char *file,
		char *text, size_t size, struct fail *f)
{
	char path[CGROUP_PATH];
	OWN_FD int fd = cgroup_file(all, uid, number, controller, file, O_RDONLY);

	if (fd >= 0 && fd_read_text(fd, text, size) >= 0)
		return 0;
	/* Pressure may be switched off (EOPNOTSUPP); a box that has just ended has no files (ENODEV). */
	if (errno == ENOENT || errno == ENODEV || errno == EOPNOTSUPP)
		return 1;
	return fail(f, errno, "read %s of the cgroup %s", file, cgroup_path(path, uid, number));
}

int cgroup_numbers(const struct cgroups *all, uid_t uid, unsigned *numbers, int max, struct fail *f)
{
	bool seen[BOXES_MOST + 1] = { false }; /* a box is in several hierarchies */
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

			if (d->d_type != DT_DIR || field_number(d->d_name, BOXES_MOST, &number) < 0 || seen[number])
				continue;
			seen[number] = true;
			numbers[n++] = (unsigned)number;
		}
		(void)closedir(list);
	}
	return n;
}
