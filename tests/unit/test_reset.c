/* SPDX-License-Identifier: MIT */
/* runs as: root. A home that is put aside, and trees that are removed. */
#include "tests/unit/child.h"

#include <errno.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <syslog.h>

#include "helper/reset.h"
#include "helper/trash.h"

enum { DEEP = 1500, WIDE = 100 };

static const struct owner ada = { .uid = 1001, .gid = 1002, .name = "ada" };

/* What stays must be somebody's to see: the folder is removed with all that is in it. */
static int site_remove(void **state)
{
	struct folder *folder = *state;
	char command[96];

	(void)snprintf(command, sizeof command, "rm -rf %s", folder->path);
	(void)close(folder->dir);
	free(folder);
	return system(command);
}

static int site_make(void **state)
{
	/* What is counted later must not be the log's socket. */
	openlog("test_reset", LOG_NDELAY, LOG_AUTHPRIV);
	return folder_make(state);
}

#define ON_SITE(name) cmocka_unit_test_setup_teardown(name, site_make, site_remove)

static int make_dir(int dir, const char *name)
{
	assert_int_equal(mkdirat(dir, name, 0700), 0);

	int made = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(made >= 0);
	return made;
}

static bool is_there(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void put(int dir, const char *name)
{
	struct fail f = { 0 };

	GOOD(trash_put(dir, name, &f));
	assert_false(is_there(dir, name));
}

static void empties(int dir)
{
	struct fail f = { 0 };
	int before = count_fds();

	GOOD(trash_empty(dir, clock_ms() + 20000, &f));
	assert_int_equal(count_fds(), before);

	OWN_FD int trash = openat(dir, "trash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	assert_int_equal(fstat(trash, &st), 0);
	assert_int_equal(unlinkat(dir, "trash", AT_REMOVEDIR), 0); /* it is empty */
}

static void put_socket(int dir, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	OWN_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/%s", dir, name);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
}

static void trash__may_hold_anything(void **state)
{
	const struct folder *folder = *state;
	OWN_FD int outside = make_dir(folder->dir, "outside");
	OWN_FD int tree = make_dir(folder->dir, "tree");
	OWN_FD int below = make_dir(tree, "below");

	write_text(outside, "kept", "kept");
	assert_int_equal(symlinkat("../../outside", tree, "link"), 0);
	assert_int_equal(symlinkat(folder->path, below, "link"), 0);
	assert_int_equal(symlinkat("/", below, "root"), 0);
	assert_int_equal(symlinkat("..", below, "up"), 0);
	assert_int_equal(linkat(outside, "kept", tree, "second", 0), 0);
	assert_int_equal(mkfifoat(tree, "fifo", 0600), 0);
	assert_int_equal(mknodat(below, "whiteout", S_IFCHR, makedev(0, 0)), 0);
	put_socket(tree, "socket");
	write_text(below, "of another", "");
	assert_int_equal(fchownat(below, "of another", 1065536, 1065536, 0), 0);
	assert_int_equal(fchown(below, 1000000, 1000000), 0);
	assert_int_equal(fchmod(below, 01000), 0);
	write_text(tree, "\x01\xff\n", "");
	put(folder->dir, "tree");
	empties(folder->dir);
	assert_true(is_there(outside, "kept"));
}

/* Far longer than a path may be, and deeper than there may be descriptors. */
static void trash__may_be_deep(void **state)
{
	const struct folder *folder = *state;
	OWN_FD int at = make_dir(folder->dir, "tree");

	for (int i = 0; i < DEEP; i++) {
		int next = make_dir(at, "one-more-directory");

		if (i % 100 == 0)
			write_text(at, "file", "");
		fd_close(&at);
		at = next;
	}
	put(folder->dir, "tree");
	empties(folder->dir);
}

static void trash__may_be_wide(void **state)
{
	const struct folder *folder = *state;
	OWN_FD int tree = make_dir(folder->dir, "tree");
	char name[16];

	for (int i = 0; i < WIDE; i++) {
		(void)snprintf(name, sizeof name, "%d", i);

		OWN_FD int dir = make_dir(tree, name);

		for (int j = 0; j < 10; j++) {
			(void)snprintf(name, sizeof name, "%d", j);
			assert_int_equal(mkdirat(dir, name, 0700), 0);
			(void)snprintf(name, sizeof name, "f%d", j);
			write_text(dir, name, "");
		}
	}
	put(folder->dir, "tree");
	empties(folder->dir);
}

static void trash__may_be_a_link_or_a_file(void **state)
{
	const struct folder *folder = *state;
	OWN_FD int outside = make_dir(folder->dir, "outside");

	write_text(outside, "kept", "kept");
	assert_int_equal(symlinkat("outside", folder->dir, "link"), 0);
	write_text(folder->dir, "file", "");
	put(folder->dir, "link");
	put(folder->dir, "file");
	empties(folder->dir);
	assert_true(is_there(outside, "kept"));
}

static void trash__that_is_a_link_is_refused(void **state)
{
	const struct folder *folder = *state;
	OWN_FD int outside = make_dir(folder->dir, "outside");
	struct fail f = { 0 };

	write_text(outside, "kept", "kept");
	assert_int_equal(symlinkat("outside", folder->dir, "trash"), 0);
	assert_int_equal(trash_empty(folder->dir, clock_ms() + 1000, &f), -1);
	assert_int_equal(trash_put(folder->dir, "outside", &f), -1);
	assert_true(is_there(outside, "kept"));
}

static void time__that_is_over_leaves_the_rest_for_the_next(void **state)
{
	const struct folder *folder = *state;
	OWN_FD int tree = make_dir(folder->dir, "tree");
	OWN_FD int below = make_dir(tree, "below");
	struct fail f = { 0 };

	write_text(below, "file", "");
	put(folder->dir, "tree");
	assert_int_equal(trash_empty(folder->dir, 0, &f), -1);
	assert_int_equal(f.code, ETIMEDOUT);
	assert_true(is_there(below, "file"));
	empties(folder->dir);
}

static void trash__is_emptied_by_one_at_a_time(void **state)
{
	const struct folder *folder = *state;
	OWN_FD int tree = make_dir(folder->dir, "tree");
	struct fail f = { 0 };

	assert_true(tree >= 0);
	put(folder->dir, "tree");

	OWN_FD int held = openat(folder->dir, "trash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(flock(held, LOCK_EX), 0);
	assert_int_equal(trash_empty(folder->dir, clock_ms() + 1000, &f), -1);
	assert_int_equal(f.code, EBUSY);
	fd_close(&held);
	empties(folder->dir);
}

/*
 * In a mount namespace of its own: tree/below/mount is another file system, with a file. Status 0: as it should be.
 */
static int empty_around_a_mount(const struct folder *folder)
{
	char path[160];
	struct fail f = { 0 };
	OWN_FD int tree = make_dir(folder->dir, "tree");
	OWN_FD int below = make_dir(tree, "below");
	OWN_FD int mount_point = make_dir(below, "mount");

	write_text(tree, "file", "");
	(void)snprintf(path, sizeof path, "%s/tree/below/mount", folder->path);
	if (mount_point < 0 || unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", path, "tmpfs", 0, NULL) != 0)
		return 2;

	OWN_FD int mounted = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	write_text(mounted, "kept", "");
	put(folder->dir, "tree");
	if (trash_empty(folder->dir, clock_ms() + 5000, &f) == 0)
		return 3;
	if (f.code != EBUSY && f.code != EXDEV)
		return 4;
	return !is_there(mounted, "kept") ? 5 : is_there(tree, "file") ? 6 : 0;
}

static void mount__stays_and_so_does_what_is_in_it(void **state)
{
	pid_t pid = child_start();
	int status = -1;

	if (pid == 0)
		_exit(empty_around_a_mount(*state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void make_home(int dir, const char *name, const char *file)
{
	OWN_FD int home = make_dir(dir, name);

	write_text(home, file, "");
}

static bool holds(int dir, const char *name, const char *file)
{
	char path[64];

	(void)snprintf(path, sizeof path, "%s/%s", name, file);
	return is_there(dir, path);
}

static void wish__puts_the_home_aside(void **state)
{
	const struct folder *folder = *state;

	make_home(folder->dir, "home", "first");
	reset_pending(folder->dir, &ada);
	assert_true(holds(folder->dir, "home", "first"));
	write_text(folder->dir, "reset.home", "");
	reset_pending(folder->dir, &ada);
	assert_false(is_there(folder->dir, "home") || is_there(folder->dir, "reset.home"));
	assert_true(holds(folder->dir, "home.old", "first"));
	make_home(folder->dir, "home", "second");
	write_text(folder->dir, "reset.home", "");
	reset_pending(folder->dir, &ada);
	assert_true(holds(folder->dir, "home.old", "second"));
	assert_false(holds(folder->dir, "home.old", "first") || is_there(folder->dir, "home"));
	empties(folder->dir);
}

/* Killed right after the rename, before the wish was removed. */
static void wish__is_fulfilled_once(void **state)
{
	const struct folder *folder = *state;

	make_home(folder->dir, "home.old", "first");
	write_text(folder->dir, "reset.home", "");
	reset_pending(folder->dir, &ada);
	assert_false(is_there(folder->dir, "reset.home"));
	assert_true(holds(folder->dir, "home.old", "first"));
	assert_false(is_there(folder->dir, "trash"));
}

/* Killed between the two renames: what there was before is on its way out, and the home is as it was. */
static void wish__outlives_a_crash(void **state)
{
	const struct folder *folder = *state;

	make_home(folder->dir, "home.old", "first");
	make_home(folder->dir, "home", "second");
	write_text(folder->dir, "reset.home", "");
	put(folder->dir, "home.old");
	reset_pending(folder->dir, &ada);
	assert_true(holds(folder->dir, "home.old", "second"));
	assert_false(is_there(folder->dir, "reset.home"));
	empties(folder->dir);
}

static void wish__that_cannot_be_fulfilled_stays(void **state)
{
	const struct folder *folder = *state;

	make_home(folder->dir, "home.old", "first");
	make_home(folder->dir, "home", "second");
	write_text(folder->dir, "reset.home", "");
	write_text(folder->dir, "trash", "no directory");
	reset_pending(folder->dir, &ada);
	assert_true(is_there(folder->dir, "reset.home"));
	assert_true(holds(folder->dir, "home", "second") && holds(folder->dir, "home.old", "first"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SITE(trash__may_hold_anything),
		ON_SITE(trash__may_be_deep),
		ON_SITE(trash__may_be_wide),
		ON_SITE(trash__may_be_a_link_or_a_file),
		ON_SITE(trash__that_is_a_link_is_refused),
		ON_SITE(time__that_is_over_leaves_the_rest_for_the_next),
		ON_SITE(trash__is_emptied_by_one_at_a_time),
		ON_SITE(mount__stays_and_so_does_what_is_in_it),
		ON_SITE(wish__puts_the_home_aside),
		ON_SITE(wish__is_fulfilled_once),
		ON_SITE(wish__outlives_a_crash),
		ON_SITE(wish__that_cannot_be_fulfilled_stays),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
