/* SPDX-License-Identifier: MIT */
/* runs as: root. What the processes of a box had to say to the host, counted by nsbox-sweep. */
#include "helper/news.h"

#include <errno.h>

#include "conf/fd.h"
#include "helper/log.h"
#include "helper/record.h"
#include "helper/reset.h"
#include "helper/rundir.h"

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

int news(uid_t uid, unsigned number, uint64_t hops, bool reset, struct fail *f)
{
	struct owner owner;
	enum reset outcome;

	if (hops > 0 && log_hops(uid, number, hops, f) < 0)
		return -1;
	if (!reset)
		return 0;
	return owner_by_uid(uid, &owner, f) < 0 || reset_home(&owner, &outcome, f) < 0 ? -1 : 0;
}
