/* SPDX-License-Identifier: MIT */
/* runs as: root. What only root may ask for: PAM, systemd, nsbox-sweep and the admin. */
#include "helper/requests_own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper/broker.h"
#include "helper/cgroup_base.h"
#include "helper/fields.h"
#include "helper/list.h"
#include "helper/log.h"
#include "helper/net/up.h"
#include "helper/news.h"
#include "helper/outside.h"
#include "helper/reload.h"
#include "helper/rundir.h"
#include "helper/tell.h"

/* A word that goes into the log and the record: no control bytes, no quotes. */
static void keep_clean(char *word)
{
	for (; *word != '\0'; word++)
		if ((unsigned char)*word < 0x21 || *word == '"' || *word == 0x7f)
			*word = '?';
}

int request_open(const struct words *w)
{
	struct request request = { .service = w->argv[1], .from = w->argv[2], .login = getppid() };
	struct owner owner;
	struct fail f = { 0 };

	keep_clean(w->argv[1]);
	keep_clean(w->argv[2]);
	if (strlen(request.service) > 31 || strlen(request.from) > 255)
		return request_complain("open", (fail(&f, EINVAL, "service or remote host"), &f));
	if (owner_by_name(w->argv[0], &owner, &f) < 0)
		return request_complain("open", &f);
	return broker_serve(&owner, &request);
}

/* As systemd's nsbox.service starts. */
int request_start(const struct words *w)
{
	struct fail f = { 0 };

	(void)w;
	if (cgroups_take_over(&f) < 0 || list_collect(0, true, false, &f) < 0)
		return request_complain("start", &f);
	return 0;
}

int request_reload(const struct words *w)
{
	struct reloaded users = { 0 };
	struct fail f = { 0 };
	int done = reload(&users, &f);

	(void)w;
	if (users.failed > 0) /* and logged, one by one */
		(void)dprintf(2, "nsbox-helper: %u user%s did not get the new limits; the log names them. "
			      "The last: %s\n", users.failed, users.failed == 1 ? "" : "s", f.text);
	else if (done < 0)
		return request_complain("reload", &f);
	else if (users.done == 0)
		(void)dprintf(1, "nobody has a box now: the limits of nsbox.conf come with the next login\n");
	else
		(void)dprintf(1, "%u user%s the limits of nsbox.conf\n", users.done,
			      users.done == 1 ? " has" : "s have");
	log_info("event=reload users=%u failed=%u", users.done, users.failed);
	return done < 0 ? 1 : 0;
}

int request_net_up(const struct words *w)
{
	bool wanted = false;
	struct fail f = { 0 };

	(void)w;
	if (net_up(&wanted, &f) < 0)
		return request_complain("net-up", &f);
	if (!wanted)
		(void)dprintf(1, "no section of nsbox.conf says network = nat: there is nothing to bring up\n");
	log_info("event=net-up done=%s", wanted ? "yes" : "no");
	return 0;
}

int request_net_down(const struct words *w)
{
	struct fail f = { 0 };

	(void)w;
	if (net_down(&f) < 0)
		return request_complain("net-down", &f);
	log_info("event=net-down");
	return 0;
}

/* By nsbox-sweep. */
int request_tell(const struct words *w)
{
	uid_t uid;
	uint64_t number;
	struct fail f = { 0 };

	if (!request_uid(w->argv[0], &uid) || field_number(w->argv[1], BOXES_MOST, &number) < 0 || number == 0)
		return request_complain("tell", (fail(&f, EINVAL, "uid or number of a box"), &f));
	if (tell(uid, (unsigned)number, &f) < 0)
		return request_complain("tell", &f);
	return 0;
}

/* By nsbox-sweep. */
int request_news(const struct words *w)
{
	uid_t uid;
	uint64_t number, hops, reset, alone;
	struct fail f = { 0 };

	if (!request_uid(w->argv[0], &uid) || field_number(w->argv[1], BOXES_MOST, &number) < 0 || number == 0 ||
	    field_number(w->argv[2], UINT64_MAX, &hops) < 0 || field_number(w->argv[3], 1, &reset) < 0 ||
	    field_number(w->argv[4], 1, &alone) < 0)
		return request_complain("news", (fail(&f, EINVAL, "uid, number of a box, count or sign"), &f));
	if (news(uid, (unsigned)number, &(struct news){ .hops = hops, .reset = reset == 1, .alone = alone == 1 },
		 &f) < 0)
		return request_complain("news", &f);
	return 0;
}

/* A condition of systemd's user@.service: 1 skips it, and is not taken for a failure (systemd.service(5)). */
int request_outside(const struct words *w)
{
	uid_t uid;
	struct fail f = { 0 };
	int may;

	if (!request_uid(w->argv[0], &uid))
		return request_complain("outside", (fail(&f, EINVAL, "a uid"), &f));
	may = outside_may_run(uid, &f);
	if (may < 0)
		return request_complain("outside", &f);
	if (may == 0)
		log_info("event=outside uid=%u refused=\"%s\"", uid, f.text);
	return may > 0 ? 0 : 1;
}
