/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. What control groups boxes live in, for `nssh --check`. */
#include "helper/backend.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/limits.h"

enum { LIST = 128, PLACE = 512, LINE = 1024 };

static void append(char list[LIST], const char *word)
{
	size_t used = strlen(list);

	(void)snprintf(list + used, LIST - used, "%s%s", used > 0 ? "," : "", word);
}

static void list_controllers(const struct cgroups *all, char list[LIST])
{
	/* With v2 every cgroup counts processor time, under no name. */
	for (int c = 0; c < CONTROLLERS; c++)
		if (all->of[c] >= 0 && !(all->v2 && c == C_CPUACCT))
			append(list, controller_name((enum controller)c, all->v2));
}

static void list_missing(const struct cgroups *all, char list[LIST])
{
	bool missing[KEY_COUNT];

	limits_missing(all, missing);
	missing[KEY_delegate] = !all->v2;
	for (unsigned i = 0; i < KEY_COUNT; i++)
		if (missing[i])
			append(list, key_row((enum key)i)->name);
}

static int find_place(const struct cgroups *all, char place[PLACE], struct fail *f)
{
	char self[40];
	ssize_t n;

	if (!all->v2) {
		(void)snprintf(place, PLACE, "/sys/fs/cgroup/CONTROLLER/nsbox");
		return 0;
	}
	if (all->base[0] < 0) {
		(void)snprintf(place, PLACE, "/sys/fs/cgroup/nsbox");
		return 0;
	}
	(void)snprintf(self, sizeof self, "/proc/self/fd/%d", all->base[0]);
	n = readlink(self, place, PLACE - 1);
	if (n < 0)
		return fail(f, errno, "find the path of the boxes' cgroup");
	place[n] = '\0';
	return 0;
}

static int print(const struct cgroups *all, struct fail *f)
{
	char place[PLACE], controllers[LIST] = "", missing[LIST] = "", line[LINE] = "";

	if (find_place(all, place, f) < 0)
		return -1;
	list_controllers(all, controllers);
	list_missing(all, missing);
	if (field_put(line, sizeof line, "version", all->v2 ? "2" : "1", ' ') < 0 ||
	    field_put(line, sizeof line, "service", all->service ? "yes" : "no", ' ') < 0 ||
	    field_put(line, sizeof line, "place", place, ' ') < 0 ||
	    field_put(line, sizeof line, "controllers", controllers[0] != '\0' ? controllers : "-", ' ') < 0 ||
	    field_put(line, sizeof line, "missing", missing[0] != '\0' ? missing : "-", '\n') < 0)
		return fail(f, E2BIG, "line of the control groups");
	return fd_write_all(STDOUT_FILENO, line, strlen(line)) < 0 ? fail(f, errno, "write") : 0;
}

int backend_print(bool make, struct fail *f)
{
	struct cgroups all = CGROUPS_EMPTY;
	int done = make ? cgroups_open(&all, f) : cgroups_find(&all, f);

	if (done == 0)
		done = print(&all, f);
	cgroups_close(&all);
	return done;
}
