/* SPDX-License-Identifier: MIT */
/* runs as: root. For how long the terminals of a box were not used, whatever the box has made of its root. */
#include "tests/unit/child.h"

#include <errno.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#include "helper/idle.h"

/* What a child makes of its root before it waits, besides a /dev/pts of its own. */
typedef void furnishing(const struct folder *folder);

struct site {
	struct folder *folder;
	int proc, pidfd;
	pid_t child; /* its root is the folder */
	struct record record;
};

static void live(const struct folder *folder, furnishing *furnish, int ready) __attribute__((noreturn));
static void live(const struct folder *folder, furnishing *furnish, int ready)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", folder->path, "tmpfs", 0, NULL) != 0 || chroot(folder->path) != 0 || chdir("/") != 0 ||
	    mkdir("/dev", 0755) != 0 || mkdir("/dev/pts", 0755) != 0 ||
	    mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666") != 0)
		_exit(1);
	if (furnish != NULL)
		furnish(folder);
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		(void)pause();
}

static void start(struct site *site, furnishing *furnish)
{
	struct fail f = { 0 };
	char path[64], byte;
	int ends[2];
	struct stat st;

	assert_int_equal(pipe(ends), 0);
	site->child = child_start();
	if (site->child == 0)
		live(site->folder, furnish, ends[1]);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(close(ends[0]), 0);
	site->record = record_of(site->proc, 1, site->child);
	site->pidfd = process_pidfd(site->child, &f);
	assert_true(site->pidfd >= 0);
	(void)snprintf(path, sizeof path, "/proc/%d/root/dev/pts/.", site->child);
	site->record.devpts = stat(path, &st) == 0 ? st.st_dev : 0;
}

static int site_make(void **state)
{
	struct site *site = calloc(1, sizeof *site);
	struct fail f = { 0 };

	if (site == NULL || folder_make((void **)&site->folder) != 0)
		return -1;
	site->pidfd = -1;
	site->proc = process_open_proc(&f);
	*state = site;
	return site->proc < 0 ? -1 : 0;
}

static int site_remove(void **state)
{
	struct site *site = *state;
	void *folder = site->folder;

	if (site->child > 0)
		child_end(site->child, true);
	fd_close(&site->pidfd);
	fd_close(&site->proc);
	free(site);
	return folder_remove(&folder);
}

#define ON_SITE(name) cmocka_unit_test_setup_teardown(name, site_make, site_remove)

/* A terminal in the box, last read from and written to so many seconds ago. The child keeps it open. */
static void add_terminal(time_t read_ago, time_t written_ago)
{
	int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY), unlock = 0;
	unsigned number = 0;
	char path[32];
	struct timespec times[2] = { { .tv_sec = time(NULL) - read_ago }, { .tv_sec = time(NULL) - written_ago } };

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) != 0 || ioctl(master, TIOCGPTN, &number) != 0)
		_exit(1);
	(void)snprintf(path, sizeof path, "/dev/pts/%u", number);
	if (utimensat(AT_FDCWD, path, times, 0) != 0)
		_exit(1);
}

static void two_terminals(const struct folder *folder)
{
	(void)folder;
	add_terminal(5000, 4000);
	add_terminal(3000, 9000);
}

static void future_terminal(const struct folder *folder)
{
	(void)folder;
	add_terminal(5000, -5000);
}

/* It leads to a devpts, and even to the one of the box. */
static void linked_dev(const struct folder *folder)
{
	(void)folder;
	add_terminal(5000, 5000);
	if (rename("/dev", "/other") != 0 || symlink("/other", "/dev") != 0)
		_exit(1);
}

static void other_devpts(const struct folder *folder)
{
	(void)folder;
	if (mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666") != 0)
		_exit(1);
	add_terminal(5000, 5000);
}

static void no_devpts(const struct folder *folder)
{
	(void)folder;
	if (mount("tmpfs", "/dev/pts", "tmpfs", 0, NULL) != 0)
		_exit(1);
}

static int ask(const struct site *site, uint64_t *seconds, struct fail *f)
{
	int before = count_fds();
	int found = idle_of(site->proc, site->pidfd, &site->record, seconds, f);

	assert_int_equal(count_fds(), before);
	return found;
}

static void refuses(const struct site *site, int code)
{
	uint64_t seconds;
	struct fail f = { 0 };

	assert_int_equal(ask(site, &seconds, &f), -1);
	if (f.code != code)
		flunk("%s\n", f.text);
}

static void idle__is_that_of_the_terminal_used_last(void **state)
{
	struct site *site = *state;
	uint64_t seconds = 0;
	struct fail f = { 0 };

	start(site, two_terminals);
	assert_int_equal(ask(site, &seconds, &f), 1);
	assert_true(seconds >= 3000 && seconds < 3060);
}

static void idle__of_a_box_without_terminals_is_none(void **state)
{
	struct site *site = *state;
	uint64_t seconds = 0;
	struct fail f = { 0 };

	start(site, NULL);
	assert_int_equal(ask(site, &seconds, &f), 0);
}

static void idle__is_never_negative(void **state)
{
	struct site *site = *state;
	uint64_t seconds = 99;
	struct fail f = { 0 };

	start(site, future_terminal);
	assert_int_equal(ask(site, &seconds, &f), 1);
	assert_int_equal(seconds, 0);
}

static void dev__that_is_a_link_is_refused(void **state)
{
	struct site *site = *state;

	start(site, linked_dev);
	refuses(site, ELOOP);
}

static void terminals__of_another_devpts_are_refused(void **state)
{
	struct site *site = *state;

	start(site, other_devpts);
	site->record.devpts--;
	refuses(site, EPERM);
}

static void terminals__of_no_devpts_are_refused(void **state)
{
	struct site *site = *state;

	start(site, no_devpts);
	refuses(site, EPERM);
}

static void terminals__of_a_dead_box_are_refused(void **state)
{
	struct site *site = *state;

	start(site, two_terminals);
	child_end(site->child, false);
	refuses(site, ESRCH);
	assert_int_equal(waitpid(site->child, NULL, 0), site->child);
	site->child = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SITE(idle__is_that_of_the_terminal_used_last),
		ON_SITE(idle__of_a_box_without_terminals_is_none),
		ON_SITE(idle__is_never_negative),
		ON_SITE(dev__that_is_a_link_is_refused),
		ON_SITE(terminals__of_another_devpts_are_refused),
		ON_SITE(terminals__of_no_devpts_are_refused),
		ON_SITE(terminals__of_a_dead_box_are_refused),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
