/* SPDX-License-Identifier: MIT */
/* runs as: root. The worker that made a box turns into the box's nsbox-sweep. */
#include "helper/become_sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/cgroup.h"
#include "helper/events.h"
#include "helper/log.h"
#include "helper/rundir.h"
#include "helper/told.h"
#include "places.h"

enum { LOCK_MS = 5000, HIGH = 64 };

/* What was counted before this box began is not its to tell. */
static int note_counts(const struct cgroups *all, uid_t uid, unsigned number, struct fail *f)
{
	struct told told = { .begun = (uint64_t)clock_ms() };
	OWN_FD int run = rundir_open(uid, false, f);

	if (run < 0 || events_count(all, uid, number, &told.events, f) < 0)
		return -1;
	return told_write(run, number, &told, clock_ms() + LOCK_MS, f);
}

/* Moves a descriptor, if there is one, out of the way of the numbers that are about to be overwritten. */
static int lift(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH);
}

/* Failing here leaves a sweep that sees less, or nothing; it still waits for init. */
static int arrange(const int fds[SWEEP_END], struct fail *f)
{
	int high[SWEEP_END];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < SWEEP_END; i++)
		high[i] = lift(i < SWEEP_INIT ? null : fds[i]);
	/* All are close-on-exec; said once more, so that it holds whatever was forgotten. */
	if (close_range(SWEEP_INIT, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
		return fail(f, errno, "close what nsbox-sweep must not have");
	for (int i = 0; i < SWEEP_END; i++)
		if (high[i] >= 0 && dup2(high[i], i) != i) /* without close-on-exec, as dup2 leaves it */
			return fail(f, errno, "place descriptor %d", i);
	return high[0] < 0 ? fail(f, errno, "open /dev/null") : 0;
}

static int prepare(uid_t uid, unsigned number, int fds[SWEEP_END], struct fail *f)
{
	struct cgroups cgroups = CGROUPS_EMPTY;
	int done;

	if (cgroups_open(&cgroups, f) < 0)
		return -1;
	done = cgroup_enter_keeper(&cgroups, f);
	if (done == 0)
		done = events_open(&cgroups, uid, number, fds, f);
	if (done == 0)
		done = note_counts(&cgroups, uid, number, f);
	cgroups_close(&cgroups);
	/* A box that has ended already has nothing to tell. */
	return done < 0 && f->code == ENOENT ? 0 : done;
}

void become_sweep(uid_t uid, unsigned number, int pidfd, int news)
{
	char uid_text[12], number_text[12];
	char *const argv[] = { (char *)"nsbox-sweep", uid_text, number_text, NULL };
	char *const nothing[] = { NULL };
	int fds[SWEEP_END] = { [SWEEP_INIT] = pidfd, -1, -1, -1, -1, [SWEEP_NEWS] = news };
	struct fail f = { 0 };

	(void)snprintf(uid_text, sizeof uid_text, "%u", uid);
	(void)snprintf(number_text, sizeof number_text, "%u", number);
	if (prepare(uid, number, fds, &f) < 0)
		log_error("event=sweep uid=%u error=\"%s\"", uid, f.text);
	if (arrange(fds, &f) < 0)
		log_error("event=sweep uid=%u error=\"%s\"", uid, f.text);
	(void)execve(NSBOX_LIBEXEC "/nsbox-sweep", argv, nothing);
	log_error("event=sweep uid=%u error=\"execute nsbox-sweep: %s\"", uid, strerrordesc_np(errno));
}
