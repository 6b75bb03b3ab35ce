/* SPDX-License-Identifier: MIT */
/* runs as: root. A new home for the boxes of a user: the layer of the old one is put aside. */
#include "helper/reset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/collect.h"
#include "helper/log.h"
#include "helper/process.h"
#include "helper/storage.h"
#include "helper/trash.h"

enum { LOCK_MS = 5000, COLLECT_MS = 4000 };

/* In the user's storage: the home, that before the last reset, and the wish for a reset while boxes live. */
static const char home[] = "home", old[] = "home.old", wish[] = "reset.home";

static bool is_there(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * The second rename is what a reset is: killed before it, the user has the home they had, and the wish; after it, the
 * next one finds no home, and does nothing but forget the wish.
 */
static int put_aside(int storage, const struct owner *owner, enum reset *outcome, struct fail *f)
{
	bool any = is_there(storage, home);

	/* In doubt the wish stays. */
	if (!any && errno != ENOENT)
		return fail(f, errno, "look for the stored home");
	if (any && is_there(storage, old) && trash_put(storage, old, f) < 0)
		return -1;
	if (any && renameat(storage, home, storage, old) != 0)
		return fail(f, errno, "put the stored home aside");
	if (any)
		log_info("event=reset user=%s uid=%u when=now", owner->name, owner->uid);
	if (unlinkat(storage, wish, 0) != 0 && errno != ENOENT)
		return fail(f, errno, "remove %s", wish);
	*outcome = any ? RESET_DONE : RESET_NOTHING;
	return 0;
}

/* Said again it is the same wish, and nothing more for the log. */
static int note_wish(int storage, const struct owner *owner, enum reset *outcome, struct fail *f)
{
	OWN_FD int fd = openat(storage, wish, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST)
		return fail(f, errno, "note the wish for a new home");
	if (fd >= 0)
		log_info("event=reset user=%s uid=%u when=later", owner->name, owner->uid);
	*outcome = RESET_LATER;
	return 0;
}

/* With the lock: nobody opens a box while it is looked whether there is one. */
static int reset_locked(int proc, int run, const struct owner *owner, int storage, enum reset *outcome,
			struct fail *f)
{
	struct cgroups cgroups = CGROUPS_EMPTY;
	struct live live = { .count = 0 };
	int done = cgroups_open(&cgroups, f);

	if (done == 0)
		done = collect(proc, run, owner->uid, &cgroups, false, clock_ms() + COLLECT_MS, &live, f);
	cgroups_close(&cgroups);
	if (done < 0)
		return -1;
	return live.count > 0 ? note_wish(storage, owner, outcome, f) : put_aside(storage, owner, outcome, f);
}

int reset_home(const struct owner *owner, enum reset *outcome, struct fail *f)
{
	OWN_FD int storage = storage_find(owner->uid, f);

	if (storage < 0 && f->code == ENOENT) {
		*outcome = RESET_NOTHING;
		return 0;
	}

	OWN_FD int proc = storage < 0 ? -1 : process_open_proc(f);
	OWN_FD int run = proc < 0 ? -1 : rundir_open(owner->uid, true, f);
	int lock = run < 0 ? -1 : rundir_lock(run, clock_ms() + LOCK_MS, f);
	int done = lock < 0 ? -1 : reset_locked(proc, run, owner, storage, outcome, f);

	rundir_unlock(&lock);
	return done;
}

void reset_pending(int storage, const struct owner *owner)
{
	enum reset outcome;
	struct fail f = { 0 };

	if (is_there(storage, wish) && put_aside(storage, owner, &outcome, &f) < 0)
		log_error("event=reset user=%s uid=%u error=\"%s\"", owner->name, owner->uid, f.text);
}

void reset_pending_of(uid_t uid)
{
	struct owner owner;
	struct fail ignored;
	OWN_FD int storage = storage_find(uid, &ignored);

	if (storage < 0 || !is_there(storage, wish))
		return;
	/* A name is for the log. */
	if (owner_by_uid(uid, &owner, &ignored) < 0)
		owner = (struct owner){ .uid = uid, .name = "-" };
	reset_pending(storage, &owner);
}

void reset_clear(uid_t uid, int64_t deadline)
{
	struct fail f = { 0 };
	OWN_FD int storage = storage_find(uid, &f);

	if (storage >= 0 && trash_empty(storage, deadline, &f) < 0 && f.code != ETIMEDOUT && f.code != EBUSY)
		log_error("event=reset uid=%u error=\"what a former reset left: %s\"", uid, f.text);
}
