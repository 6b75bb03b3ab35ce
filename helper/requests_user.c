/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. What users may ask for: their own affairs. */
#include "helper/requests_own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/escape.h"
#include "conf/fd.h"
#include "helper/backend.h"
#include "helper/end.h"
#include "helper/enter.h"
#include "helper/fields.h"
#include "helper/list.h"
#include "helper/log.h"
#include "helper/reset.h"
#include "helper/stat.h"
#include "helper/wire.h"

enum { PATIENCE_MS = 600000, PAUSE_MS = 2000, CLEAR_MS = 3000, CLEAR_PATIENTLY_MS = 30000 };

/* Could this be a name that we gave a box? It stands in the log when there is no such one. */
static bool may_name_box(const char *word)
{
	char safe[WIRE_BOX];

	escape_text(safe, sizeof safe, word);
	return strcmp(safe, word) == 0 && strchr(word, '"') == NULL;
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

/* Signs that no box can be named. */
static enum which which_box(const char *word)
{
	if (strcmp(word, "-") == 0)
		return ENTER_LATEST;
	if (strcmp(word, "+") == 0)
		return ENTER_POLICY;
	return strcmp(word, "=") == 0 ? ENTER_NEW : ENTER_NAMED;
}

int request_enter(const struct words *w)
{
	struct owner named;
	bool by_name;
	uint64_t ttys;
	struct fail f = { 0 };
	struct entry e = { .caller = w->caller, .command = w->argv + 3 };

	if (choose_user(w, &named, &e.uid, &by_name, &f) < 0)
		return refuse(&f);
	if (e.uid == 0)
		return refuse((fail(&f, 0, "root has no box; enter a user's with `nssh -u USER [BOX]`"), &f));
	if (field_number(w->argv[2], 7, &ttys) < 0 || !may_name_box(w->argv[1]))
		return refuse((fail(&f, EINVAL, "request to enter"), &f));
	e.owner = by_name ? &named : NULL;
	e.which = which_box(w->argv[1]);
	e.box = e.which == ENTER_NAMED ? w->argv[1] : NULL;
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
		return request_complain(request, &f);
	return 0;
}

int request_list(const struct words *w)
{
	return print_chosen(w, "list", list_print);
}

int request_stat(const struct words *w)
{
	return print_chosen(w, "stat", stat_print);
}

/* What users got wrong themselves is said to them, and is nothing for the log. */
static int advise(const char *text)
{
	(void)dprintf(2, "nssh: %s\n", text);
	return 1;
}

/* What went wrong, for users in their own words if there are any. */
static int complain_plainly(const char *request, const struct fail *f)
{
	if (f->plain[0] == '\0')
		return request_complain(request, f);
	log_error("event=%s error=\"%s\"", request, f->text);
	return advise(f->plain);
}

int request_end(const struct words *w)
{
	struct owner named;
	bool by_name, killed;
	uid_t uid;
	struct fail f = { 0 };

	if (choose_user(w, &named, &uid, &by_name, &f) < 0)
		return request_complain("end", &f);
	if (uid == 0)
		return advise("root has no box; end a user's with `nssh -u USER -k BOX`");
	if (!may_name_box(w->argv[1]))
		return advise("no box has such a name");
	if (end_box(uid, w->caller->uid, w->argv[1], &killed, &f) < 0)
		return f.code == ESRCH && f.plain[0] != '\0' ? advise(f.plain) : complain_plainly("end", &f);
	(void)dprintf(1, "Box %s %s.\n", w->argv[1],
		      killed ? "did not end by itself and was killed" : "has ended");
	return 0;
}

static const char *reset_text(enum reset outcome)
{
	switch (outcome) {
	case RESET_DONE:
		return "The next box begins with a new home. What was in the old one is kept until the next reset.";
	case RESET_LATER:
		return "There are live boxes: the home begins anew when the last of them has ended.";
	case RESET_NOTHING:
		return "The boxes have changed nothing in the home yet: there is nothing to reset.";
	}
	return "";
}

int request_reset(const struct words *w)
{
	struct owner owner;
	bool by_name;
	uid_t uid;
	enum reset outcome;
	struct fail f = { 0 };

	if (choose_user(w, &owner, &uid, &by_name, &f) < 0)
		return request_complain("reset", &f);
	if (uid == 0)
		return advise("root has no box; reset a user's home with `nssh -u USER --reset home`");
	if (strcmp(w->argv[1], "root") == 0)
		return advise("root = / is the host's own and has no layer of its own: there is nothing to reset");
	if (strcmp(w->argv[1], "home") != 0)
		return advise("what can be reset is the home");
	if ((!by_name && owner_by_uid(uid, &owner, &f) < 0) || reset_home(&owner, &outcome, &f) < 0)
		return complain_plainly("reset", &f);
	(void)dprintf(1, "%s\n", reset_text(outcome));
	reset_clear(uid, clock_ms() + CLEAR_MS);
	return 0;
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
	/* What is left is the next one's: its owner may still write to it, through a descriptor kept from before. */
	reset_clear(uid, clock_ms() + CLEAR_PATIENTLY_MS);
	return done;
}

/* nsbox-sweep, which knows no names, says the uid in digits. */
int request_gc(const struct words *w)
{
	struct owner named;
	bool by_name = false;
	uid_t uid;
	struct fail f = { 0 };
	int done;

	if (w->caller->uid == 0 && request_uid(w->argv[0], &uid))
		done = collect_patiently(uid, &f);
	else if (choose_user(w, &named, &uid, &by_name, &f) < 0)
		done = -1;
	else /* only the admin's own call ends boxes whose records cannot be read */
		done = list_collect(uid, uid == 0, w->caller->uid == 0 && !by_name, &f);
	return done < 0 ? request_complain("gc", &f) : 0;
}

int request_backend(const struct words *w)
{
	struct fail f = { 0 };

	/* What only shows in a cgroup of our own, root learns at once, and others when there is one. */
	return backend_print(w->caller->uid == 0, &f) < 0 ? request_complain("backend", &f) : 0;
}
