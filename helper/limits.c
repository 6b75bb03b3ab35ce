/* SPDX-License-Identifier: MIT */
/* runs as: root. The limits of a policy as files of cgroups: one table for version 1 and 2. */
#include "helper/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"

#define MEMSW "memory.memsw.limit_in_bytes"

static int put(char *text, size_t size, uint64_t value)
{
	(void)snprintf(text, size, "%llu", (unsigned long long)value);
	return 0;
}

static int plain(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f)
{
	(void)policy;
	(void)f;
	if (value != POLICY_NONE)
		return put(text, size, value);
	(void)snprintf(text, size, "max");
	return 0;
}

/* v1's files of memory and processor time call "no limit" -1. */
static int or_minus_one(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f)
{
	(void)policy;
	(void)f;
	if (value != POLICY_NONE)
		return put(text, size, value);
	(void)snprintf(text, size, "-1");
	return 0;
}

/* v1 limits memory and swap together (memory.rst, "memsw"). */
static int memory_and_swap(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f)
{
	if (value == POLICY_NONE)
		return or_minus_one(policy, value, text, size, f);
	if (policy->memory == POLICY_NONE)
		return fail(f, 0, "swap is set without memory, which cgroup version 1 cannot do: set memory too");
	return put(text, size, policy->memory + value);
}

/* Percent of one processor as microseconds in each period of 100 ms, the kernel's default and the smallest overhead. */
static int quota(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f)
{
	return or_minus_one(policy, value == POLICY_NONE ? value : value * 1000, text, size, f);
}

static int quota_and_period(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f)
{
	(void)policy;
	(void)f;
	if (value == POLICY_NONE)
		(void)snprintf(text, size, "max 100000");
	else
		(void)snprintf(text, size, "%llu 100000", (unsigned long long)value * 1000);
	return 0;
}

/* What a weight is for whom nothing is set. */
enum { WEIGHT = 100 };

static int weight(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f)
{
	(void)policy;
	(void)f;
	return put(text, size, value == POLICY_NONE ? WEIGHT : value);
}

/*
 * v1's shares: 1024 where v2 says 100; not less than 2, nor more than 262144 (sched-design-CFS.rst), which the largest
 * weight, 10000, stays below.
 */
static int shares(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f)
{
	uint64_t of_1024 = (value == POLICY_NONE ? WEIGHT : value) * 1024 / WEIGHT;

	(void)policy;
	(void)f;
	return put(text, size, of_1024 < 2 ? 2 : of_1024);
}

/*
 * The scheduler bfq knows weights of 1 to 1000 only. Up to 100, the usual one, they are the same; the 9900 above it that
 * a user may have are pressed into the 900 that bfq has.
 */
static int bfq_weight(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f)
{
	uint64_t most = value == POLICY_NONE ? WEIGHT : value;

	(void)policy;
	(void)f;
	return put(text, size, most <= WEIGHT ? most : WEIGHT + (most - WEIGHT) * 900 / 9900);
}

static const struct limit table[] = {
	{ KEY_pids, C_PIDS, { "pids.max", plain, true }, { "pids.max", plain, true } },
	{ KEY_memory, C_MEMORY, { "memory.max", plain, true }, { "memory.limit_in_bytes", or_minus_one, true } },
	{ KEY_memory_high, C_MEMORY, { "memory.high", plain, false }, { NULL, NULL, false } },
	/* After memory: v1 refuses a limit for both together that is below that for memory, and the one before may be. */
	{ KEY_swap, C_MEMORY, { "memory.swap.max", plain, true },
	  { MEMSW, memory_and_swap, false } },
	/* v1 lets no child have more than its parent: at one level only, so that the order of changes is no matter. */
	{ KEY_cpu, C_CPU, { "cpu.max", quota_and_period, true }, { "cpu.cfs_quota_us", quota, false } },
	{ KEY_cpu_weight, C_CPU, { "cpu.weight", weight, false }, { "cpu.shares", shares, false } },
	{ KEY_io_weight, C_IO, { "io.weight", weight, false }, { NULL, NULL, false } },
	{ KEY_io_weight, C_IO, { "io.bfq.weight", bfq_weight, false }, { "blkio.bfq.weight", bfq_weight, false } },
};

enum { ROWS = sizeof table / sizeof table[0] };

const struct limit *limits_table(unsigned *count)
{
	*count = ROWS;
	return table;
}

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
		(void)fail(f, 0, "%s cannot be enforced: this host has no %s (cgroup version %d, controller %s)", what,
			   file, all->v2 ? 2 : 1, controller_name(row->controller, all->v2));
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

/* Returns 1: written; 0: this host has no such file; -1. */
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
	if (cgroups_write(dirs[hierarchy], to->file, text) == 0)
		return 1;
	if (errno == ENOENT)
		return 0;
	if (errno == EBUSY)
		return refuse_less(policy, row, f);
	(void)fail(f, errno, "set %s to %s", to->file, text);
	return say_refused(policy, row, f);
}

enum { MEMSW_TEXT = 24 };

/*
 * v1's limit for memory and swap together may never be below that for memory: up first, and down again last. What it
 * was before is kept, or "" where there is none.
 */
static void raise_memsw(const struct cgroups *all, const int *dirs, char before[MEMSW_TEXT])
{
	OWN_FD int fd = all->v2 || all->of[C_MEMORY] < 0
		? -1 : openat(dirs[all->of[C_MEMORY]], MEMSW, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, before, MEMSW_TEXT) < 0)
		before[0] = '\0';
	else
		(void)cgroups_write(dirs[all->of[C_MEMORY]], MEMSW, "-1");
}

/* When the new limits were refused, nobody is to be left without the old one. */
static int restore_memsw(const struct cgroups *all, const int *dirs, const char *before)
{
	if (before[0] != '\0')
		(void)cgroups_write(dirs[all->of[C_MEMORY]], MEMSW, before);
	return -1;
}

/* Notes in enforced which keys have a file, or need none. */
static int write_rows(const struct cgroups *all, const int *dirs, enum level level, bool fresh,
		      const struct policy *policy, bool enforced[KEY_COUNT], struct fail *f)
{
	for (const struct limit *row = table; row < table + ROWS; row++) {
		bool none = value_of(policy, row->key) == POLICY_NONE;

		if ((none && fresh) || (level == LEVEL_BOX && !(all->v2 ? row->v2 : row->v1).in_box))
			continue;

		int written = write_row(all, dirs, policy, row, f);

		if (written < 0)
			return -1;
		enforced[row->key] |= written > 0 || none;
	}
	return 0;
}

int limits_write(const struct cgroups *all, const int *dirs, enum level level, bool fresh, const struct policy *policy,
		 struct fail *f)
{
	bool enforced[KEY_COUNT] = { false };
	char memsw[MEMSW_TEXT] = "";

	if (!fresh && level == LEVEL_USER)
		raise_memsw(all, dirs, memsw);
	if (write_rows(all, dirs, level, fresh, policy, enforced, f) < 0)
		return restore_memsw(all, dirs, memsw);
	for (const struct limit *row = table; level == LEVEL_USER && row < table + ROWS; row++)
		if (!enforced[row->key] && value_of(policy, row->key) != POLICY_NONE)
			return refuse(all, policy, row, f);
	return level == LEVEL_USER ? limits_write_io_max(all, dirs, fresh, policy, f) : 0;
}

static bool has_file(const struct cgroups *all, const struct limit *row)
{
	const char *file = all->v2 ? row->v2.file : row->v1.file;
	int hierarchy = all->of[row->controller];

	return file != NULL && hierarchy >= 0 && faccessat(all->base[hierarchy], file, F_OK, 0) == 0;
}

void limits_missing(const struct cgroups *all, bool missing[KEY_COUNT])
{
	memset(missing, 0, KEY_COUNT * sizeof missing[0]);
	for (const struct limit *row = table; row < table + ROWS; row++)
		missing[row->key] = true;
	/* Of a key with several rows one file is enough. */
	for (const struct limit *row = table; row < table + ROWS; row++)
		if (has_file(all, row))
			missing[row->key] = false;
	missing[KEY_io_max] = !limits_has_io_max(all, all->base);
}
