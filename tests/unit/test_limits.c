/* SPDX-License-Identifier: MIT */
/* runs as: root. The limits of a policy as files of cgroups: the table, and what is written where. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <linux/magic.h>

#include "helper/cgroup_base.h"
#include "helper/limits.h"
#include "tests/unit/unit.h"

enum { HIERARCHIES = 4 };

/* Defaults, and then "key = value" for each pair of words. */
static struct policy policy_with(const char *const words[])
{
	struct policy p = { 0 };
	struct fail f = { 0 };

	for (unsigned i = 0; i < KEY_COUNT; i++)
		GOOD(key_set(&p, (enum key)i, key_row((enum key)i)->initial, 0, &f));
	GOOD(key_set(&p, KEY_pids, "none", 0, &f));
	for (; words[0] != NULL; words += 2)
		GOOD(key_set(&p, key_find(words[0]), words[1], 1, &f));
	return p;
}

#define POLICY(...) policy_with((const char *const[]){ __VA_ARGS__, NULL })
#define NOTHING policy_with((const char *const[]){ NULL })

static void policy_drop(struct policy *p)
{
	for (unsigned i = 0; i < KEY_COUNT; i++)
		key_clear(p, (enum key)i);
}

/* --- the table ------------------------------------------------------------------------------------------------ */

struct expected {
	const char *key, *value, *v2_file, *v2_text, *v1_file, *v1_text; /* value as nsbox.conf has it */
};

/* Of a key with several rows the file tells which row is meant. */
static const struct expected expected[] = {
	{ "pids", "4096", "pids.max", "4096", "pids.max", "4096" },
	{ "pids", "16", "pids.max", "16", "pids.max", "16" },
	{ "pids", "4194304", "pids.max", "4194304", "pids.max", "4194304" },
	{ "pids", "none", "pids.max", "max", "pids.max", "max" },
	{ "memory", "512M", "memory.max", "536870912", "memory.limit_in_bytes", "536870912" },
	{ "memory", "16M", "memory.max", "16777216", "memory.limit_in_bytes", "16777216" },
	{ "memory", "1048576T", "memory.max", "1152921504606846976", "memory.limit_in_bytes", "1152921504606846976" },
	{ "memory", "none", "memory.max", "max", "memory.limit_in_bytes", "-1" },
	{ "memory_high", "1G", "memory.high", "1073741824", NULL, NULL },
	{ "memory_high", "none", "memory.high", "max", NULL, NULL },
	{ "swap", "0", "memory.swap.max", "0", "memory.memsw.limit_in_bytes", "104857600" },
	{ "swap", "50M", "memory.swap.max", "52428800", "memory.memsw.limit_in_bytes", "157286400" },
	{ "swap", "none", "memory.swap.max", "max", "memory.memsw.limit_in_bytes", "-1" },
	{ "cpu", "1", "cpu.max", "1000 100000", "cpu.cfs_quota_us", "1000" },
	{ "cpu", "100", "cpu.max", "100000 100000", "cpu.cfs_quota_us", "100000" },
	{ "cpu", "250", "cpu.max", "250000 100000", "cpu.cfs_quota_us", "250000" },
	{ "cpu", "1000000", "cpu.max", "1000000000 100000", "cpu.cfs_quota_us", "1000000000" },
	{ "cpu", "none", "cpu.max", "max 100000", "cpu.cfs_quota_us", "-1" },
	{ "cpu_weight", "1", "cpu.weight", "1", "cpu.shares", "10" },
	{ "cpu_weight", "100", "cpu.weight", "100", "cpu.shares", "1024" },
	{ "cpu_weight", "10000", "cpu.weight", "10000", "cpu.shares", "102400" },
	{ "cpu_weight", "none", "cpu.weight", "100", "cpu.shares", "1024" },
	{ "io_weight", "1", "io.weight", "1", NULL, NULL },
	{ "io_weight", "10000", "io.weight", "10000", NULL, NULL },
	{ "io_weight", "none", "io.weight", "100", NULL, NULL },
	{ "io_weight", "1", "io.bfq.weight", "1", "blkio.bfq.weight", "1" },
	{ "io_weight", "100", "io.bfq.weight", "100", "blkio.bfq.weight", "100" },
	{ "io_weight", "101", "io.bfq.weight", "100", "blkio.bfq.weight", "100" },
	{ "io_weight", "5050", "io.bfq.weight", "550", "blkio.bfq.weight", "550" },
	{ "io_weight", "10000", "io.bfq.weight", "1000", "blkio.bfq.weight", "1000" },
	{ "io_weight", "none", "io.bfq.weight", "100", "blkio.bfq.weight", "100" },
};

static uint64_t amount(const struct policy *p, enum key key)
{
	uint64_t value;

	memcpy(&value, (const char *)p + key_row(key)->member, sizeof value);
	return value;
}

static void says(const struct limit_file *file, const struct policy *p, enum key key, const char *wanted)
{
	struct fail f = { 0 };
	char text[64];

	GOOD(file->text(p, amount(p, key), text, sizeof text, &f));
	assert_string_equal(text, wanted);
}

/* How many rows are for this expectation: one. */
static unsigned try_rows(const struct expected *e)
{
	unsigned count, fitting = 0;
	const struct limit *rows = limits_table(&count);
	struct policy p = POLICY("memory", "100M", e->key, e->value);

	for (const struct limit *row = rows; row < rows + count; row++) {
		if (row->key != key_find(e->key) || strcmp(row->v2.file, e->v2_file) != 0)
			continue;
		fitting++;
		says(&row->v2, &p, row->key, e->v2_text);
		if (e->v1_file == NULL) {
			assert_null(row->v1.file);
			continue;
		}
		assert_string_equal(row->v1.file, e->v1_file);
		says(&row->v1, &p, row->key, e->v1_text);
	}
	policy_drop(&p);
	return fitting;
}

static void each_row__has_its_files_and_its_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_int_equal(try_rows(&expected[i]), 1);
}

static bool is_expected(const struct limit *row)
{
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		if (key_find(expected[i].key) == row->key && strcmp(expected[i].v2_file, row->v2.file) == 0)
			return true;
	return false;
}

static void each_row__is_tested_here(void **state)
{
	unsigned count;
	const struct limit *rows = limits_table(&count);

	(void)state;
	for (unsigned i = 0; i < count; i++)
		if (!is_expected(&rows[i]))
			flunk("%s is in the table and not in this test\n", rows[i].v2.file);
}

/* The keys from memory to io_max are those of cgroups (conf/keys.def); what follows are sizes and switches. */
static void each_key_of_the_limits__has_a_row_or_is_io_max(void **state)
{
	unsigned count;
	const struct limit *rows = limits_table(&count);

	(void)state;
	for (unsigned key = KEY_memory; key <= KEY_io_max; key++) {
		bool found = key == KEY_io_max;

		for (unsigned i = 0; i < count; i++)
			found |= rows[i].key == (enum key)key;
		if (!found)
			flunk("%s limits nothing\n", key_row((enum key)key)->name);
	}
}

static void shares__are_never_less_than_the_kernel_takes(void **state)
{
	unsigned count;
	const struct limit *rows = limits_table(&count);
	struct fail f = { 0 };
	char text[64];

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		if (rows[i].key != KEY_cpu_weight)
			continue;
		/* 0 cannot be configured. */
		GOOD(rows[i].v1.text(NULL, 0, text, sizeof text, &f));
		assert_string_equal(text, "2");
	}
}

static void swap__needs_memory_on_version_1_only(void **state)
{
	unsigned count;
	const struct limit *rows = limits_table(&count);
	struct policy p = POLICY("swap", "50M");
	struct fail f = { 0 };
	char text[64];

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		if (rows[i].key != KEY_swap)
			continue;
		says(&rows[i].v2, &p, KEY_swap, "52428800");
		assert_int_equal(rows[i].v1.text(&p, p.swap, text, sizeof text, &f), -1);
		assert_string_equal(f.text, "swap is set without memory, which cgroup version 1 cannot do: set memory too");
	}
	policy_drop(&p);
}

/* --- what is written, where a directory stands for a cgroup ----------------------------------------------------- */

/* All hierarchies of this pretended host are one directory. */
static struct cgroups pretend(bool v2)
{
	return (struct cgroups){ .v2 = v2, .count = 1, .base = CGROUPS_NONE };
}

/* The text of a file that was written once; "-" if it is empty. */
static const char *text_in(int dir, const char *name, char text[256])
{
	OWN_FD int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(fd_read_text(fd, text, 256) >= 0);
	return text[0] == '\0' ? "-" : text;
}

static void has_text(int dir, const char *name, const char *wanted)
{
	char text[256];

	assert_string_equal(text_in(dir, name, text), wanted);
}

#define GONE(folder, name) assert_int_equal(unlinkat((folder)->dir, name, 0), 0)

static void make_files(int dir, bool v2)
{
	unsigned count;
	const struct limit *rows = limits_table(&count);

	for (unsigned i = 0; i < count; i++) {
		const char *name = v2 ? rows[i].v2.file : rows[i].v1.file;

		if (name != NULL)
			write_text(dir, name, "");
	}
	write_text(dir, v2 ? "io.max" : "blkio.throttle.read_bps_device", "");
}

static void v2_user__gets_all_that_is_set(void **state)
{
	struct folder *folder = *state;
	struct cgroups all = pretend(true);
	struct policy p = POLICY("memory", "1G", "swap", "0", "cpu", "150", "cpu_weight", "7", "pids", "33", "io_weight", "200");
	struct fail f = { 0 };

	make_files(folder->dir, true);
	GOOD(limits_write(&all, &folder->dir, LEVEL_USER, true, &p, &f));
	has_text(folder->dir, "memory.max", "1073741824");
	has_text(folder->dir, "memory.high", "-"); /* not set, and fresh: not touched */
	has_text(folder->dir, "memory.swap.max", "0");
	has_text(folder->dir, "cpu.max", "150000 100000");
	has_text(folder->dir, "cpu.weight", "7");
	has_text(folder->dir, "pids.max", "33");
	has_text(folder->dir, "io.weight", "200");
	has_text(folder->dir, "io.bfq.weight", "109");
	policy_drop(&p);
}

static void v2_box__gets_what_programs_look_at(void **state)
{
	struct folder *folder = *state;
	struct cgroups all = pretend(true);
	struct policy p = POLICY("memory", "1G", "memory_high", "900M", "swap", "0", "cpu", "150", "cpu_weight", "7",
				 "pids", "33", "io_weight", "200");
	struct fail f = { 0 };

	make_files(folder->dir, true);
	GOOD(limits_write(&all, &folder->dir, LEVEL_BOX, true, &p, &f));
	has_text(folder->dir, "memory.max", "1073741824");
	has_text(folder->dir, "memory.swap.max", "0");
	has_text(folder->dir, "cpu.max", "150000 100000");
	has_text(folder->dir, "pids.max", "33");
	has_text(folder->dir, "memory.high", "-");
	has_text(folder->dir, "cpu.weight", "-");
	has_text(folder->dir, "io.weight", "-");
	policy_drop(&p);
}

static void what_is_taken_back__is_written_as_none(void **state)
{
	struct folder *folder = *state;
	struct cgroups all = pretend(true);
	struct policy p = NOTHING;
	struct fail f = { 0 };

	make_files(folder->dir, true);
	GOOD(limits_write(&all, &folder->dir, LEVEL_USER, false, &p, &f));
	has_text(folder->dir, "memory.max", "max");
	has_text(folder->dir, "memory.high", "max");
	has_text(folder->dir, "memory.swap.max", "max");
	has_text(folder->dir, "cpu.max", "max 100000");
	has_text(folder->dir, "cpu.weight", "100");
	has_text(folder->dir, "pids.max", "max");
	has_text(folder->dir, "io.bfq.weight", "100");
	policy_drop(&p);
}

static void kernel_s_words__are_the_same_limit(void **state)
{
	(void)state;
	assert_true(limits_same("4096\n", "4096", 1));
	assert_true(limits_same("max\n", "max", 1));
	assert_true(limits_same("150000 100000\n", "150000 100000", 1));
	assert_true(limits_same("default 100\n8:0 300\n", "100", 1));
	assert_true(limits_same("-1\n", "-1", 1));
	assert_true(limits_same("16777216\n", "16777216", 4096));
	assert_true(limits_same("16777216\n", "16777217", 4096));
	assert_true(limits_same("16777216\n", "16781311", 4096));
	assert_true(limits_same("max\n", "max", 4096));
	assert_true(limits_same("9223372036854771712\n", "-1", 4096));
	assert_true(limits_same("9223372036854710272\n", "-1", 65536));
}

static void kernel_s_words__are_another_limit(void **state)
{
	(void)state;
	assert_false(limits_same("", "4096", 1));
	assert_false(limits_same("", "-1", 4096));
	assert_false(limits_same("4096\n", "4097", 1));
	assert_false(limits_same("4096\n", "max", 1));
	assert_false(limits_same("max\n", "4096", 4096));
	assert_false(limits_same("150000 50000\n", "150000 100000", 1));
	assert_false(limits_same("default 100\n", "200", 1));
	assert_false(limits_same("16777216\n", "16781312", 4096));
	assert_false(limits_same("16777216\n", "-1", 4096));
	assert_false(limits_same("9223372036854771712\n", "104857600", 4096));
	assert_false(limits_same("9223372036854771712\n", "-1", 1));
}

/* Long ago, so that it shows if somebody writes. */
static void make_old(int dir, const char *name)
{
	const struct timespec then[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	assert_int_equal(utimensat(dir, name, then, 0), 0);
}

static bool is_old(int dir, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(dir, name, &st, 0), 0);
	return st.st_mtim.tv_sec == 1;
}

/* The kernel gives who has used up the processor time of a period a new one when cpu.max is written. */
static void what_is_so_already__is_not_written_again(void **state)
{
	static const char *const same[] = { "cpu.max", "memory.max", "pids.max", "io.weight" };
	struct folder *folder = *state;
	struct cgroups all = pretend(true);
	struct policy p = POLICY("memory", "1G", "cpu", "150", "pids", "33", "io_weight", "200", "cpu_weight", "7");
	struct fail f = { 0 };

	make_files(folder->dir, true);
	write_text(folder->dir, "cpu.max", "150000 100000\n");
	write_text(folder->dir, "memory.max", "1073741824\n");
	write_text(folder->dir, "pids.max", "33\n");
	write_text(folder->dir, "io.weight", "default 200\n");
	write_text(folder->dir, "cpu.weight", "8\n");
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		make_old(folder->dir, same[i]);
	make_old(folder->dir, "cpu.weight");
	GOOD(limits_write(&all, &folder->dir, LEVEL_USER, false, &p, &f));
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		assert_true(is_old(folder->dir, same[i]));
	assert_false(is_old(folder->dir, "cpu.weight"));
	policy_drop(&p);
}

static void v1_memory_and_swap__are_let_alone_together(void **state)
{
	static const char memory[] = "memory.limit_in_bytes", both[] = "memory.memsw.limit_in_bytes";
	struct folder *folder = *state;
	struct cgroups all = pretend(false);
	struct policy p = POLICY("memory", "100M", "swap", "0");
	struct fail f = { 0 };

	make_files(folder->dir, false);
	write_text(folder->dir, memory, "104857600\n");
	write_text(folder->dir, both, "104857600\n");
	make_old(folder->dir, memory);
	make_old(folder->dir, both);
	GOOD(limits_write(&all, &folder->dir, LEVEL_USER, false, &p, &f));
	assert_true(is_old(folder->dir, memory) && is_old(folder->dir, both));
	write_text(folder->dir, memory, "52428800\n");
	GOOD(limits_write(&all, &folder->dir, LEVEL_USER, false, &p, &f));
	assert_false(is_old(folder->dir, both));
	policy_drop(&p);
}

static void refused_limit__does_not_keep_the_others_from_being_set(void **state)
{
	struct folder *folder = *state;
	struct cgroups all = pretend(true);
	struct policy p = POLICY("memory", "1G", "swap", "0", "cpu", "150", "pids", "33", "io_weight", "200");
	struct fail f = { 0 };

	make_files(folder->dir, true);
	/* What cannot be written: directories. */
	GONE(folder, "memory.max");
	GONE(folder, "cpu.max");
	assert_int_equal(mkdirat(folder->dir, "memory.max", 0700), 0);
	assert_int_equal(mkdirat(folder->dir, "cpu.max", 0700), 0);
	for (int level = LEVEL_USER; level <= LEVEL_BOX; level++) {
		write_text(folder->dir, "memory.swap.max", "");
		write_text(folder->dir, "pids.max", "");
		assert_int_equal(limits_write(&all, &folder->dir, (enum level)level, false, &p, &f), -1);
		assert_string_equal(f.text, "set memory.max to 1073741824: Is a directory");
		assert_string_equal(f.plain, "The limit memory = 1G cannot be enforced on this host; please tell the administrator.");
		has_text(folder->dir, "memory.swap.max", "0");
		has_text(folder->dir, "pids.max", "33");
	}
	has_text(folder->dir, "io.weight", "200");
	policy_drop(&p);
}

/* A host without any controller is fine for who has no limits, also when a box lives there already. */
static void nothing_to_enforce__needs_no_controller(void **state)
{
	struct cgroups all = CGROUPS_EMPTY;
	int dirs[WIRE_CGROUPS] = CGROUPS_NONE;
	struct policy p = NOTHING;
	struct fail f = { 0 };

	(void)state;
	for (int v2 = 0; v2 < 2; v2++)
		for (int fresh = 0; fresh < 2; fresh++) {
			all.v2 = v2 == 1;
			GOOD(limits_write(&all, dirs, LEVEL_USER, fresh == 1, &p, &f));
			GOOD(limits_write(&all, dirs, LEVEL_BOX, fresh == 1, &p, &f));
		}
	policy_drop(&p);
}

/* key = value cannot be enforced where no controller is, and both errors say so. */
static void refused(bool v2, const char *key, const char *value, const char *file)
{
	struct cgroups all = CGROUPS_EMPTY;
	int dirs[WIRE_CGROUPS] = CGROUPS_NONE;
	struct policy p = POLICY(key, value);
	struct fail f = { 0 };
	char words[300];

	all.v2 = v2;
	assert_int_equal(limits_write(&all, dirs, LEVEL_USER, true, &p, &f), -1);
	(void)snprintf(words, sizeof words, "%s = %s cannot be enforced: ", key, value);
	if (strncmp(f.text, words, strlen(words)) != 0 || strstr(f.text, file) == NULL)
		flunk("%s (not: %s ... %s)\n", f.text, words, file);
	(void)snprintf(words, sizeof words,
		       "The limit %s = %s cannot be enforced on this host; please tell the administrator.", key, value);
	assert_string_equal(f.plain, words);
	policy_drop(&p);
}

static void limit_without_controller__is_refused_by_name(void **state)
{
	(void)state;
	refused(true, "pids", "4096", "this host has no pids.max (cgroup version 2, controller pids)");
	refused(true, "memory", "1G", "this host has no memory.max (cgroup version 2, controller memory)");
	refused(true, "memory_high", "1G", "memory.high");
	refused(true, "swap", "1G", "memory.swap.max");
	refused(true, "cpu", "50", "cpu.max");
	refused(true, "cpu_weight", "50", "cpu.weight");
	refused(true, "io_weight", "50", "this host has no io.weight (cgroup version 2, controller io)");
	refused(false, "pids", "4096", "this host has no pids.max (cgroup version 1, controller pids)");
	refused(false, "memory", "1G", "memory.limit_in_bytes");
	refused(false, "memory_high", "1G", "cgroup version 1 has nothing like it");
	refused(false, "cpu", "50", "cpu.cfs_quota_us");
	refused(false, "cpu_weight", "50", "cpu.shares");
}

static void io_max_without_controller__is_refused_by_name(void **state)
{
	struct cgroups all = CGROUPS_EMPTY;
	int dirs[WIRE_CGROUPS] = CGROUPS_NONE;
	struct policy p = POLICY("io_max", "/ rbps=1M");
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(limits_write(&all, dirs, LEVEL_USER, true, &p, &f), -1);
	assert_string_equal(f.text, "io_max cannot be enforced: this host has no blkio.throttle.read_bps_device "
				    "(cgroup version 1, controller blkio)");
	assert_string_equal(f.plain, "The limit io_max = / rbps=1M cannot be enforced on this host; please tell the administrator.");
	policy_drop(&p);
}

/* One of the two files is enough: which one a kernel has depends on how it was built. */
static void io_weight__is_enforced_by_either_file(void **state)
{
	struct folder *folder = *state;
	struct cgroups all = pretend(true);
	struct policy p = POLICY("io_weight", "300");
	struct fail f = { 0 };

	write_text(folder->dir, "io.bfq.weight", "");
	GOOD(limits_write(&all, &folder->dir, LEVEL_USER, true, &p, &f));
	has_text(folder->dir, "io.bfq.weight", "118");
	policy_drop(&p);
}

static void missing__are_the_keys_without_any_file(void **state)
{
	struct folder *folder = *state;
	struct cgroups all = pretend(true), nothing = CGROUPS_EMPTY;
	bool missing[KEY_COUNT];

	all.base[0] = folder->dir;
	make_files(folder->dir, true);
	GONE(folder, "memory.swap.max");
	GONE(folder, "io.weight");
	GONE(folder, "io.max");
	limits_missing(&all, missing);
	for (unsigned key = 0; key < KEY_COUNT; key++)
		assert_int_equal(missing[key], key == KEY_swap || key == KEY_io_max);
	limits_missing(&nothing, missing);
	for (unsigned key = 0; key < KEY_COUNT; key++)
		assert_int_equal(missing[key], key >= KEY_memory && key <= KEY_io_max);
}

/* Who made a cgroup may have been killed before it passed on what it has. */
static void controllers__are_passed_on_if_they_are_not_yet(void **state)
{
	struct folder *folder = *state;
	struct fail f = { 0 };

	write_text(folder->dir, "cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma\n");
	write_text(folder->dir, "cgroup.subtree_control", "");
	GOOD(cgroups_pass_controllers(folder->dir, &f));
	has_text(folder->dir, "cgroup.subtree_control", "+pids +memory +cpu +io ");
	write_text(folder->dir, "cgroup.subtree_control", "cpuset io memory\n");
	GOOD(cgroups_pass_controllers(folder->dir, &f));
	has_text(folder->dir, "cgroup.subtree_control", "+pids +cpu emory\n"); /* written over its beginning */
	write_text(folder->dir, "cgroup.subtree_control", "pids memory cpu io\n");
	make_old(folder->dir, "cgroup.subtree_control");
	GOOD(cgroups_pass_controllers(folder->dir, &f));
	assert_true(is_old(folder->dir, "cgroup.subtree_control"));
}

/* v1's blkio holds back one cgroup at a time: it must be one that a user's boxes can share. */
static void blkio_in_one_hierarchy_with_another__cannot_hold_io_max(void **state)
{
	struct folder *folder = *state;
	struct cgroups all = pretend(false);
	struct policy p = POLICY("io_max", "/ rbps=1M");
	struct fail f = { 0 };

	make_files(folder->dir, false);
	assert_int_equal(limits_write(&all, &folder->dir, LEVEL_USER, true, &p, &f), -1);
	assert_string_equal(f.text,
			    "io_max cannot be enforced: this host has blkio in one hierarchy with another controller, "
			    "or nothing but blkio");
	policy_drop(&p);
}

static void only_blkio_of_version_1__is_flat(void **state)
{
	struct cgroups all = { .count = 3, .of = { [C_PIDS] = 0, [C_MEMORY] = 1, [C_CPU] = -1, [C_CPUACCT] = -1, [C_IO] = 2 } };

	(void)state;
	assert_false(cgroups_flat(&all, 0));
	assert_true(cgroups_flat(&all, 2));
	all.v2 = true;
	assert_false(cgroups_flat(&all, 2));
	all.v2 = false;
	all.of[C_IO] = -1;
	assert_false(cgroups_flat(&all, -1));
	all = (struct cgroups){ .count = 1, .of = { -1, -1, -1, -1, 0 } };
	assert_false(cgroups_flat(&all, 0)); /* what would be killed to end a box? */
}

/* --- on this machine, if it has version 1 ------------------------------------------------------------------------ */

static const char *const mounts[HIERARCHIES] = { "pids", "memory", "cpu", "blkio" };
static const enum controller controllers[HIERARCHIES] = { C_PIDS, C_MEMORY, C_CPU, C_IO };

/* A cgroup of our own in each hierarchy. */
struct real {
	struct cgroups all;
	int dirs[WIRE_CGROUPS];
	char name[32];
};

static int real_make(void **state)
{
	struct real *real = calloc(1, sizeof *real);

	*state = real;
	if (real == NULL)
		return -1;
	real->all = (struct cgroups)CGROUPS_EMPTY;
	(void)snprintf(real->name, sizeof real->name, "nsbox-test.%d", getpid());
	for (int i = 0; i < HIERARCHIES; i++) {
		char path[64];
		struct statfs fs;
		struct fail f = { 0 };

		(void)snprintf(path, sizeof path, "/sys/fs/cgroup/%s", mounts[i]);
		if (geteuid() != 0 || statfs(path, &fs) != 0 || fs.f_type != CGROUP_SUPER_MAGIC)
			continue;
		real->all.base[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		real->dirs[i] = cgroups_directory(real->all.base[i], real->name, NULL, &f);
		if (real->dirs[i] < 0)
			return -1;
		real->all.of[controllers[i]] = i;
		real->all.count++;
	}
	return 0;
}

static int real_remove(void **state)
{
	struct real *real = *state;
	int bad = 0;

	for (int i = 0; i < HIERARCHIES; i++) {
		if (real->all.base[i] < 0)
			continue;
		fd_close(&real->dirs[i]);
		bad |= unlinkat(real->all.base[i], real->name, AT_REMOVEDIR);
	}
	cgroups_close(&real->all);
	free(real);
	return bad;
}

#define REAL(name) cmocka_unit_test_setup_teardown(name, real_make, real_remove)

/* A host that has not all four, as one with version 2, tries this in the login tests. */
static bool has_all(const struct real *real)
{
	return real->all.count == HIERARCHIES;
}

static void kernel_says(const struct real *real, enum controller c, const char *file, const char *wanted)
{
	has_text(real->dirs[real->all.of[c]], file, wanted);
}

static void kernel__takes_every_limit(void **state)
{
	struct real *real = *state;
	struct policy p = POLICY("memory", "100M", "swap", "20M", "cpu", "50", "cpu_weight", "50", "pids", "77",
				 "io_weight", "50");
	struct policy none = NOTHING;
	struct fail f = { 0 };

	if (has_all(real)) {
		GOOD(limits_write(&real->all, real->dirs, LEVEL_USER, true, &p, &f));
		kernel_says(real, C_MEMORY, "memory.limit_in_bytes", "104857600\n");
		kernel_says(real, C_MEMORY, "memory.memsw.limit_in_bytes", "125829120\n");
		kernel_says(real, C_CPU, "cpu.cfs_quota_us", "50000\n");
		kernel_says(real, C_CPU, "cpu.shares", "512\n");
		kernel_says(real, C_PIDS, "pids.max", "77\n");
		kernel_says(real, C_IO, "blkio.bfq.weight", "50\n");
		GOOD(limits_write(&real->all, real->dirs, LEVEL_USER, false, &none, &f));
		kernel_says(real, C_MEMORY, "memory.limit_in_bytes", "9223372036854771712\n");
		kernel_says(real, C_MEMORY, "memory.memsw.limit_in_bytes", "9223372036854771712\n");
		kernel_says(real, C_CPU, "cpu.cfs_quota_us", "-1\n");
		kernel_says(real, C_CPU, "cpu.shares", "1024\n");
		kernel_says(real, C_PIDS, "pids.max", "max\n");
		kernel_says(real, C_IO, "blkio.bfq.weight", "100\n");
	}
	policy_drop(&p);
	policy_drop(&none);
}

/* The kernel refuses what is below the other limit at any moment between. */
static void memory_and_swap__go_up_and_down(void **state)
{
	static const char *const steps[][3] = {
		{ "100M", "20M", "125829120\n" }, { "400M", "0", "419430400\n" }, { "50M", "10M", "62914560\n" },
		{ "200M", "none", "9223372036854771712\n" }, { "64M", "64M", "134217728\n" },
	};
	struct real *real = *state;
	struct fail f = { 0 };

	for (size_t i = 0; has_all(real) && i < sizeof steps / sizeof steps[0]; i++) {
		struct policy p = POLICY("memory", steps[i][0], "swap", steps[i][1]);

		GOOD(limits_write(&real->all, real->dirs, LEVEL_USER, i == 0, &p, &f));
		kernel_says(real, C_MEMORY, "memory.memsw.limit_in_bytes", steps[i][2]);
		policy_drop(&p);
	}
}

static void kernel__takes_the_least_and_the_most(void **state)
{
	struct real *real = *state;
	struct fail f = { 0 };
	struct policy least = POLICY("memory", "16M", "swap", "0", "cpu", "1", "cpu_weight", "1", "pids", "16",
				     "io_weight", "1");
	struct policy most = POLICY("memory", "1048576T", "swap", "1048576T", "cpu", "1000000", "cpu_weight", "10000",
				    "pids", "4194304", "io_weight", "10000");

	if (has_all(real)) {
		GOOD(limits_write(&real->all, real->dirs, LEVEL_USER, true, &least, &f));
		kernel_says(real, C_CPU, "cpu.cfs_quota_us", "1000\n");
		kernel_says(real, C_CPU, "cpu.shares", "10\n");
		GOOD(limits_write(&real->all, real->dirs, LEVEL_USER, false, &most, &f));
		kernel_says(real, C_PIDS, "pids.max", "4194304\n");
		kernel_says(real, C_CPU, "cpu.cfs_quota_us", "1000000000\n");
		kernel_says(real, C_IO, "blkio.bfq.weight", "1000\n");
	}
	policy_drop(&least);
	policy_drop(&most);
}

static void one_controller_that_is_not_there__is_named(void **state)
{
	struct real *real = *state;
	struct policy p = POLICY("memory", "100M", "pids", "77");
	struct fail f = { 0 };

	if (has_all(real)) {
		real->all.of[C_PIDS] = -1;
		assert_int_equal(limits_write(&real->all, real->dirs, LEVEL_USER, true, &p, &f), -1);
		assert_string_equal(f.text, "pids = 77 cannot be enforced: this host has no pids.max "
					    "(cgroup version 1, controller pids)");
	}
	policy_drop(&p);
}

/* MAJOR:MINOR of some disk of this machine, and its device's path. */
static bool some_disk(char numbers[24], char path[300])
{
	DIR *list = opendir("/sys/block");
	bool found = false;

	for (const struct dirent *d; list != NULL && !found && (d = readdir(list)) != NULL;) {
		struct stat st;

		(void)snprintf(path, 300, "/dev/%s", d->d_name);
		if (d->d_name[0] == '.' || stat(path, &st) != 0 || !S_ISBLK(st.st_mode))
			continue;
		(void)snprintf(numbers, 24, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
		found = true;
	}
	if (list != NULL)
		(void)closedir(list);
	return found;
}

static void io_max__is_written_and_taken_back(void **state)
{
	struct real *real = *state;
	struct policy none = NOTHING;
	struct fail f = { 0 };
	char disk[24], path[300], value[400], wanted[64];

	if (has_all(real) && some_disk(disk, path)) {
		(void)snprintf(value, sizeof value, "%s rbps=1M wiops=10", path);

		struct policy p = POLICY("io_max", value);

		GOOD(limits_write(&real->all, real->dirs, LEVEL_USER, true, &p, &f));
		(void)snprintf(wanted, sizeof wanted, "%s 1048576\n", disk);
		kernel_says(real, C_IO, "blkio.throttle.read_bps_device", wanted);
		(void)snprintf(wanted, sizeof wanted, "%s 10\n", disk);
		kernel_says(real, C_IO, "blkio.throttle.write_iops_device", wanted);
		kernel_says(real, C_IO, "blkio.throttle.write_bps_device", "-");
		kernel_says(real, C_IO, "blkio.throttle.read_iops_device", "-");
		GOOD(limits_write(&real->all, real->dirs, LEVEL_USER, false, &none, &f));
		kernel_says(real, C_IO, "blkio.throttle.read_bps_device", "-");
		kernel_says(real, C_IO, "blkio.throttle.write_iops_device", "-");
		policy_drop(&p);
	}
	policy_drop(&none);
}

/* Of a rate that is taken away for a moment each login would make use. */
static void io_max__of_the_same_disk_is_not_touched(void **state)
{
	struct folder *folder = *state;
	struct cgroups all = pretend(true);
	struct fail f = { 0 };
	char disk[24], path[300], value[400], lines[256];

	if (!some_disk(disk, path))
		return;
	(void)snprintf(value, sizeof value, "%s rbps=1M wiops=10", path);

	struct policy p = POLICY("io_max", value);

	(void)snprintf(lines, sizeof lines, "%s rbps=1048576 wbps=max riops=max wiops=10\n", disk);
	write_text(folder->dir, "io.max", lines);
	make_old(folder->dir, "io.max");
	GOOD(limits_write_io_max(&all, &folder->dir, false, &p, &f));
	assert_true(is_old(folder->dir, "io.max"));
	/* What is said of another disk is all that is taken back: it lies over the file's beginning. */
	(void)snprintf(lines, sizeof lines, "%s rbps=1048576 wbps=max riops=max wiops=10\n9:99 rbps=5\n", disk);
	write_text(folder->dir, "io.max", lines);
	GOOD(limits_write_io_max(&all, &folder->dir, false, &p, &f));
	assert_int_equal(strncmp(text_in(folder->dir, "io.max", lines), "9:99 rbps=max wbps=max riops=max wiops=max", 42), 0);
	policy_drop(&p);
}

/* The kernel ends each line; a sanitizer sees who counts on that. */
static void io_max__without_a_last_line_end_is_read_to_its_end(void **state)
{
	struct folder *folder = *state;
	struct cgroups all = pretend(true);
	struct policy none = NOTHING;
	struct fail f = { 0 };
	char lines[256];

	write_text(folder->dir, "io.max", "9:99\n8:1");
	GOOD(limits_write_io_max(&all, &folder->dir, false, &none, &f));
	assert_string_equal(text_in(folder->dir, "io.max", lines), "9:99\n8:1");
	policy_drop(&none);
}

static void io_max__is_changed_in_place(void **state)
{
	static const char read_rate[] = "blkio.throttle.read_bps_device", write_rate[] = "blkio.throttle.write_bps_device";
	struct real *real = *state;
	struct fail f = { 0 };
	char disk[24], path[300], value[400], wanted[64];

	if (!has_all(real) || !some_disk(disk, path))
		return;
	for (int i = 1; i <= 2; i++) {
		(void)snprintf(value, sizeof value, "%s %s=%dM", path, i == 1 ? "rbps" : "wbps", i);

		struct policy p = POLICY("io_max", value);

		GOOD(limits_write(&real->all, real->dirs, LEVEL_USER, false, &p, &f));
		(void)snprintf(wanted, sizeof wanted, "%s %d\n", disk, i << 20);
		kernel_says(real, C_IO, i == 1 ? read_rate : write_rate, wanted);
		kernel_says(real, C_IO, i == 1 ? write_rate : read_rate, "-");
		policy_drop(&p);
	}
}

static void io_max_cannot(struct real *real, const char *value, const char *words)
{
	struct policy p = POLICY("io_max", value);
	struct fail f = { 0 };

	assert_int_equal(limits_write(&real->all, real->dirs, LEVEL_USER, true, &p, &f), -1);
	if (strstr(f.text, words) == NULL)
		flunk("%s: %s (not: %s)\n", value, f.text, words);
	policy_drop(&p);
}

static void io_max__of_what_is_no_disk__is_an_error(void **state)
{
	struct real *real = *state;

	if (!has_all(real))
		return;
	io_max_cannot(real, "/proc rbps=1M", "/proc does not lie on one disk: name the disk's device");
	io_max_cannot(real, "/no/such/path rbps=1M", "io_max: look at /no/such/path: No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row__has_its_files_and_its_words),
		cmocka_unit_test(each_row__is_tested_here),
		cmocka_unit_test(each_key_of_the_limits__has_a_row_or_is_io_max),
		cmocka_unit_test(shares__are_never_less_than_the_kernel_takes),
		cmocka_unit_test(swap__needs_memory_on_version_1_only),
		IN_FOLDER(v2_user__gets_all_that_is_set),
		IN_FOLDER(v2_box__gets_what_programs_look_at),
		IN_FOLDER(what_is_taken_back__is_written_as_none),
		cmocka_unit_test(kernel_s_words__are_the_same_limit),
		cmocka_unit_test(kernel_s_words__are_another_limit),
		IN_FOLDER(what_is_so_already__is_not_written_again),
		IN_FOLDER(v1_memory_and_swap__are_let_alone_together),
		IN_FOLDER(refused_limit__does_not_keep_the_others_from_being_set),
		IN_FOLDER(controllers__are_passed_on_if_they_are_not_yet),
		cmocka_unit_test(nothing_to_enforce__needs_no_controller),
		cmocka_unit_test(limit_without_controller__is_refused_by_name),
		cmocka_unit_test(io_max_without_controller__is_refused_by_name),
		IN_FOLDER(io_weight__is_enforced_by_either_file),
		IN_FOLDER(missing__are_the_keys_without_any_file),
		IN_FOLDER(blkio_in_one_hierarchy_with_another__cannot_hold_io_max),
		cmocka_unit_test(only_blkio_of_version_1__is_flat),
		REAL(kernel__takes_every_limit),
		REAL(memory_and_swap__go_up_and_down),
		REAL(kernel__takes_the_least_and_the_most),
		REAL(one_controller_that_is_not_there__is_named),
		IN_FOLDER(io_max__without_a_last_line_end_is_read_to_its_end),
		REAL(io_max__is_written_and_taken_back),
		IN_FOLDER(io_max__of_the_same_disk_is_not_touched),
		REAL(io_max__is_changed_in_place),
		REAL(io_max__of_what_is_no_disk__is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
