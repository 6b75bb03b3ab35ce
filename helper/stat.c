/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --stat: what users and their boxes use, against what they may. */
#include "helper/stat.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/measure.h"
#include "helper/users.h"

enum { LINE = 2048 };

/* One user's boxes so far. */
struct user {
	const struct cgroups *cgroups;
	struct owner owner; /* of the last one */
	unsigned boxes;
};

/* Ends a line that says whose it is with what there is to measure. */
static int print_measures(const struct cgroups *cgroups, uid_t uid, unsigned number, char line[LINE], struct fail *f)
{
	struct timespec now;
	uint64_t usec;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	usec = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	for (int what = 0; what < MEASURES; what++)
		if (measure_put(cgroups, uid, number, (enum measure)what, line, LINE, f) < 0)
			return -1;
	if (field_put_number(line, LINE, "clock_usec", usec, '\n') < 0)
		return fail(f, E2BIG, "a line for uid %u", uid);
	if (fd_write_all(STDOUT_FILENO, line, strlen(line)) < 0)
		return fail(f, errno, "write");
	return 0;
}

static int print_box(void *context, const struct record *r, int pidfd, struct fail *f)
{
	struct user *user = context;
	char line[LINE] = "";

	(void)pidfd;
	user->owner = r->owner;
	user->boxes++;
	if (field_put(line, sizeof line, "level", "box", ' ') < 0 ||
	    field_put(line, sizeof line, "box", r->box, ' ') < 0 ||
	    field_put(line, sizeof line, "user", r->owner.name, ' ') < 0 ||
	    field_put_number(line, sizeof line, "uid", r->owner.uid, ' ') < 0)
		return fail(f, E2BIG, "line of box %s", r->box);
	return print_measures(user->cgroups, r->owner.uid, r->number, line, f);
}

static int print_user(void *context, int proc, int run, uid_t uid, struct fail *f)
{
	struct user user = { .cgroups = context };
	char line[LINE] = "";

	if (boxes_each(proc, run, print_box, &user, f) < 0)
		return -1;
	if (user.boxes == 0)
		return 0;
	if (field_put(line, sizeof line, "level", "user", ' ') < 0 ||
	    field_put(line, sizeof line, "user", user.owner.name, ' ') < 0 ||
	    field_put_number(line, sizeof line, "uid", uid, ' ') < 0 ||
	    field_put_number(line, sizeof line, "boxes", user.boxes, ' ') < 0)
		return fail(f, E2BIG, "line of uid %u", uid);
	return print_measures(user.cgroups, uid, 0, line, f);
}

int stat_print(uid_t uid, bool everybody, struct fail *f)
{
	struct cgroups cgroups = CGROUPS_EMPTY;
	int done = cgroups_find(&cgroups, f);

	if (done == 0)
		done = users_each(uid, everybody, print_user, &cgroups, f);
	cgroups_close(&cgroups);
	return done;
}
