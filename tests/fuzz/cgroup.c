/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. Files of cgroups, of both versions. With delegate = yes the names of disks and keys stay the
 * kernel's.
 */
#include "tests/fuzz/fuzz.h"

#include "helper/cgroup.h"
#include "helper/counts.h"
#include "helper/events.h"
#include "helper/limits_io.c"
#include "helper/measure.h"

static int place;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	place = own_directory();
	return mkdirat(place, "1001", 0700) < 0 || mkdirat(place, "1001/1", 0700) < 0;
}

static void numbers(const char *text)
{
	static count_parse *const parsers[] = { count_number, count_nanoseconds, count_shares, count_quota, count_io,
						count_blkio, count_pressure };
	static const char *const words[] = { "usage_usec", "rbytes", "Read", "max" };
	uint64_t value = 0;

	for (size_t i = 0; i < sizeof parsers / sizeof parsers[0]; i++)
		for (size_t j = 0; j < sizeof words / sizeof words[0]; j++)
			(void)parsers[i](text, words[j], &value);
	(void)count_number(text, NULL, &value);
	(void)events_number(text, "oom_kill");
}

/* All that a list and --stat say of a box; the files are all the same one. */
static void measures(const uint8_t *data, size_t size, bool v2)
{
	static const char *const files[] = { "memory.current", "memory.max", "cpu.stat", "io.stat", "memory.events",
					     "cpu.max", "cpu.pressure", "pids.events", "memory.stat", "cpu.shares" };
	const struct cgroups all = { .v2 = v2, .count = 1, .base = { place, -1, -1, -1, -1 } };
	char line[4096] = "", name[64];
	struct events events;
	struct fail f = { 0 };

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		(void)snprintf(name, sizeof name, "1001/1/%s", files[i]);
		put_file(place, name, data, size);
	}
	for (enum measure m = 0; m < MEASURES; m++)
		if (measure_put(&all, 1001, 1, m, line, sizeof line, &f) < 0)
			HOLDS(is_said(&f));
	HOLDS(is_tame(line) && strchr(line, '\n') == NULL);
	if (events_count(&all, 1001, 1, &events, &f) < 0)
		HOLDS(is_said(&f));
}

/* Limits of disks of which nsbox.conf says nothing any more are taken back. */
static void io_max(const uint8_t *data, size_t size)
{
	char *none[] = { NULL };
	const struct policy policy = { .io_max = none };
	struct fail f = { 0 };

	put_file(place, "io.max", data, size);
	if (clear(true, place, &policy, &f) < 0)
		HOLDS(is_said(&f));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool v2 = next_byte(&data, &size) % 2 != 0;
	char *text = text_of(data, size);
	unsigned fds = count_fds();

	numbers(text);
	measures(data, size, v2);
	io_max(data, size);
	free(text);
	HOLDS(count_fds() == fds);
	return 0;
}
