/* SPDX-License-Identifier: MIT */
/* runs as: root. One user's boxes: which live, and the garbage of those that do not. */
#include "helper/collect.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "conf/fd.h"
#include "helper/box.h"
#include "helper/log.h"
#include "helper/net/net.h"

static void log_end(uid_t uid, unsigned number, const struct record *r)
{
	uint64_t now = (uint64_t)time(NULL);

	if (r->box[0] == '\0')
		log_info("event=collect uid=%u number=%u", uid, number);
	else
		log_info("event=end box=%s user=%s uid=%u seconds=%llu", r->box, r->owner.name, uid,
			 (unsigned long long)(now > r->created ? now - r->created : 0));
}

int collect_one(int proc, int run, uid_t uid, unsigned number, const struct cgroups *cgroups, int64_t deadline,
		struct fail *f)
{
	struct record record;
	struct fail unread;

	/* Without a record that can be read, an address is left to net_collect, which goes by the claims. */
	if (record_read(run, number, &record, &unread) < 0)
		record = (struct record){ .address = "-", .ports = "-" };
	/* In this order: while the record is there nobody takes the number, and with it the cgroup, again. */
	if (cgroup_end(cgroups, uid, number, deadline, f) < 0 ||
	    (record.slot != 0 &&
	     net_release(proc, record.slot, uid, number, strcmp(record.ports, "-") != 0, f) < 0) ||
	    record_remove(run, number, f) < 0)
		return fail_in(f, "collect what box %u of uid %u left", number, uid);
	log_end(uid, number, &record);
	return 0;
}

static bool is_live(const struct live *live, unsigned number)
{
	for (int i = 0; i < live->count; i++)
		if (live->number[i] == number)
			return true;
	return false;
}

/* 1: the box lives. 0: it is dead, and so is its record. */
static int judge(int proc, int run, uid_t uid, unsigned number, bool force, struct fail *f)
{
	struct record record;

	if (record_read(run, number, &record, f) < 0)
		return force || f->code == ENOENT ? 0 : -1;
	if (record.owner.uid != uid)
		return force ? 0 : fail(f, 0, "record %u of uid %u: corrupt record: it is of uid %u", number, uid,
					record.owner.uid);

	OWN_FD int pidfd = box_pidfd(proc, &record, f);

	if (pidfd < 0)
		return f->code == ESRCH ? 0 : -1;
	return 1;
}

static int collect_cgroups(int proc, int run, uid_t uid, const struct cgroups *cgroups, const struct live *live,
			   int64_t deadline, struct fail *f)
{
	unsigned numbers[BOXES_MOST];
	int n = cgroup_numbers(cgroups, uid, numbers, BOXES_MOST, f);

	for (int i = 0; i < n; i++)
		if (!is_live(live, numbers[i]) && collect_one(proc, run, uid, numbers[i], cgroups, deadline, f) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

int collect(int proc, int run, uid_t uid, const struct cgroups *cgroups, bool force, int64_t deadline,
	    struct live *live, struct fail *f)
{
	unsigned numbers[BOXES_MOST];
	int n = record_numbers(run, numbers, BOXES_MOST, f);

	live->count = 0;
	for (int i = 0; i < n; i++) {
		int lives = judge(proc, run, uid, numbers[i], force, f);

		if (lives < 0)
			return fail_in(f, "uid %u (`nssh --gc` ends the boxes of unreadable records)", uid);
		if (lives == 1)
			live->number[live->count++] = numbers[i];
		else if (collect_one(proc, run, uid, numbers[i], cgroups, deadline, f) < 0)
			return -1;
	}
	return n < 0 ? -1 : collect_cgroups(proc, run, uid, cgroups, live, deadline, f);
}

int collect_find(int proc, int run, const char *name, struct record *record, struct fail *f)
{
	unsigned numbers[BOXES_MOST];
	struct record candidate;
	OWN_FD int found = -1;
	int n = record_numbers(run, numbers, BOXES_MOST, f);

	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		if (record_read(run, numbers[i], &candidate, f) < 0 ||
		    (name != NULL && strcmp(candidate.box, name) != 0) ||
		    (found >= 0 && candidate.created < record->created))
			continue;

		int pidfd = box_pidfd(proc, &candidate, f);

		if (pidfd < 0)
			continue;
		fd_close(&found);
		found = pidfd;
		*record = candidate;
	}
	if (found < 0)
		return fail(f, ESRCH, "there is no live box%s%s", name != NULL ? " " : "", name != NULL ? name : "");
	return fd_give(&found);
}

int collect_free_number(const struct live *live, uint64_t most)
{
	for (unsigned number = 1; number <= most && number <= BOXES_MOST; number++)
		if (!is_live(live, number))
			return (int)number;
	return -1;
}
