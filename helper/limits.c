/* SPDX-License-Identifier: MIT */
/* runs as: root. The limits of a policy as files of cgroups: one table for version 1 and 2. */
#include "helper/limits.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/*
 * Percent of one processor as microseconds in each period of 100 ms, the kernel's default and the smallest overhead.
 */
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
 * v1's shares: 1024 where v2 says 100; not less than 2, nor more than 262144 (sched-design-CFS.rst), which the
 * largest weight, 10000, stays below.
 */
static int shares(const struct policy *policy, uint64_t value, char *text, size_t size, struct fail *f)
{
	uint64_t of_1024 = (value == POLICY_NONE ? WEIGHT : value) * 1024 / WEIGHT;

	(void)policy;
	(void)f;
	return put(text, size, of_1024 < 2 ? 2 : of_1024);
}

/*
 * The scheduler bfq knows weights of 1 to 1000 only. Up to 100, the usual one, they are the same; the 9900 above it
 * that a user may have are pressed into the 900 that bfq has.
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
	/*
	 * After memory: v1 refuses a limit for both together that is below that for memory, and the one before may
	 * be.
	 */
	{ KEY_swap, C_MEMORY, { "memory.swap.max", plain, true },
	  { "memory.memsw.limit_in_bytes", memory_and_swap, false } },
	/*
	 * v1 lets no child have more than its parent: at one level only, so that the order of changes is no matter.
	 */
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

static bool has_file(const struct cgroups *all, const struct limit *row)
{
	const char *file = all->v2 ? row->v2.file : row->v1.file;
	int hierarchy = all->of[row->controller];

	if (file == NULL || hierarchy < 0)
		return false;
	return all->base[hierarchy] < 0 || faccessat(all->base[hierarchy], file, F_OK, 0) == 0;
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
