/* SPDX-License-Identifier: MIT */
/* runs as: root. Subordinate ranges: picked, computed, kept; with a program of the test's in nsbox-subid's place. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "conf/policy.h"
#include "helper/subid.h"
#include "places.h"

#define PROGRAM NSBOX_LIBEXEC "/nsbox-subid"
#define CALLS NSBOX_LIBEXEC "/calls"

static const uint32_t last_base = UINT32_MAX - 65536;

static void picks(const char *said, int want, uint32_t uid, uint32_t gid)
{
	struct subid ids = { 7, 8 };
	struct fail f = { 0 };
	char *text = strdup(said);

	assert_non_null(text);
	if (subid_pick(text, &ids, &f) != want)
		flunk("%s: not %d\n", said, want);
	free(text);
	assert_int_equal(ids.uid, want == 1 ? uid : 7);
	assert_int_equal(ids.gid, want == 1 ? gid : 8);
	assert_int_equal(f.text[0] != '\0', want < 0);
}

static void pick__takes_the_first_uids_and_the_first_gids(void **state)
{
	(void)state;
	picks("uid 100000 65536\ngid 200000 65536\n", 1, 100000, 200000);
	picks("gid 200000 65536\nuid 100000 65536", 1, 100000, 200000);
	picks("uid 1 65536\nuid 2 65536\n\ngid 3 65536\ngid 4 65536\n", 1, 1, 3);
	picks("uid 100000 4000000000\ngid 200000 65537\n", 1, 100000, 200000);
}

static void pick__passes_over_what_is_too_small_or_too_high(void **state)
{
	(void)state;
	picks("uid 100000 65535\nuid 300000 65536\ngid 0 65536\ngid 200000 65536\n", 1, 300000, 200000);
	picks("uid 4294901760 65536\nuid 4294901759 65536\ngid 18446744073709551615 65536\ngid 5 65536\n", 1, last_base, 5);
}

static void pick__finds_none_unless_both_are_there(void **state)
{
	(void)state;
	picks("", 0, 0, 0);
	picks("\n\n", 0, 0, 0);
	picks("uid 100000 65536\n", 0, 0, 0);
	picks("gid 100000 65536\n", 0, 0, 0);
	picks("uid 100000 65536\ngid 200000 65535\n", 0, 0, 0);
	picks("pid 100000 65536\ngid 200000 65536\n", 0, 0, 0);
}

static void pick__refuses_a_line_it_does_not_understand(void **state)
{
	(void)state;
	picks("uid 100000 65536\ngid 200000 65536\nx\n", -1, 0, 0);
	picks("uid 100000\n", -1, 0, 0);
	picks("uid x 65536\n", -1, 0, 0);
	picks("uidx 100000 65536\n", -1, 0, 0);
	picks("error: no such user\n", -1, 0, 0);
}

static void pool_gives(uint64_t pool, uint32_t uid, uint32_t uid_min, uint32_t want)
{
	struct subid ids;
	struct fail f = { 0 };

	GOOD(subid_from_pool(pool, uid, uid_min, &ids, &f));
	assert_int_equal(ids.uid, want);
	assert_int_equal(ids.gid, want);
}

static void pool_fails(uint64_t pool, uint32_t uid, uint32_t uid_min, int code)
{
	struct subid ids = { 7, 8 };
	struct fail f = { 0 };

	assert_int_equal(subid_from_pool(pool, uid, uid_min, &ids, &f), -1);
	assert_int_equal(f.code, code);
	assert_int_equal(ids.uid, 7);
	assert_int_equal(ids.gid, 8);
}

static void pool__gives_each_uid_its_own_65536(void **state)
{
	(void)state;
	pool_gives(1000000, 1000, 1000, 1000000);
	pool_gives(1000000, 1001, 1000, 1065536);
	pool_gives(65536, 0, 0, 65536);
	pool_gives(last_base, 1000, 1000, last_base);
}

static void pool__has_an_end(void **state)
{
	(void)state;
	pool_fails((uint64_t)last_base + 1, 1000, 1000, ERANGE);
	pool_fails(last_base, 1001, 1000, ERANGE);
	pool_gives(last_base - 65536, 1001, 1000, last_base);
	pool_fails(65536, UINT32_MAX - 1, 0, ERANGE);
	pool_fails(UINT64_MAX - 1, 1001, 1000, ERANGE);
	pool_fails(UINT64_MAX - 1, UINT32_MAX, 0, ERANGE);
}

static void pool__has_nothing_below_uid_min(void **state)
{
	(void)state;
	pool_fails(1000000, 999, 1000, 0);
	pool_fails(1000000, 0, 1, 0);
}

/* nsbox-subid runs these shell commands now, and has not been called yet. */
static void program(const char *commands)
{
	char text[600];

	(void)snprintf(text, sizeof text, "#!/bin/sh\necho \"$*\" >>" CALLS "\n%s\n", commands);
	write_text(AT_FDCWD, PROGRAM, text);
	assert_int_equal(chmod(PROGRAM, 0755), 0);
	write_text(AT_FDCWD, CALLS, "");
}

static void program_says(const char *uid, const char *gid)
{
	char commands[200];

	(void)snprintf(commands, sizeof commands, "echo uid %s 65536\necho gid %s 65536", uid, gid);
	program(commands);
}

static void called(const char *want)
{
	char text[200];
	OWN_FD int fd = open(CALLS, O_RDONLY | O_CLOEXEC);

	assert_true(fd_read_text(fd, text, sizeof text) >= 0);
	assert_string_equal(text, want);
}

static int ask(const struct folder *storage, uint64_t pool, struct subid *ids, struct fail *f)
{
	const struct owner owner = { .uid = 7000, .gid = 7000, .name = "ada" };
	int before = count_fds(), done;

	*f = (struct fail){ 0 };
	*ids = (struct subid){ 7, 8 };
	done = subid_for(storage->dir, &owner, pool, clock_ms() + 5000, ids, f);
	assert_int_equal(count_fds(), before);
	return done;
}

static void gives(const struct folder *storage, uint64_t pool, uint32_t uid, uint32_t gid)
{
	struct subid ids;
	struct fail f;

	GOOD(ask(storage, pool, &ids, &f));
	assert_int_equal(ids.uid, uid);
	assert_int_equal(ids.gid, gid);
}

static void fails(const struct folder *storage, uint64_t pool, const char *words, const char *plain)
{
	struct subid ids;
	struct fail f;

	assert_int_equal(ask(storage, pool, &ids, &f), -1);
	if (strstr(f.text, words) == NULL)
		flunk("%s (not: %s)\n", f.text, words);
	assert_string_equal(f.plain, plain);
	assert_int_equal(ids.uid, 7);
	assert_int_equal(ids.gid, 8);
}

static void read_idmap(const struct folder *storage, char text[512])
{
	OWN_FD int fd = openat(storage->dir, "idmap", O_RDONLY | O_CLOEXEC);

	assert_true(fd_read_text(fd, text, 512) > 0);
}

static void ranges__are_asked_for_once_and_kept(void **state)
{
	const struct folder *storage = *state;
	char text[512];
	struct stat st;

	program_says("100000", "200000");
	gives(storage, POLICY_NONE, 100000, 200000);
	gives(storage, POLICY_NONE, 100000, 200000);
	called("ada\n");
	read_idmap(storage, text);
	assert_int_equal(strncmp(text, "uid=100000\ngid=200000\nstamp=", 28), 0);
	assert_int_equal(fstatat(storage->dir, "idmap", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(count_files(storage->path), 1);
}

static void ranges__are_asked_for_again_when_anything_changed(void **state)
{
	const struct folder *storage = *state;

	program_says("100000", "200000");
	gives(storage, POLICY_NONE, 100000, 200000);
	gives(storage, 500000, 100000, 200000);
	gives(storage, 500000, 100000, 200000);
	called("ada\nada\n");
	assert_int_equal(chmod("/etc/nsswitch.conf", 0640), 0);
	gives(storage, 500000, 100000, 200000);
	gives(storage, 500000, 100000, 200000);
	called("ada\nada\nada\n");
}

static void ranges__of_a_provider_are_asked_for_every_time(void **state)
{
	const struct folder *storage = *state;

	program_says("100000", "200000");
	write_text(AT_FDCWD, "/etc/nsswitch.conf", "passwd: files\nsubid: sss\n");
	gives(storage, POLICY_NONE, 100000, 200000);
	gives(storage, POLICY_NONE, 100000, 200000);
	called("ada\nada\n");
	write_text(AT_FDCWD, "/etc/nsswitch.conf", "passwd: files\n# subid: sss\n");
	gives(storage, POLICY_NONE, 100000, 200000);
	gives(storage, POLICY_NONE, 100000, 200000);
	called("ada\nada\nada\n");
}

static void ranges__that_changed_are_an_error_in_plain_words(void **state)
{
	static const char plain[] = "Your subordinate id range has changed; please tell the administrator.";
	const struct folder *storage = *state;
	char before[512], after[512];

	program_says("100000", "200000");
	gives(storage, POLICY_NONE, 100000, 200000);
	read_idmap(storage, before);
	program_says("100001", "200000");
	fails(storage, 500000, "the subordinate range of ada is now 100001/200000, but their stored files belong to "
	      "100000/200000", plain);
	program_says("100000", "200001");
	fails(storage, 500000, "move " NSBOX_STATE "/7000 away", plain);
	program("");
	fails(storage, 50000000, "their stored files belong to 100000/200000", plain);
	read_idmap(storage, after);
	assert_string_equal(after, before);
}

static void no_range__is_said_in_plain_words(void **state)
{
	const struct folder *storage = *state;

	program("");
	fails(storage, POLICY_NONE, "ada has no range of 65536 subordinate uids and gids",
	      "Your account has no subordinate id range yet; please ask the administrator for one.");
	assert_int_equal(count_files(storage->path), 0);
}

static void pool__serves_who_has_no_range(void **state)
{
	const struct folder *storage = *state;
	struct subid ids;
	struct fail f;

	program("echo uid 100000 65536");
	GOOD(ask(storage, 50000000, &ids, &f));
	assert_true(ids.uid > 50000000 && ids.uid == ids.gid && (ids.uid - 50000000) % 65536 == 0);
	gives(storage, 50000000, ids.uid, ids.gid);
	called("ada\n");
	(void)unlinkat(storage->dir, "idmap", 0);
	fails(storage, last_base, "subuid_pool = 4294901759", "");
}

static void program__that_fails_is_an_error(void **state)
{
	const struct folder *storage = *state;

	program("echo uid 100000 65536\necho gid 200000 65536\nexit 3");
	fails(storage, 500000, "failed (wait status 0x300)", "");
	program("echo what");
	fails(storage, 500000, "nsbox-subid said: what", "");
	program("while :; do echo uid 1 1; done");
	fails(storage, 500000, "File too large", "");
	assert_int_equal(unlink(PROGRAM), 0);
	fails(storage, 500000, "No such file", "");
	assert_int_equal(count_files(storage->path), 0);
}

static void program__that_hangs_is_given_up(void **state)
{
	const struct owner owner = { .uid = 7000, .name = "ada" };
	const struct folder *storage = *state;
	int64_t began = clock_ms();
	struct subid ids;
	struct fail f = { 0 };

	program("exec sleep 30");
	assert_int_equal(subid_for(storage->dir, &owner, POLICY_NONE, began + 100, &ids, &f), -1);
	assert_int_equal(f.code, ETIMEDOUT);
	assert_true(clock_ms() - began < 5000);
}

static void idmap_file__that_is_corrupt_is_an_error(void **state)
{
	static const char *const bad[] = {
		"", "\n", "uid=1\n", "uid=1\ngid=2\n", "gid=2\nuid=1\nstamp=x\n", "uid=0\ngid=2\nstamp=x\n",
		"uid=1\ngid=0\nstamp=x\n", "uid=1\ngid=4294901760\nstamp=x\n", "uid=01\ngid=2\nstamp=x\n",
		"uid=-1\ngid=2\nstamp=x\n", "uid=1\ngid=2\nstamp=x", "uid=1\ngid=2\nstamp=%\n", "uid=1\nuid=1\ngid=2\nstamp=x\n",
		"uid=1\ngid=2\nstump=x\n", "uid=1\ngid=2\nstamp=x\nuid=3\n",
	};
	const struct folder *storage = *state;

	program_says("1", "2");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		write_text(storage->dir, "idmap", bad[i]);
		fails(storage, POLICY_NONE, "corrupt file " NSBOX_STATE "/UID/idmap", "");
	}
	called("");
}

static void idmap_file__is_a_plain_small_file(void **state)
{
	const struct folder *storage = *state;
	char large[512];

	(void)alarm(20);
	program_says("1", "2");
	memset(large, 'x', sizeof large);
	write_bytes(storage->dir, "idmap", large, sizeof large);
	fails(storage, POLICY_NONE, "File too large", "");
	write_bytes(storage->dir, "idmap", "uid=1\n\0", 7);
	fails(storage, POLICY_NONE, "Invalid argument", "");
	assert_int_equal(unlinkat(storage->dir, "idmap", 0), 0);
	assert_int_equal(symlinkat("elsewhere", storage->dir, "idmap"), 0);
	fails(storage, POLICY_NONE, "Too many levels of symbolic links", "");
	assert_int_equal(unlinkat(storage->dir, "idmap", 0), 0);
	assert_int_equal(mkfifoat(storage->dir, "idmap", 0600), 0);
	fails(storage, POLICY_NONE, "Illegal seek", "");
	called("");
	(void)alarm(0);
}

static void idmap_file__is_not_written_through_a_link(void **state)
{
	const struct folder *storage = *state;

	program_says("100000", "200000");
	assert_int_equal(symlinkat("victim", storage->dir, "idmap.new"), 0);
	fails(storage, POLICY_NONE, "Too many levels of symbolic links", "");
	assert_int_equal(count_files(storage->path), 1);
}

/* Makes each directory of path that is not there. */
static int make_directories(const char *path)
{
	char part[300];

	for (const char *end = strchr(path + 1, '/');; end = strchr(end + 1, '/')) {
		(void)snprintf(part, sizeof part, "%.*s", end != NULL ? (int)(end - path) : (int)strlen(path), path);
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			return -1;
		if (end == NULL)
			return 0;
	}
}

/*
 * For this process alone: an empty directory where the helper's programs are, and a name services file of
 * the test's own.
 */
static int stage(void **state)
{
	char place[300] = NSBOX_LIBEXEC, name[] = "/tmp/nsbox-test-XXXXXX";
	int file = mkstemp(name), done;

	(void)state;
	fd_close(&file);
	while (access(place, F_OK) != 0)
		*strrchr(place, '/') = '\0';
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", place, "tmpfs", 0, "size=1m") != 0 || make_directories(NSBOX_LIBEXEC) < 0)
		return -1;
	done = mount(name, "/etc/nsswitch.conf", NULL, MS_BIND, NULL);
	return unlink(name) != 0 || done != 0;
}

static int storage_make(void **state)
{
	write_text(AT_FDCWD, "/etc/nsswitch.conf", "passwd: files\n");
	return folder_make(state);
}

#define WITH_STORAGE(name) cmocka_unit_test_setup_teardown(name, storage_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pick__takes_the_first_uids_and_the_first_gids),
		cmocka_unit_test(pick__passes_over_what_is_too_small_or_too_high),
		cmocka_unit_test(pick__finds_none_unless_both_are_there),
		cmocka_unit_test(pick__refuses_a_line_it_does_not_understand),
		cmocka_unit_test(pool__gives_each_uid_its_own_65536),
		cmocka_unit_test(pool__has_an_end),
		cmocka_unit_test(pool__has_nothing_below_uid_min),
		WITH_STORAGE(ranges__are_asked_for_once_and_kept),
		WITH_STORAGE(ranges__are_asked_for_again_when_anything_changed),
		WITH_STORAGE(ranges__of_a_provider_are_asked_for_every_time),
		WITH_STORAGE(ranges__that_changed_are_an_error_in_plain_words),
		WITH_STORAGE(no_range__is_said_in_plain_words),
		WITH_STORAGE(pool__serves_who_has_no_range),
		WITH_STORAGE(program__that_fails_is_an_error),
		WITH_STORAGE(program__that_hangs_is_given_up),
		WITH_STORAGE(idmap_file__that_is_corrupt_is_an_error),
		WITH_STORAGE(idmap_file__is_a_plain_small_file),
		WITH_STORAGE(idmap_file__is_not_written_through_a_link),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, stage, NULL);
}
