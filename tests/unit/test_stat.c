/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The numbers of cgroups' files, as kernels write them. */
#include "tests/unit/unit.h"

#include <sys/stat.h>

#include "helper/counts.h"
#include "helper/measure.h"

static void finds(count_parse *parse, const char *word, const char *text, uint64_t want)
{
	uint64_t got = 77;

	if (!parse(text, word, &got) || got != want)
		flunk("%llu, not %llu, in: %s\n", (unsigned long long)got, (unsigned long long)want, text);
}

static void finds_none(count_parse *parse, const char *word, const char *text)
{
	uint64_t got = 77;

	if (parse(text, word, &got))
		flunk("found %llu in: %s\n", (unsigned long long)got, text);
	assert_true(got == 77);
}

static void number__is_a_file_or_a_line_of_it(void **state)
{
	static const char stat[] = "usage_usec 1234\nuser_usec 1000\nsystem_usec 234\n";

	(void)state;
	finds(count_number, NULL, "0\n", 0);
	finds(count_number, NULL, "4096\n", 4096);
	finds(count_number, NULL, "2199023255552", UINT64_C(1) << 41);
	finds(count_number, "usage_usec", stat, 1234);
	finds(count_number, "system_usec", stat, 234);
	finds_none(count_number, "usec", stat);
	finds_none(count_number, "user", stat);
	finds(count_number, "swap", "total_swap 1\nswap 2\n", 2);
	finds_none(count_number, NULL, "");
	finds_none(count_number, NULL, "-5\n");
	finds_none(count_number, NULL, " 5\n");
	finds_none(count_number, "word", "word x\n");
}

static void no_limit__is_no_number(void **state)
{
	(void)state;
	finds_none(count_number, NULL, "max\n");
	finds_none(count_number, NULL, "9223372036854771712\n"); /* v1, pages of 4K */
	finds_none(count_number, NULL, "9223372036854710272\n"); /* and of 64K */
	finds_none(count_number, NULL, "99999999999999999999999\n");
	finds_none(count_quota, NULL, "max 100000\n");
	finds_none(count_quota, NULL, "-1\n");
}

static void quota__is_percent_of_one_processor(void **state)
{
	(void)state;
	finds(count_quota, NULL, "150000 100000\n", 150);
	finds(count_quota, NULL, "25000 50000\n", 50);
	finds(count_quota, NULL, "150000\n", 150);
	finds(count_quota, NULL, "1000\n", 1);
	finds_none(count_quota, NULL, "1000 0\n");
	finds_none(count_quota, NULL, "1000 x\n");
}

static void nanoseconds_and_shares__are_told_as_version_2_does(void **state)
{
	(void)state;
	finds(count_nanoseconds, NULL, "1234567\n", 1234);
	finds(count_shares, NULL, "1024\n", 100);
	finds(count_shares, NULL, "2\n", 0);
	finds(count_shares, NULL, "10\n", 1);
	finds(count_shares, NULL, "102400\n", 10000);
}

static void bytes__are_summed_over_disks(void **state)
{
	static const char v2[] = "254:0 rbytes=100 wbytes=5 rios=1 wios=1 dbytes=0 dios=0\n"
				 "7:1 \n"
				 "8:0 rbytes=23 wbytes=7 rios=1 wios=1 dbytes=9 dios=1\n";
	static const char v1[] = "254:0 Read 100\n254:0 Write 5\n254:0 Sync 105\n254:0 Async 0\n254:0 Total 105\n"
				 "8:0 Read 23\n8:0 Write 7\nTotal 135\n";

	(void)state;
	finds(count_io, "rbytes", v2, 123);
	finds(count_io, "wbytes", v2, 12);
	finds(count_io, "bytes", v2, 0);
	finds(count_io, "rbytes", "", 0);
	finds(count_blkio, "Read", v1, 123);
	finds(count_blkio, "Write", v1, 12);
	finds(count_blkio, "Read", "Total 0\n", 0);
}

static void pressure__is_that_of_some_task_in_10_s(void **state)
{
	(void)state;
	finds(count_pressure, NULL, "some avg10=12.07 avg60=1.00 avg300=0.00 total=1\nfull avg10=3.00 avg60=0.00\n", 1207);
	finds(count_pressure, NULL, "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", 0);
	finds(count_pressure, NULL, "some avg10=100.00 avg60=0.00 avg300=0.00 total=0\n", 10000);
	finds_none(count_pressure, NULL, "full avg10=3.00 avg60=0.00\n");
	finds_none(count_pressure, NULL, "");
}

static const char uid_name[] = "1001";

/* A user's cgroup with these files, each a name and a text; what is measured there, all of it. */
static void measured(const struct folder *folder, bool v2, const char *const (*files)[2], char *line, size_t size)
{
	const struct cgroups all = { .v2 = v2, .count = 1, .base = { folder->dir, -1, -1, -1, -1 } };
	OWN_FD int dir = -1;
	struct fail f;

	assert_int_equal(mkdirat(folder->dir, uid_name, 0700), 0);
	dir = openat(folder->dir, uid_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	for (int i = 0; files[i][0] != NULL; i++)
		write_text(dir, files[i][0], files[i][1]);
	line[0] = '\0';
	for (int what = 0; what < MEASURES; what++)
		GOOD(measure_put(&all, 1001, 0, (enum measure)what, line, size, &f));
	for (int i = 0; files[i][0] != NULL; i++)
		assert_int_equal(unlinkat(dir, files[i][0], 0), 0);
}

static void version_2__is_told_in_full(void **state)
{
	static const char *const files[][2] = {
		{ "memory.current", "1000\n" }, { "memory.max", "2000\n" }, { "memory.high", "max\n" },
		{ "memory.swap.current", "0\n" }, { "memory.swap.max", "50\n" }, { "pids.current", "3\n" },
		{ "pids.max", "4096\n" }, { "cpu.stat", "usage_usec 77\n" }, { "cpu.max", "max 100000\n" },
		{ "cpu.weight", "100\n" }, { "io.stat", "" },
		{ "cpu.pressure", "some avg10=0.50 avg60=0.00 avg300=0.00 total=0\n" },
		{ "memory.pressure", "some avg10=1.00 avg60=0.00 avg300=0.00 total=0\n" },
		{ "io.pressure", "some avg10=99.99 avg60=0.00 avg300=0.00 total=0\n" }, { NULL, NULL } };
	char line[1000];

	measured(*state, true, files, line, sizeof line);
	assert_string_equal(line, "memory=1000 memory_max=2000 swap=0 swap_max=50 pids=3 pids_max=4096 cpu_usec=77 "
				  "cpu_weight=100 read_bytes=0 write_bytes=0 cpu_pressure=0.50 memory_pressure=1.00 "
				  "io_pressure=99.99 ");
}

static void version_1__is_told_in_the_same_words(void **state)
{
	static const char *const files[][2] = {
		{ "memory.usage_in_bytes", "1000\n" }, { "memory.limit_in_bytes", "2000\n" },
		{ "memory.memsw.limit_in_bytes", "2050\n" }, { "memory.stat", "swap 9\ntotal_swap 8\n" },
		{ "pids.current", "3\n" }, { "pids.max", "max\n" }, { "cpuacct.usage", "77999\n" },
		{ "cpu.cfs_quota_us", "50000\n" }, { "cpu.shares", "1024\n" },
		{ "blkio.throttle.io_service_bytes_recursive", "8:0 Read 1\n8:0 Write 2\nTotal 3\n" }, { NULL, NULL } };
	char line[1000];

	measured(*state, false, files, line, sizeof line);
	assert_string_equal(line, "memory=1000 memory_max=2000 swap=8 swap_max=50 pids=3 cpu_usec=77 cpu_max=50 "
				  "cpu_weight=100 read_bytes=1 write_bytes=2 ");
}

static void what_a_host_has_not__is_left_out(void **state)
{
	static const char *const files[][2] = { { "pids.current", "3\n" }, { NULL, NULL } };
	const struct cgroups bare = { .v2 = true, .count = 1, .base = { -1 }, .of = CGROUPS_NONE };
	char line[1000] = "";
	struct fail f;

	GOOD(measure_put(&bare, 1001, 0, M_PIDS, line, sizeof line, &f));
	assert_string_equal(line, "");
	measured(*state, false, files, line, sizeof line);
	assert_string_equal(line, "pids=3 ");
}

static void line__that_is_full_is_an_error(void **state)
{
	const struct folder *folder = *state;
	const struct cgroups all = { .count = 1, .base = { folder->dir, -1, -1, -1, -1 } };
	char line[8] = "";
	struct fail f;
	OWN_FD int dir = -1;

	assert_int_equal(mkdirat(folder->dir, uid_name, 0700), 0);
	dir = openat(folder->dir, uid_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	write_text(dir, "pids.current", "1234\n");
	assert_int_equal(measure_put(&all, 1001, 0, M_PIDS, line, sizeof line, &f), -1);
	assert_int_equal(unlinkat(dir, "pids.current", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number__is_a_file_or_a_line_of_it),
		cmocka_unit_test(no_limit__is_no_number),
		cmocka_unit_test(quota__is_percent_of_one_processor),
		cmocka_unit_test(nanoseconds_and_shares__are_told_as_version_2_does),
		cmocka_unit_test(bytes__are_summed_over_disks),
		cmocka_unit_test(pressure__is_that_of_some_task_in_10_s),
		IN_FOLDER(version_2__is_told_in_full),
		IN_FOLDER(version_1__is_told_in_the_same_words),
		IN_FOLDER(what_a_host_has_not__is_left_out),
		IN_FOLDER(line__that_is_full_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
