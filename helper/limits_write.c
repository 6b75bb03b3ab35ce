/* SPDX-License-Identifier: MIT */
/* runs as: root. The limits of a policy, written to a user's or a box's cgroup. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/limits.h"

#define MEMSW "memory.memsw.limit_in_bytes"

static uint64_t value_of(const struct policy *policy, enum key key)
{
	uint64_t value;

	memcpy(&value, (const char *)policy + key_row(key)->member, sizeof value);
	return value;
}

/* "memory = 512M" */
static void describe(const struct policy *policy, enum key key, char *out, size_t size)
{
	char value[64];

	key_text(policy, key, 0, value, sizeof value);
	(void)snprintf(out, size, "%s = %s", key_row(key)->name, value);
}

/* The user's sentence for a limit that could not be set, whatever the reason. */
static int say_refused(const struct policy *policy, const struct limit *row, struct fail *f)
{
	char what[96];

	describe(policy, row->key, what, sizeof what);
	return fail_plain(f, "The limit %s cannot be enforced on this host; please tell the administrator.", what);
}

static int refuse(const struct cgroups *all, const struct policy *policy, const struct limit *row, struct fail *f)
{
	const char *file = all->v2 ? row->v2.file : row->v1.file;
	char what[96];

	describe(policy, row->key, what, sizeof what);
	if (file != NULL)
		(void)fail(f, 0, "%s cannot be enforced: this host has no %s (cgroup version %d, controller %s)",
			   what, file, all->v2 ? 2 : 1, controller_name(row->controller, all->v2));
	else
		(void)fail(f, 0, "%s cannot be enforced: cgroup version 1 has nothing like it", what);
	return say_refused(policy, row, f);
}

/* v1 does not go below what is in use and cannot be taken back. */
static int refuse_less(const struct policy *policy, const struct limit *row, struct fail *f)
{
	char what[96];

	describe(policy, row->key, what, sizeof what);
	(void)fail(f, 0, "%s is less than what is in use", what);
	return fail_plain(f, "You use more memory than the limit that is set now. End something and try again.");
}

bool limits_same(const char *text, const char *wanted, uint64_t unit)
{
	static const char word[] = "default ";
	uint64_t number, most = INT64_MAX - INT64_MAX % unit;
	char value[64];

	if (strncmp(text, word, strlen(word)) == 0)
		text += strlen(word);
	(void)snprintf(value, sizeof value, "%.*s", (int)strcspn(text, "\n"), text);
	if (strcmp(value, wanted) == 0)
		return true;
	if (unit == 1 || field_number(value, UINT64_MAX, &number) < 0)
		return false;

	uint64_t other = most;

	if (strcmp(wanted, "-1") != 0 && field_number(wanted, UINT64_MAX, &other) < 0)
		return false;
	return number == other - other % unit;
}

/* The kernel counts memory in pages. */
static uint64_t unit_of(const struct limit *row)
{
	return row->controller == C_MEMORY ? (uint64_t)sysconf(_SC_PAGESIZE) : 1;
}

/*
 * To write a limit again is not harmless: it gives who has used up cpu.max a new period, and v1 may refuse memory's.
 */
static bool is_so(int dir, const char *file, const struct limit *row, const char *text)
{
	char now[256];
	OWN_FD int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && fd_read_text(fd, now, sizeof now) >= 0 && limits_same(now, text, unit_of(row));
}

/* Returns 1: it is so now; 0: this host has no such file; -1. */
static int write_row(const struct cgroups *all, const int *dirs, const struct policy *policy, const struct limit *row,
		     struct fail *f)
{
	const struct limit_file *to = all->v2 ? &row->v2 : &row->v1;
	int hierarchy = all->of[row->controller];
	char text[64];

	if (to->file == NULL || hierarchy < 0)
		return 0;
	if (to->text(policy, value_of(policy, row->key), text, sizeof text, f) < 0)
		return say_refused(policy, row, f);
	if (is_so(dirs[hierarchy], to->file, row, text) || cgroups_write(dirs[hierarchy], to->file, text) == 0)
		return 1;
	if (errno == ENOENT)
		return 0;
	if (errno == EBUSY)
		return refuse_less(policy, row, f);
	(void)fail(f, errno, "set %s to %s", to->file, text);
	return say_refused(policy, row, f);
}

/* With v1: will a limit of memory, or of memory and swap, be another one? */
static bool memory_changes(const struct cgroups *all, const int *dirs, const struct policy *policy)
{
	unsigned count;
	const struct limit *rows = limits_table(&count);
	struct fail ignored;

	for (const struct limit *row = rows; row < rows + count; row++) {
		char text[64];

		if (row->controller == C_MEMORY && row->v1.file != NULL &&
		    row->v1.text(policy, value_of(policy, row->key), text, sizeof text, &ignored) == 0 &&
		    !is_so(dirs[all->of[C_MEMORY]], row->v1.file, row, text))
			return true;
	}
	return false;
}

enum { MEMSW_TEXT = 24 };

/*
 * v1's limit for memory and swap together may never be below that for memory: up first, and down again last. What it
 * was before is kept, or "" where there is none.
 */
static void raise_memsw(const struct cgroups *all, const int *dirs, const struct policy *policy,
			char before[MEMSW_TEXT])
{
	if (all->v2 || all->of[C_MEMORY] < 0 || !memory_changes(all, dirs, policy))
		return;

	OWN_FD int fd = openat(dirs[all->of[C_MEMORY]], MEMSW, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, before, MEMSW_TEXT) < 0)
		before[0] = '\0';
	else
		(void)cgroups_write(dirs[all->of[C_MEMORY]], MEMSW, "-1");
}

/* When a new limit of memory was refused, nobody is to be left without the old one. */
static void restore_memsw(const struct cgroups *all, const int *dirs, const char *before)
{
	if (before[0] != '\0')
		(void)cgroups_write(dirs[all->of[C_MEMORY]], MEMSW, before);
}

/*
 * Notes in refused which keys could not be set, and in enforced which have a file, or need none. One that is refused
 * does not keep the others from being set; the first is the one that f tells of.
 */
static int write_rows(const struct cgroups *all, const int *dirs, enum level level, bool fresh,
		      const struct policy *policy, bool enforced[KEY_COUNT], bool refused[KEY_COUNT], struct fail *f)
{
	unsigned count;
	const struct limit *rows = limits_table(&count);
	struct fail later;
	int done = 0;

	for (const struct limit *row = rows; row < rows + count; row++) {
		bool none = value_of(policy, row->key) == POLICY_NONE;

		if ((none && fresh) || (level == LEVEL_BOX && !(all->v2 ? row->v2 : row->v1).in_box))
			continue;

		int written = write_row(all, dirs, policy, row, done == 0 ? f : &later);

		if (written < 0)
			done = -1;
		refused[row->key] |= written < 0;
		enforced[row->key] |= written > 0 || none;
	}
	return done;
}

int limits_write(const struct cgroups *all, const int *dirs, enum level level, bool fresh,
		 const struct policy *policy, struct fail *f)
{
	bool enforced[KEY_COUNT] = { false }, refused[KEY_COUNT] = { false };
	char memsw[MEMSW_TEXT] = "";
	unsigned count;
	const struct limit *rows = limits_table(&count);
	struct fail later;
	int done;

	if (!fresh && level == LEVEL_USER)
		raise_memsw(all, dirs, policy, memsw);
	done = write_rows(all, dirs, level, fresh, policy, enforced, refused, f);
	if (refused[KEY_memory] || refused[KEY_swap])
		restore_memsw(all, dirs, memsw);
	if (level == LEVEL_BOX)
		return done;
	for (const struct limit *row = rows; row < rows + count && done == 0; row++)
		if (!enforced[row->key] && value_of(policy, row->key) != POLICY_NONE)
			done = refuse(all, policy, row, f);
	if (limits_write_io_max(all, dirs, fresh, policy, done == 0 ? f : &later) < 0)
		done = -1;
	return done;
}
