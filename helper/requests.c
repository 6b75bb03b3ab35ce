/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. Power as a table: which requests there are and who may make them. */
#include "helper/requests.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/fd.h"
#include "helper/backend.h"
#include "helper/broker.h"
#include "helper/cgroup_base.h"
#include "helper/enter.h"
#include "helper/fields.h"
#include "helper/list.h"
#include "helper/log.h"
#include "helper/net/up.h"
#include "helper/outside.h"
#include "helper/reload.h"
#include "helper/rundir.h"
#include "helper/stat.h"
#include "helper/tell.h"

enum { PATIENCE_MS = 600000, PAUSE_MS = 2000 };

static int complain(const char *request, const struct fail *f)
{
	log_error("event=%s error=\"%s\"", request, f->text);
	(void)dprintf(2, "nsbox-helper: %s\n", f->text);
	return 1;
}

/* A word that goes into the log and the record: no control bytes, no quotes. */
static void keep_clean(char *word)
{
	for (; *word != '\0'; word++)
		if ((unsigned char)*word < 0x21 || *word == '"' || *word == 0x7f)
			*word = '?';
}

/* Could this be a name that we gave a box? It stands in the log when there is no such one. */
static bool may_name_box(const char *word)
{
	for (const char *c = word; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == '"' || *c == 0x7f)
			return false;
	return strlen(word) < WIRE_BOX;
}

/* A uid in digits, from root. */
static bool take_uid(const char *word, uid_t *uid)
{
	uint64_t number;

	if (field_number(word, UINT_MAX - 1, &number) < 0)
		return false;
	*uid = (uid_t)number;
	return true;
}

static int request_open(const struct words *w)
{
	struct request request = { .service = w->argv[1], .from = w->argv[2] };
	struct owner owner;
	struct fail f = { 0 };

	keep_clean(w->argv[1]);
	keep_clean(w->argv[2]);
	if (strlen(request.service) > 31 || strlen(request.from) > 255)
		return complain("open", (fail(&f, EINVAL, "service or remote host"), &f));
	if (owner_by_name(w->argv[0], &owner, &f) < 0)
		return complain("open", &f);
	return broker_serve(&owner, &request);
}

/*
 * Who is meant: "-" is the caller; root may name anybody, everybody else only themselves. Returns 0, or -1
 * with an error that tells nothing about other users.
 */
static int choose_user(const struct words *w, struct owner *named, uid_t *uid, bool *by_name, struct fail *f)
{
	*by_name = strcmp(w->argv[0], "-") != 0;
	*uid = w->caller->uid;
	if (!*by_name)
		return 0;
	if (w->caller->uid != 0)
		return fail(f, EPERM, "only root may name a user");
	if (owner_by_name(w->argv[0], named, f) < 0)
		return -1;
	*uid = named->uid;
	return 0;
}

static int refuse(const struct fail *f)
{
	struct answer a = { .version = WIRE_VERSION, .kind = ANSWER_REFUSED };
	struct fail ignored;

	(void)snprintf(a.text, sizeof a.text, "%.255s", f->text);
	(void)wire_send(WIRE_FD, &a, NULL, &ignored);
	return 1;
}

static int request_enter(const struct words *w)
{
	struct owner named;
	bool by_name;
	uint64_t ttys;
	struct fail f = { 0 };
	struct entry e = { .caller = w->caller, .command = w->argv + 3 };

	if (choose_user(w, &named, &e.uid, &by_name, &f) < 0)
		return refuse(&f);
	if (e.uid == 0)
		return refuse((fail(&f, 0, "root has no box; enter a user's with `nssh -u USER`"), &f));
	if (field_number(w->argv[2], 7, &ttys) < 0 || !may_name_box(w->argv[1]))
		return refuse((fail(&f, EINVAL, "request to enter"), &f));
	e.owner = by_name ? &named : NULL;
	e.box = strcmp(w->argv[1], "-") == 0 ? NULL : w->argv[1];
	e.ttys = (unsigned)ttys;
	return enter(&e);
}

/* What is printed of the boxes of one user, or of all. */
typedef int print_boxes(uid_t uid, bool everybody, struct fail *f);

static int print_chosen(const struct words *w, const char *request, print_boxes *print)
{
	struct owner named;
	bool by_name;
	uid_t uid;
	struct fail f = { 0 };

	if (choose_user(w, &named, &uid, &by_name, &f) < 0 || print(uid, uid == 0 && !by_name, &f) < 0)
		return complain(request, &f);
	return 0;
}

static int request_list(const struct words *w)
{
	return print_chosen(w, "list", list_print);
}

static int request_stat(const struct words *w)
{
	return print_chosen(w, "stat", stat_print);
}

/*
 * For nsbox-sweep, whom nobody waits for: a process that the kernel keeps in a slow write, as io_max makes it, dies
 * only when that is done. Between two tries the user's lock is free.
 */
static int collect_patiently(uid_t uid, struct fail *f)
{
	int64_t end = clock_ms() + PATIENCE_MS;
	int done;

	do
		done = list_collect(uid, false, false, f);
	while (done < 0 && f->code == ETIMEDOUT && deadline_nap(end, PAUSE_MS) == 0);
	return done;
}

/* nsbox-sweep, which knows no names, says the uid in digits. */
static int request_gc(const struct words *w)
{
	struct owner named;
	bool by_name = false;
	uid_t uid;
	struct fail f = { 0 };
	int done;

	if (w->caller->uid == 0 && take_uid(w->argv[0], &uid))
		done = collect_patiently(uid, &f);
	else if (choose_user(w, &named, &uid, &by_name, &f) < 0)
		done = -1;
	else /* only the admin's own call ends boxes whose records cannot be read */
		done = list_collect(uid, uid == 0, w->caller->uid == 0 && !by_name, &f);
	return done < 0 ? complain("gc", &f) : 0;
}

/* As systemd's nsbox.service starts. */
static int request_start(const struct words *w)
{
	struct fail f = { 0 };

	(void)w;
	if (cgroups_take_over(&f) < 0 || list_collect(0, true, false, &f) < 0)
		return complain("start", &f);
	return 0;
}

static int request_reload(const struct words *w)
{
	struct reloaded users = { 0 };
	struct fail f = { 0 };
	int done = reload(&users, &f);

	(void)w;
	if (users.failed > 0) /* and logged, one by one */
		(void)dprintf(2, "nsbox-helper: %u user%s did not get the new limits; the log names them. "
			      "The last: %s\n", users.failed, users.failed == 1 ? "" : "s", f.text);
	else if (done < 0)
		return complain("reload", &f);
	else if (users.done == 0)
		(void)dprintf(1, "nobody has a box now: the limits of nsbox.conf come with the next login\n");
	else
		(void)dprintf(1, "%u user%s the limits of nsbox.conf\n", users.done,
			      users.done == 1 ? " has" : "s have");
	log_info("event=reload users=%u failed=%u", users.done, users.failed);
	return done < 0 ? 1 : 0;
}

static int request_net_up(const struct words *w)
{
	bool wanted = false;
	struct fail f = { 0 };

	(void)w;
	if (net_up(&wanted, &f) < 0)
		return complain("net-up", &f);
	if (!wanted)
		(void)dprintf(1, "no section of nsbox.conf says network = nat: there is nothing to bring up\n");
	log_info("event=net-up done=%s", wanted ? "yes" : "no");
	return 0;
}

static int request_net_down(const struct words *w)
{
	struct fail f = { 0 };

	(void)w;
	if (net_down(&f) < 0)
		return complain("net-down", &f);
	log_info("event=net-down");
	return 0;
}

/* By nsbox-sweep. */
static int request_tell(const struct words *w)
{
	uid_t uid;
	uint64_t number;
	struct fail f = { 0 };

	if (!take_uid(w->argv[0], &uid) || field_number(w->argv[1], BOXES_MOST, &number) < 0 || number == 0)
		return complain("tell", (fail(&f, EINVAL, "uid or number of a box"), &f));
	if (tell(uid, (unsigned)number, &f) < 0)
		return complain("tell", &f);
	return 0;
}

static int request_backend(const struct words *w)
{
	struct fail f = { 0 };

	/* What only shows in a cgroup of our own, root learns at once, and others when there is one. */
	return backend_print(w->caller->uid == 0, &f) < 0 ? complain("backend", &f) : 0;
}

/* A condition of systemd's user@.service: 1 skips it, and is not taken for a failure (systemd.service(5)). */
static int request_outside(const struct words *w)
{
	uid_t uid;
	struct fail f = { 0 };
	int may;

	if (!take_uid(w->argv[0], &uid))
		return complain("outside", (fail(&f, EINVAL, "a uid"), &f));
	may = outside_may_run(uid, &f);
	if (may < 0)
		return complain("outside", &f);
	if (may == 0)
		log_info("event=outside uid=%u refused=\"%s\"", uid, f.text);
	return may > 0 ? 0 : 1;
}

static const struct request_row rows[] = {
	{ "open", request_open, 3, 3, true, true },
	{ "enter", request_enter, 3, INT_MAX, false, true },
	{ "list", request_list, 1, 1, false, false },
	{ "stat", request_stat, 1, 1, false, false },
	{ "gc", request_gc, 1, 1, false, false },
	{ "reload", request_reload, 0, 0, true, false },
	{ "start", request_start, 0, 0, true, false },
	{ "net-up", request_net_up, 0, 0, true, false },
	{ "net-down", request_net_down, 0, 0, true, false },
	{ "tell", request_tell, 2, 2, true, false },
	{ "outside", request_outside, 1, 1, true, false },
	{ "backend", request_backend, 0, 0, false, false },
};

const struct request_row *request_find(const char *name)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}
