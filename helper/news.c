/* SPDX-License-Identifier: MIT */
/* runs as: root. What the processes of a box had to say to the host, counted by nsbox-sweep. */
#include "helper/news.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/pidfd.h>

#include "conf/fd.h"
#include "helper/init/init.h"
#include "helper/log.h"
#include "helper/logins.h"
#include "helper/process.h"
#include "helper/record.h"
#include "helper/reset.h"
#include "helper/rundir.h"
#include "helper/users.h"

/* Of a box that was collected meanwhile nobody needs to hear. */
static int log_hops(uid_t uid, unsigned number, uint64_t hops, struct fail *f)
{
	struct record r;
	OWN_FD int run = rundir_open(uid, false, f);

	if (run < 0 || record_read(run, number, &r, f) < 0)
		return f->code == ENOENT ? 0 : -1;
	log_info("event=hop box=%s user=%s uid=%u count=%llu", r.box, r.owner.name, uid, (unsigned long long)hops);
	return 0;
}

static int wish_reset(uid_t uid, struct fail *f)
{
	struct owner owner;
	enum reset outcome;

	return owner_by_uid(uid, &owner, f) < 0 ? -1 : reset_home(&owner, &outcome, f);
}

struct who {
	int proc, run;
	bool logged_in;
};

/* Where it cannot be found out there may be somebody. */
static int look_for_logins(void *context, const struct record *r, int pidfd, struct fail *f)
{
	struct who *who = context;
	struct logins logins;
	struct fail unread;

	(void)pidfd;
	(void)f;
	if (logins_read(who->proc, who->run, r->number, &logins, &unread) < 0 || logins.count > 0)
		who->logged_in = true;
	return 0;
}

static int answer_init(void *context, const struct record *r, int pidfd, struct fail *f)
{
	const struct who *who = context;

	(void)r;
	(void)f;
	/* Who has ended meanwhile asks no more. */
	(void)pidfd_send_signal(pidfd, who->logged_in ? INIT_HOPS_HOLD : INIT_HOPS_DO_NOT_HOLD, NULL, 0);
	return 0;
}

/* Every box of the owner hears it: those that keep each other have each asked once, and not all at the same time. */
static int answer_alone(uid_t uid, struct fail *f)
{
	OWN_FD int proc = process_open_proc(f);
	OWN_FD int run = proc < 0 ? -1 : rundir_open(uid, false, f);
	struct who who = { .proc = proc, .run = run };

	if (run < 0)
		return f->code == ENOENT ? 0 : -1;
	return boxes_each(proc, run, look_for_logins, &who, f) < 0 ? -1 : boxes_each(proc, run, answer_init, &who, f);
}

int news(uid_t uid, unsigned number, const struct news *news, struct fail *f)
{
	if ((news->hops > 0 && log_hops(uid, number, news->hops, f) < 0) || (news->alone && answer_alone(uid, f) < 0))
		return -1;
	return news->reset ? wish_reset(uid, f) : 0;
}
