/* SPDX-License-Identifier: MIT */
/* runs as: anyone. What a limit did: the kernel's log and counters, read; the sentences, made; the state, kept. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "helper/events.h"
#include "helper/kmsg.h"
#include "helper/record.h"
#include "helper/tell.h"
#include "helper/told.h"

static const struct kmsg_box ada = { .base = "/nsbox", .uid = 2000, .number = 1 };
static const struct kmsg_box within = { .base = "/nsbox", .anywhere = true, .uid = 2000, .number = 1 };
static const struct kmsg_box served = { .base = "/system.slice/nsbox.service", .uid = 2000, .number = 1 };

#define HEAD "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
#define OURS HEAD "oom_memcg=/nsbox/2000,task_memcg=/nsbox/2000/1,task="

static void tells(const struct kmsg_box *box, const char *record, const char *name, enum kmsg_limit limit)
{
	struct kmsg_kill killed = { .line = 0 };
	uint64_t line = 0;

	if (kmsg_parse(record, box, &line, &killed) != 1)
		flunk("not taken: %s\n", record);
	assert_string_equal(killed.name, name);
	assert_int_equal(killed.limit, limit);
	assert_int_equal(killed.line, line);
}

static void tells_nothing(const struct kmsg_box *box, const char *record)
{
	struct kmsg_kill killed = { .when = 77 };
	uint64_t line = 0;

	if (kmsg_parse(record, box, &line, &killed) != 0)
		flunk("taken: %s\n", record);
	assert_int_equal(killed.when, 77);
}

static void line__of_kernel_6_18_with_cgroup_v1_names_the_process(void **state)
{
	(void)state;
	tells(&within, "6,1273,12030317814,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=nsbox-test.25983,"
	      "mems_allowed=0,oom_memcg=/nsbox-test.25983/nsbox/2000,task_memcg=/nsbox-test.25983/nsbox/2000/1,"
	      "task=python3,pid=27590,uid=2000\n", "python3", KMSG_USER);
}

/* The form is the same since Linux 5.0; with CONFIG_PRINTK_CALLER a field more stands in front. */
static void line__of_a_service_of_systemd_s_names_the_process(void **state)
{
	(void)state;
	tells(&served, "6,912,84000123,-,caller=T912;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,"
	      "mems_allowed=0,oom_memcg=/system.slice/nsbox.service/2000/1,"
	      "task_memcg=/system.slice/nsbox.service/2000/1,task=cc1plus,pid=912,uid=2000\n"
	      " SUBSYSTEM=memory\n", "cc1plus", KMSG_USER);
	tells(&served, "6,912,84000123,-;" HEAD "oom_memcg=/system.slice/nsbox.service/2000/1/job,"
	      "task_memcg=/system.slice/nsbox.service/2000/1/job,task=make,pid=912,uid=2000\n", "make", KMSG_OWN);
	tells(&served, "6,912,84000123,-;" HEAD "oom_memcg=/system.slice,"
	      "task_memcg=/system.slice/nsbox.service/2000/1/login,task=make,pid=912,uid=2000\n", "make", KMSG_HOST);
}

static void line__of_a_host_out_of_memory_is_told_apart(void **state)
{
	(void)state;
	tells(&ada, "6,5,44178537749,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,"
	      "global_oom,task_memcg=/nsbox/2000/1,task=stress-ng,pid=1811,uid=2000\n", "stress-ng", KMSG_HOST);
}

static void line__of_another_box_is_none_of_ours(void **state)
{
	(void)state;
	tells_nothing(&ada, "6,5,1,-;" HEAD "oom_memcg=/nsbox/2000,task_memcg=/nsbox/2000/2,task=a,pid=4,uid=2000\n");
	tells_nothing(&ada, "6,5,1,-;" HEAD "oom_memcg=/nsbox/2000,task_memcg=/nsbox/2000/11,task=a,pid=4,uid=2000\n");
	tells_nothing(&ada, "6,5,1,-;" HEAD "oom_memcg=/nsbox/2001,task_memcg=/nsbox/2001/1,task=a,pid=4,uid=2001\n");
	tells_nothing(&ada, "6,5,1,-;" HEAD "oom_memcg=/xnsbox/2000,task_memcg=/xnsbox/2000/1,task=a,pid=4,uid=2000\n");
	tells_nothing(&ada, "6,5,1,-;" HEAD "oom_memcg=/,task_memcg=/nsbox/keeper,task=a,pid=4,uid=0\n");
}

/* A name is any 15 bytes; the kernel escapes what is not printable, and the backslash. */
static void line__with_a_hostile_name_is_read_from_its_end(void **state)
{
	(void)state;
	tells(&ada, "6,5,1,-;" OURS "x,pid=1,uid=0,pid=4738,uid=2000\n", "x,pid=1,uid=0", KMSG_USER);
	tells(&ada, "6,5,1,-;" OURS "a,task=b,pid=4738,uid=2000\n", "a,task=b", KMSG_USER);
	tells(&ada, "6,5,1,-;" OURS ",task=,task=,pid=4738,uid=2000\n", ",task=,task=", KMSG_USER);
	tells(&ada, "6,5,1,-;" OURS ",task_memcg=/x,pid=4738,uid=2000\n", ",task_memcg=/x", KMSG_USER);
	tells(&ada, "6,5,1,-;" OURS "\\x1b[31m\\x5cx41\\x0a;,pid=4738,uid=2000\n", "\x1b[31m\\x41\n;", KMSG_USER);
	tells(&ada, "6,5,1,-;" OURS "\\xc3\\xa9t\\xff,pid=4738,uid=2000\n", "\xc3\xa9t\xff", KMSG_USER);
	tells(&ada, "6,5,1,-;" OURS ",pid=4738,uid=2000\n", "", KMSG_USER);
}

/* With delegate = yes a user gives names to cgroups, which may look like another's, or like the next field. */
static void line__with_a_hostile_path_tells_nothing_of_others(void **state)
{
	const struct kmsg_box bob = { .base = "/nsbox", .uid = 2001, .number = 1 };
	const char *paths[] = {
		"oom_memcg=/nsbox/2000,task_memcg=/nsbox/2000/1/nsbox/2001/1",
		"oom_memcg=/nsbox/2000,task_memcg=/nsbox/2000/1/x,task_memcg=/nsbox/2001/1",
		"oom_memcg=/nsbox/2000/1/x,task_memcg=/nsbox/2001/1,task_memcg=/nsbox/2000/1",
		"oom_memcg=/nsbox/2000/1/x,oom_memcg=/nsbox/2001/1,task_memcg=/nsbox/2000/1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		char record[512];

		(void)snprintf(record, sizeof record, "6,5,1,-;" HEAD "%s,task=a,pid=4,uid=2000\n", paths[i]);
		tells_nothing(&bob, record);
		if (i > 0)
			tells_nothing(&ada, record);
	}
}

#define FORGED(path) "6,5,1,-;" HEAD "oom_memcg=" path ",task_memcg=" path "/1,task=a,pid=4,uid=2001\n"

/* What a user's own manager of systemd's may be made to do, and what they may do in a delegated box. */
static void line__of_a_cgroup_that_is_called_as_ours_tells_nothing(void **state)
{
	static const struct kmsg_box in_slice = {
		.base = "/system.slice/nsbox.service", .anywhere = true, .uid = 2000, .number = 1,
	};

	(void)state;
	tells_nothing(&served, FORGED("/user.slice/user-2001.slice/user@2001.service/nsbox.service/2000"));
	tells_nothing(&served, FORGED("/user.slice/user-2001.slice/user@2001.service/system.slice/nsbox.service/2000"));
	tells_nothing(&served, FORGED("/system.slice/nsbox.service/2001/1/system.slice/nsbox.service/2000"));
	tells_nothing(&served, FORGED("/nsbox.service/2000"));
	tells_nothing(&served, FORGED("/system.slice/nsbox.service2000"));
	tells_nothing(&ada, FORGED("/user.slice/user@2001.service/nsbox/2000"));
	tells_nothing(&ada, FORGED("/nsbox/2001/1/nsbox/2000"));
	tells_nothing(&within, FORGED("/nsbox/2001/1/nsbox/2000"));
	tells_nothing(&within, FORGED("/host/nsbox/2001/1/nsbox/2000"));
	tells_nothing(&within, FORGED("/host/xnsbox/2000"));
	tells_nothing(&in_slice, FORGED("/host/user.slice/user@2001.service/nsbox.service/2000"));
	/* A limit that is called as the user's is not the user's. */
	tells(&served, "6,5,1,-;" HEAD "oom_memcg=/user.slice/nsbox.service/2000,"
	      "task_memcg=/system.slice/nsbox.service/2000/1,task=a,pid=4,uid=2000\n", "a", KMSG_HOST);
}

static void base__is_what_is_below_the_mounted_hierarchy(void **state)
{
	(void)state;
	assert_string_equal(kmsg_base("/sys/fs/cgroup/memory/nsbox", false), "/nsbox");
	assert_string_equal(kmsg_base("/sys/fs/cgroup/nsbox", true), "/nsbox");
	assert_string_equal(kmsg_base("/sys/fs/cgroup/system.slice/nsbox.service", true), "/system.slice/nsbox.service");
	assert_null(kmsg_base("/sys/fs/cgroup/memory", false));
	assert_null(kmsg_base("/mnt/cgroup/nsbox", true));
	assert_null(kmsg_base("/sys/fs/cgroup2/nsbox", true));
}

static void line__that_is_not_the_kernel_s_tells_nothing(void **state)
{
	(void)state;
	tells_nothing(&ada, "14,5,1,-;" OURS "a,pid=4,uid=2000\n"); /* written to /dev/kmsg: facility 1 */
	tells_nothing(&ada, "6,5,1,-;x" OURS "a,pid=4,uid=2000\n");
	tells_nothing(&ada, "6,5,1,-;" OURS "a,pid=4,uid=\n");
	tells_nothing(&ada, "6,5,1,-;" OURS "a,pid=,uid=2000\n");
	tells_nothing(&ada, "6,5,1,-;" OURS "a,pid=4,uid=2000 \n");
	tells_nothing(&ada, "6,5,1,-;" OURS "more_than_15_bytes,pid=4,uid=2000\n");
	tells_nothing(&ada, "6,5,1,-;" HEAD "oom_memcg=/nsbox/2000,task=a,pid=4,uid=2000\n");
	tells_nothing(&ada, "6,5,1,-;");
	tells_nothing(&ada, "6,5,1,-");
	tells_nothing(&ada, "6,5;" OURS "a,pid=4,uid=2000\n");
	tells_nothing(&ada, "6,x,1,-;" OURS "a,pid=4,uid=2000\n");
	tells_nothing(&ada, "");
}

static void record__gives_its_number_whatever_it_says(void **state)
{
	struct kmsg_kill killed;
	uint64_t line = 0;

	(void)state;
	assert_int_equal(kmsg_parse("4,339,5140900,-;NET: Registered protocol family 10\n", &ada, &line, &killed), 0);
	assert_int_equal(line, 339);
}

static void counters__are_read_in_the_words_of_each_kernel(void **state)
{
	const char *v2 = "low 0\nhigh 12\nmax 4711\noom 9\noom_kill 7\noom_group_kill 3\n"; /* 6.1, 6.12 */
	const char *newer = "low 0\nhigh 0\nmax 4711\noom 9\noom_kill 7\noom_group_kill 3\nsock_throttled 5\n"; /* 6.18 */
	const char *v1 = "oom_kill_disable 0\nunder_oom 1\noom_kill 7\n";

	(void)state;
	assert_int_equal(events_number(v2, "oom_kill"), 7);
	assert_int_equal(events_number(newer, "oom_kill"), 7);
	assert_int_equal(events_number(v1, "oom_kill"), 7);
	assert_int_equal(events_number("max 14226\n", "max"), 14226);
	assert_int_equal(events_number("max 18446744073709551615", "max"), UINT64_MAX);
}

static void counters__that_are_not_there_are_zero(void **state)
{
	(void)state;
	assert_int_equal(events_number("", "max"), 0);
	assert_int_equal(events_number("\n\n", "max"), 0);
	assert_int_equal(events_number("maximum 3\n", "max"), 0);
	assert_int_equal(events_number("oom_group_kill 3\n", "oom_kill"), 0);
	assert_int_equal(events_number("max 99999999999999999999999\n", "max"), 0);
	assert_int_equal(events_number("max -1\n", "max"), 0);
	assert_int_equal(events_number("max", "max"), 0);
}

static void says(uint64_t count, const char *const *names, enum kmsg_limit limit, const char *user_limit,
		 const char *text_wanted, const char *words_wanted)
{
	struct kmsg_kill kills[TELL_NAMES];
	char text[TELL_TEXT], words[TELL_TEXT];
	int n = 0;

	for (; names[n] != NULL; n++) {
		kills[n] = (struct kmsg_kill){ .limit = limit };
		(void)snprintf(kills[n].name, sizeof kills[n].name, "%s", names[n]);
	}
	tell_kills(count, kills, n, user_limit, text, words);
	assert_string_equal(text, text_wanted);
	assert_string_equal(words, words_wanted);
}

#define NAMES(...) (const char *const[]){ __VA_ARGS__ }

static void sentence__names_the_processes_and_the_limit(void **state)
{
	(void)state;
	says(1, NAMES("python3", NULL), KMSG_USER, "512M", "nsbox: out of memory (memory = 512M): killed python3",
	     "limit=memory=512M count=1 killed=python3");
	says(2, NAMES("a", "b", NULL), KMSG_USER, "1G", "nsbox: out of memory (memory = 1G): killed a and b",
	     "limit=memory=1G count=2 killed=a killed=b");
	says(12, NAMES("a", "b", "c", NULL), KMSG_USER, "1G",
	     "nsbox: out of memory (memory = 1G): killed a, b, c and 9 more",
	     "limit=memory=1G count=12 killed=a killed=b killed=c");
	says(1, NAMES("a", NULL), KMSG_OWN, "1G", "nsbox: out of memory (a limit set in the box): killed a",
	     "limit=box count=1 killed=a");
}

static void sentence__does_without_names(void **state)
{
	(void)state;
	says(1, NAMES(NULL), KMSG_USER, "512M", "nsbox: out of memory (memory = 512M): killed a process",
	     "limit=memory=512M count=1");
	says(4, NAMES(NULL), KMSG_USER, "512M", "nsbox: out of memory (memory = 512M): killed 4 processes",
	     "limit=memory=512M count=4");
}

static void sentence__says_when_it_was_not_the_user_s_limit(void **state)
{
	(void)state;
	says(1, NAMES("a", NULL), KMSG_HOST, "512M", "nsbox: the host is out of memory: killed a",
	     "limit=host count=1 killed=a");
	says(1, NAMES(NULL), KMSG_USER, "none", "nsbox: the host is out of memory: killed a process",
	     "limit=host count=1");
}

static void sentence__keeps_hostile_names_harmless(void **state)
{
	(void)state;
	says(1, NAMES("\x1b[2J\"x y\n", NULL), KMSG_USER, "512M",
	     "nsbox: out of memory (memory = 512M): killed \\x1b[2J\"x y\\x0a",
	     "limit=memory=512M count=1 killed=%1B%5B2J%22x%20y%0A");
}

static void what_was_told__is_kept_with_the_record_and_goes_with_it(void **state)
{
	const struct folder *folder = *state;
	const struct told told = { .events = { 1, 2, 3 }, .begun = 4, .refused = 5, .line = UINT64_MAX, .looked = 6,
				   .pause = 7 };
	struct told read = { .line = 0 };
	unsigned numbers[4];
	struct fail f = { 0 };

	assert_int_equal(told_write(folder->dir, 7, &told, clock_ms() + 100, &f), -1);
	assert_int_equal(f.code, ENOENT);
	write_text(folder->dir, "7", "a record\n");
	GOOD(told_write(folder->dir, 7, &told, clock_ms() + 100, &f));
	GOOD(told_read(folder->dir, 7, &read, &f));
	assert_memory_equal(&read, &told, sizeof told);
	assert_int_equal(record_numbers(folder->dir, numbers, 4, &f), 1);
	GOOD(record_remove(folder->dir, 7, &f));
	assert_int_equal(told_read(folder->dir, 7, &read, &f), -1);
	assert_int_equal(f.code, ENOENT);
	assert_int_equal(count_files(folder->path), 1); /* the lock */
}

static void what_was_told__is_not_guessed_from_a_corrupt_file(void **state)
{
	const struct folder *folder = *state;
	struct told read;
	struct fail f = { 0 };

	write_text(folder->dir, "7.told", "oom=1\npids=2\n");
	assert_int_equal(told_read(folder->dir, 7, &read, &f), -1);
	write_text(folder->dir, "7.told", "oom=1\npids=2\nuser_pids=3\nbegun=4\nrefused=5\nline=-1\nlooked=6\npause=7\n");
	assert_int_equal(told_read(folder->dir, 7, &read, &f), -1);
}

/* Each second another kill: the log is looked at after these seconds. */
static void log__is_looked_at_ever_more_seldom(void **state)
{
	static const uint64_t seconds[] = { 1, 2, 4, 8, 16, 32, 62, 92, 122 };
	struct told told = { .looked = 0 };
	size_t n = 0;

	(void)state;
	for (uint64_t second = 1; second <= 122; second++)
		if (told_may_look(&told, second * 1000))
			assert_int_equal(second, seconds[n++]);
	assert_int_equal(n, sizeof seconds / sizeof seconds[0]);
	/* A quiet minute later it begins anew. */
	assert_true(told_may_look(&told, 182000));
	assert_true(told_may_look(&told, 183000));
	assert_false(told_may_look(&told, 184000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line__of_kernel_6_18_with_cgroup_v1_names_the_process),
		cmocka_unit_test(line__of_a_service_of_systemd_s_names_the_process),
		cmocka_unit_test(line__of_a_host_out_of_memory_is_told_apart),
		cmocka_unit_test(line__of_another_box_is_none_of_ours),
		cmocka_unit_test(line__with_a_hostile_name_is_read_from_its_end),
		cmocka_unit_test(line__with_a_hostile_path_tells_nothing_of_others),
		cmocka_unit_test(line__of_a_cgroup_that_is_called_as_ours_tells_nothing),
		cmocka_unit_test(base__is_what_is_below_the_mounted_hierarchy),
		cmocka_unit_test(line__that_is_not_the_kernel_s_tells_nothing),
		cmocka_unit_test(record__gives_its_number_whatever_it_says),
		cmocka_unit_test(counters__are_read_in_the_words_of_each_kernel),
		cmocka_unit_test(counters__that_are_not_there_are_zero),
		cmocka_unit_test(sentence__names_the_processes_and_the_limit),
		cmocka_unit_test(sentence__does_without_names),
		cmocka_unit_test(sentence__says_when_it_was_not_the_user_s_limit),
		cmocka_unit_test(sentence__keeps_hostile_names_harmless),
		cmocka_unit_test(log__is_looked_at_ever_more_seldom),
		IN_FOLDER(what_was_told__is_kept_with_the_record_and_goes_with_it),
		IN_FOLDER(what_was_told__is_not_guessed_from_a_corrupt_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
