/* SPDX-License-Identifier: MIT */
/* runs as: root. What a user, or a box, uses of the machine and may use: one table for cgroup version 1 and 2. */
#include "helper/measure.h"

#include <errno.h>
#include <stdio.h>

#include "helper/counts.h"
#include "helper/fields.h"

/* memory.stat has a line a kind of page, io.stat one a disk. */
enum { FILE_TEXT = 32768 };

/* Where a number stands; file is NULL where that version has none. */
struct source {
	const char *file;
	count_parse *parse;
	const char *word;
	const char *less; /* a second file, whose number is taken off the first's; NULL: none */
};

#define NOWHERE { NULL, NULL, NULL, NULL }

/* The files of pressure are in every cgroup of v2, with or without the controller they tell of. */
static const struct {
	const char *key;
	enum controller controller;
	struct source v2, v1;
} table[MEASURES] = {
	[M_MEMORY] = { "memory", C_MEMORY, { "memory.current", count_number, NULL, NULL },
		       { "memory.usage_in_bytes", count_number, NULL, NULL } },
	[M_MEMORY_MAX] = { "memory_max", C_MEMORY, { "memory.max", count_number, NULL, NULL },
			   { "memory.limit_in_bytes", count_number, NULL, NULL } },
	[M_MEMORY_HIGH] = { "memory_high", C_MEMORY, { "memory.high", count_number, NULL, NULL }, NOWHERE },
	[M_SWAP] = { "swap", C_MEMORY, { "memory.swap.current", count_number, NULL, NULL },
		     { "memory.stat", count_number, "total_swap", NULL } },
	/* v1 limits memory and swap together. */
	[M_SWAP_MAX] = { "swap_max", C_MEMORY, { "memory.swap.max", count_number, NULL, NULL },
			 { "memory.memsw.limit_in_bytes", count_number, NULL, "memory.limit_in_bytes" } },
	[M_PIDS] = { "pids", C_PIDS, { "pids.current", count_number, NULL, NULL },
		     { "pids.current", count_number, NULL, NULL } },
	[M_PIDS_MAX] = { "pids_max", C_PIDS, { "pids.max", count_number, NULL, NULL },
			 { "pids.max", count_number, NULL, NULL } },
	[M_CPU_USEC] = { "cpu_usec", C_CPUACCT, { "cpu.stat", count_number, "usage_usec", NULL },
			 { "cpuacct.usage", count_nanoseconds, NULL, NULL } },
	[M_CPU_MAX] = { "cpu_max", C_CPU, { "cpu.max", count_quota, NULL, NULL },
			{ "cpu.cfs_quota_us", count_quota, NULL, NULL } },
	[M_CPU_WEIGHT] = { "cpu_weight", C_CPU, { "cpu.weight", count_number, NULL, NULL },
			   { "cpu.shares", count_shares, NULL, NULL } },
	[M_READ_BYTES] = { "read_bytes", C_IO, { "io.stat", count_io, "rbytes", NULL },
			   { "blkio.throttle.io_service_bytes_recursive", count_blkio, "Read", NULL } },
	[M_WRITE_BYTES] = { "write_bytes", C_IO, { "io.stat", count_io, "wbytes", NULL },
			    { "blkio.throttle.io_service_bytes_recursive", count_blkio, "Write", NULL } },
	[M_CPU_PRESSURE] = { "cpu_pressure", C_CPUACCT, { "cpu.pressure", count_pressure, NULL, NULL }, NOWHERE },
	[M_MEMORY_PRESSURE] = { "memory_pressure", C_CPUACCT, { "memory.pressure", count_pressure, NULL, NULL },
				NOWHERE },
	[M_IO_PRESSURE] = { "io_pressure", C_CPUACCT, { "io.pressure", count_pressure, NULL, NULL }, NOWHERE },
};

/* One file's number. 1: read; 0: there is none; -1. */
static int read_file(const struct cgroups *all, uid_t uid, unsigned number, enum controller controller,
		     const char *file, const struct source *from, uint64_t *value, struct fail *f)
{
	char text[FILE_TEXT];
	int done = cgroup_read(all, uid, number, controller, file, text, sizeof text, f);

	return done == 0 ? from->parse(text, from->word, value) : done < 0 ? -1 : 0;
}

static int read_value(const struct cgroups *all, uid_t uid, unsigned number, enum measure what, uint64_t *value,
		      struct fail *f)
{
	const struct source *from = all->v2 ? &table[what].v2 : &table[what].v1;
	uint64_t less;
	int got;

	if (from->file == NULL)
		return 0;
	got = read_file(all, uid, number, table[what].controller, from->file, from, value, f);
	if (got <= 0 || from->less == NULL)
		return got;
	got = read_file(all, uid, number, table[what].controller, from->less, from, &less, f);
	if (got > 0)
		*value -= less < *value ? less : *value;
	return got;
}

int measure_put(const struct cgroups *all, uid_t uid, unsigned number, enum measure what, char *line, size_t size,
		struct fail *f)
{
	char text[32];
	uint64_t value;
	int got = read_value(all, uid, number, what, &value, f);

	if (got <= 0)
		return got;
	if (what >= M_CPU_PRESSURE)
		(void)snprintf(text, sizeof text, "%llu.%02u", (unsigned long long)(value / 100),
			       (unsigned)(value % 100));
	else
		(void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	return field_put(line, size, table[what].key, text, ' ') < 0 ? fail(f, E2BIG, "a line with %s", text) : 0;
}
