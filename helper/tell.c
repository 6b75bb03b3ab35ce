/* SPDX-License-Identifier: MIT */
/* runs as: root. Tells the user of a box which limit ended a process or refused one. */
#include "helper/tell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/escape.h"
#include "conf/fd.h"
#include "conf/policy.h"
#include "conf/value.h"
#include "helper/box.h"
#include "helper/cgroup.h"
#include "helper/fields.h"
#include "helper/log.h"
#include "helper/process.h"
#include "helper/rundir.h"
#include "helper/terminals.h"
#include "helper/told.h"

enum {
	KILL_MS = 500, /* v1 tells before it kills */
	STEP_MS = 10,
	KMSG_MS = 500,
	LOCK_MS = 2000,
	WRITE_MS = 1000,
	REFUSED_MS = 60000, /* between two lines about refused processes */
};

/* The first cgroup namespace has the same inode on every host (linux/proc_ns.h, PROC_CGROUP_INIT_INO). */
#define HOST_CGROUP_NAMESPACE 0xEFFFFFFBU

/* All that one call needs; -1 for the pidfd of a box that has ended. */
struct telling {
	int proc, run, pidfd;
	struct cgroups cgroups;
	struct record record;
	struct told told;
};

static void telling_cleanup(struct telling *t)
{
	fd_close(&t->pidfd);
	cgroups_close(&t->cgroups);
	fd_close(&t->run);
	fd_close(&t->proc);
}

static int find(struct telling *t, uid_t uid, unsigned number, struct fail *f)
{
	t->proc = process_open_proc(f);
	t->run = t->proc < 0 ? -1 : rundir_open(uid, false, f);
	if (t->run < 0 || record_read(t->run, number, &t->record, f) < 0 || cgroups_open(&t->cgroups, f) < 0)
		return -1;
	t->pidfd = box_pidfd(t->proc, &t->record, f);
	return t->pidfd < 0 && f->code != ESRCH ? -1 : 0;
}

/* What the counts are now. v1's event says that memory has run out; the process is killed a moment later. */
static int look(const struct telling *t, struct events *now, struct fail *f)
{
	int64_t deadline = clock_ms() + KILL_MS;

	do
		if (events_count(&t->cgroups, t->record.owner.uid, t->record.number, now, f) < 0)
			return -1;
	while (!t->cgroups.v2 && now->oom == t->told.events.oom && t->pidfd >= 0 && !process_ended(t->pidfd) &&
	       deadline_nap(deadline, STEP_MS) == 0);
	return 0;
}

/* The user's limit as nsbox.conf would say it. */
static void limit_text(const struct telling *t, enum controller controller, const char *file, enum kind kind,
		       char *text, size_t size)
{
	char digits[64] = "";
	uint64_t limit;
	struct fail ignored;

	(void)cgroup_read(&t->cgroups, t->record.owner.uid, 0, controller, file, digits, sizeof digits, &ignored);
	digits[strcspn(digits, "\n")] = '\0';
	/* v2 has the word "max" for none, v1 a number that no memory reaches. */
	if (field_number(digits, INT64_MAX / 2, &limit) < 0)
		limit = POLICY_NONE;
	value_amount_text(kind, "0.. or none", limit, text, size);
}

/* Adds to text what fits. */
static void add(char text[TELL_TEXT], const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char text[TELL_TEXT], const char *format, ...)
{
	size_t used = strlen(text);
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text + used, TELL_TEXT - used, format, ap);
	va_end(ap);
}

static void add_names(const struct kmsg_kill *kills, int n, uint64_t count, char text[TELL_TEXT])
{
	for (int i = 0; i < n; i++) {
		char name[sizeof kills->name * 4];

		escape_text(name, sizeof name, kills[i].name);
		add(text, "%s%s", i == 0 ? "" : (uint64_t)i + 1 == count ? " and " : ", ", name);
	}
	if (count > (uint64_t)n)
		add(text, " and %llu more", (unsigned long long)count - (unsigned)n);
}

static void add_limit(enum kmsg_limit whose, const char *limit, char text[TELL_TEXT], char words[TELL_TEXT])
{
	switch (whose) {
	case KMSG_HOST:
		add(text, "nsbox: the host is out of memory: killed ");
		add(words, "limit=host");
		return;
	case KMSG_USER:
		add(text, "nsbox: out of memory (memory = %s): killed ", limit);
		add(words, "limit=memory=%s", limit);
		return;
	case KMSG_OWN:
		add(text, "nsbox: out of memory (a limit set in the box): killed ");
		add(words, "limit=box");
		return;
	}
}

void tell_kills(uint64_t count, const struct kmsg_kill *kills, int n, const char *limit, char text[TELL_TEXT],
		char words[TELL_TEXT])
{
	enum kmsg_limit whose = n > 0 ? kills[n - 1].limit : KMSG_USER;

	text[0] = words[0] = '\0';
	add_limit(whose == KMSG_USER && strcmp(limit, "none") == 0 ? KMSG_HOST : whose, limit, text, words);
	if (n > 0)
		add_names(kills, n, count, text);
	else if (count == 1)
		add(text, "a process");
	else
		add(text, "%llu processes", (unsigned long long)count);
	add(words, " count=%llu ", (unsigned long long)count);
	for (int i = 0; i < n; i++)
		(void)field_put(words, TELL_TEXT, "killed", kills[i].name, ' '); /* blanks and controls as %XX */
	words[strlen(words) - 1] = '\0';
}

/* The line on the terminals, unless the box has ended, and that in the log. */
static void say(const struct telling *t, const char *event, const char *text, const char *words)
{
	struct fail f = { 0 };

	log_info("event=%s box=%s uid=%u %s", event, t->record.box, t->record.owner.uid, words);
	if (t->pidfd >= 0 && terminals_tell(t->pidfd, &t->record, text, clock_ms() + WRITE_MS, &f) < 0 &&
	    !process_ended(t->pidfd))
		log_error("event=tell box=%s uid=%u error=\"%s\"", t->record.box, t->record.owner.uid, f.text);
}

static void say_refused(const struct telling *t)
{
	char limit[32], text[TELL_TEXT], words[64];

	limit_text(t, C_PIDS, "pids.max", KIND_NUMBER, limit, sizeof limit);
	if (strcmp(limit, "none") == 0) {
		say(t, "pids", "nsbox: no more processes (a limit of the host)", "limit=host");
		return;
	}
	(void)snprintf(text, sizeof text, "nsbox: no more processes (pids = %s)", limit);
	(void)snprintf(words, sizeof words, "limit=pids=%s", limit);
	say(t, "pids", text, words);
}

static void say_killed(const struct telling *t, uint64_t count, const struct kmsg_kill *kills, int n)
{
	char limit[32], text[TELL_TEXT], words[TELL_TEXT];

	limit_text(t, C_MEMORY, t->cgroups.v2 ? "memory.max" : "memory.limit_in_bytes", KIND_SIZE, limit,
		   sizeof limit);
	tell_kills(count, kills, n, limit, text, words);
	say(t, "oom", text, words);
}

/* How the log calls the base; path has room for it. */
static int find_base(const struct telling *t, char *path, size_t size, struct kmsg_box *box, struct fail *f)
{
	char link[32];
	ssize_t length;
	uint64_t namespace;

	if (process_namespace(t->proc, getpid(), "cgroup", &namespace, f) < 0)
		return -1;
	(void)snprintf(link, sizeof link, "self/fd/%d", t->cgroups.base[t->cgroups.of[C_MEMORY]]);
	length = readlinkat(t->proc, link, path, size - 1);
	if (length < 0)
		return fail(f, errno, "find the path of the cgroups");
	path[length] = '\0';
	box->base = kmsg_base(path, t->cgroups.v2);
	box->anywhere = namespace != HOST_CGROUP_NAMESPACE;
	return box->base == NULL ? fail(f, EINVAL, "the path of the cgroups, %s", path) : 0;
}

/* Names are an extra: without them the user is told all the same. */
static int read_names(struct telling *t, uint64_t count, struct kmsg_kill kills[TELL_NAMES])
{
	struct kmsg_box box = { .uid = t->record.owner.uid, .number = t->record.number };
	int most = count < TELL_NAMES ? (int)count : TELL_NAMES;
	char path[512];
	struct fail f = { 0 };
	int n = -1;

	if (find_base(t, path, sizeof path, &box, &f) == 0)
		n = kmsg_read(&box, t->told.begun, &t->told.line, kills, most, clock_ms() + KMSG_MS, &f);
	if (n < 0)
		log_error("event=tell box=%s uid=%u error=\"%s\"", t->record.box, t->record.owner.uid, f.text);
	return n < 0 ? 0 : n;
}

int tell(uid_t uid, unsigned number, struct fail *f)
{
	__attribute__((cleanup(telling_cleanup))) struct telling t = {
		.proc = -1, .run = -1, .pidfd = -1, .cgroups = CGROUPS_EMPTY,
	};
	struct kmsg_kill kills[TELL_NAMES];
	struct events now, *told = &t.told.events;
	uint64_t killed, clock = (uint64_t)clock_ms();
	bool refused;
	int names;

	if (find(&t, uid, number, f) < 0 || told_read(t.run, number, &t.told, f) < 0 || look(&t, &now, f) < 0)
		return f->code == ENOENT ? 0 : -1; /* collected meanwhile */
	killed = now.oom > told->oom ? now.oom - told->oom : 0;
	refused = (now.pids > told->pids || now.user_pids > told->user_pids) &&
		  (t.told.refused == 0 || clock - t.told.refused >= REFUSED_MS);
	names = killed > 0 && told_may_look(&t.told, clock) ? read_names(&t, killed, kills) : 0;
	*told = now;
	if (refused)
		t.told.refused = clock;
	/* First noted, then said: what goes wrong on the way is not said for ever. */
	if (told_write(t.run, number, &t.told, clock_ms() + LOCK_MS, f) < 0)
		return f->code == ENOENT ? 0 : -1;
	if (killed > 0)
		say_killed(&t, killed, kills, names);
	if (refused)
		say_refused(&t);
	return 0;
}
