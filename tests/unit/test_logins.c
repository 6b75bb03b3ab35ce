/* SPDX-License-Identifier: MIT */
/* runs as: root. Who is logged in to a box. */
#include "tests/unit/child.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

#include "helper/logins.h"

enum { BOX = 3, CROWD = 8 };

struct site {
	struct folder *folder;
	int run, proc;
	pid_t child; /* a live one */
};

static int site_make(void **state)
{
	struct site *site = calloc(1, sizeof *site);
	struct record r = good_record(BOX);
	struct fail f = { 0 };

	if (site == NULL || folder_make((void **)&site->folder) != 0)
		return -1;
	site->run = site->folder->dir;
	site->proc = process_open_proc(&f);
	site->child = child_that_waits();
	*state = site;
	return site->proc < 0 ? -1 : record_write(site->run, &r, &f);
}

static int site_remove(void **state)
{
	struct site *site = *state;
	void *folder = site->folder;

	child_end(site->child, true);
	fd_close(&site->proc);
	free(site);
	return folder_remove(&folder);
}

#define ON_SITE(name) cmocka_unit_test_setup_teardown(name, site_make, site_remove)

static void add(const struct site *site, pid_t pid, const char *service, const char *from)
{
	struct fail f = { 0 };
	int before = count_fds();

	GOOD(logins_add(site->proc, site->run, BOX, pid, service, from, false, &f));
	assert_int_equal(count_fds(), before);
}

static struct logins read_now(const struct site *site)
{
	struct logins logins = { .count = 99 };
	struct fail f = { 0 };
	int before = count_fds();

	GOOD(logins_read(site->proc, site->run, BOX, &logins, &f));
	assert_int_equal(count_fds(), before);
	return logins;
}

static void file_text(const struct site *site, char *text, size_t size)
{
	OWN_FD int fd = openat(site->run, "3.logins", O_RDONLY | O_CLOEXEC);

	assert_true(fd_read_text(fd, text, size) >= 0);
}

static unsigned long long start_of(const struct site *site, pid_t pid)
{
	uint64_t start = 0;
	struct fail f = { 0 };

	GOOD(process_start(site->proc, pid, &start, &f));
	return start;
}

static void logins__are_those_that_live_and_the_newest_is_the_last(void **state)
{
	const struct site *site = *state;
	pid_t other = child_that_waits();
	struct logins logins;

	add(site, site->child, "sshd", "2001:db8::7");
	add(site, other, "nssh", "-");
	logins = read_now(site);
	assert_int_equal(logins.count, 2);
	assert_int_equal(logins.newest.pid, other);
	assert_string_equal(logins.newest.service, "nssh");
	assert_string_equal(logins.newest.from, "-");
	assert_true(time(NULL) - (time_t)logins.newest.at < 60);
	child_end(other, true);
	logins = read_now(site);
	assert_int_equal(logins.count, 1);
	assert_int_equal(logins.newest.pid, site->child);
	assert_string_equal(logins.newest.from, "2001:db8::7");
}

static void login__of_a_zombie_has_ended(void **state)
{
	const struct site *site = *state;
	pid_t zombie = child_that_waits();

	add(site, zombie, "su", "-");
	child_end(zombie, false);
	assert_int_equal(read_now(site).count, 0);
	assert_int_equal(waitpid(zombie, NULL, 0), zombie);
}

static void login__of_a_pid_that_was_given_again_has_ended(void **state)
{
	const struct site *site = *state;
	char text[128];

	(void)snprintf(text, sizeof text, "%d %llu 1700000000 sshd -\n", site->child,
		       start_of(site, site->child) + 1);
	write_text(site->run, "3.logins", text);
	assert_int_equal(read_now(site).count, 0);
}

/* Puts a live process's pid in the place of P, and when it started in that of S. */
static void fill_in(const struct site *site, const char *line, char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");

	assert_non_null(out);
	for (; *line != '\0'; line++)
		if (*line == 'P')
			(void)fprintf(out, "%d", site->child);
		else if (*line == 'S')
			(void)fprintf(out, "%llu", start_of(site, site->child));
		else
			(void)fputc(*line, out);
	assert_int_equal(fclose(out), 0);
}

/* Each line is nearly right. */
static void garbage__is_no_login(void **state)
{
	static const char *const lines[] = {
		"", "\n", "garbage\n", "P S 1700000000 sshd -", "P S 1700000000 sshd\n",
		"P S 1700000000 sshd - -\n", "P  S 1700000000 sshd -\n", "P S  sshd -\n",
		"0P S 1700000000 sshd -\n", "-P S 1700000000 sshd -\n", "+P S 1700000000 sshd -\n",
		"P S 1700000000 a-name-of-a-service-that-is-far-too-long -\n", "1 S 1700000000 sshd -\n",
		"0 S 1700000000 sshd -\n", "99999999999 S 1700000000 sshd -\n", "P S 1700000000 sshd \n",
		"P S 99999999999999999999 sshd -\n",
	};
	const struct site *site = *state;
	char text[256];

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		fill_in(site, lines[i], text, sizeof text);
		write_text(site->run, "3.logins", text);
		if (read_now(site).count != 0)
			flunk("a login: %s\n", text);
	}
	fill_in(site, "x\nP S 1700000000 sshd -\ny\n", text, sizeof text);
	write_text(site->run, "3.logins", text);
	assert_int_equal(read_now(site).count, 1);
}

static void garbage__of_any_length_is_no_login(void **state)
{
	const struct site *site = *state;
	char *text = calloc(1, 100001);

	assert_non_null(text);
	memset(text, '1', 100000);
	write_text(site->run, "3.logins", text);
	assert_int_equal(read_now(site).count, 0);
	memset(text, ' ', 100000);
	write_text(site->run, "3.logins", text);
	free(text);
	add(site, site->child, "sshd", "-");
	assert_int_equal(read_now(site).count, 1);
}

static void add__forgets_those_that_have_ended(void **state)
{
	const struct site *site = *state;
	char text[512], want[128];

	(void)snprintf(text, sizeof text, "99 1 1700000000 sshd -\n%d %llu 5 su -\ngarbage\n", site->child,
		       start_of(site, site->child));
	write_text(site->run, "3.logins", text);
	add(site, site->child, "sshd", "192.0.2.1");
	file_text(site, text, sizeof text);
	(void)snprintf(want, sizeof want, "%d %llu 5 su -\n%d ", site->child, start_of(site, site->child),
		       site->child);
	assert_int_equal(strncmp(text, want, strlen(want)), 0);
	assert_non_null(strstr(text, " sshd 192.0.2.1\n"));
	assert_null(strstr(text, "garbage"));
	assert_int_equal(read_now(site).count, 2);
}

static void add__to_a_new_box_begins_anew(void **state)
{
	const struct site *site = *state;
	struct fail f = { 0 };

	add(site, site->child, "sshd", "-");
	GOOD(logins_add(site->proc, site->run, BOX, site->child, "cron", "-", true, &f));
	assert_int_equal(read_now(site).count, 1);
	assert_string_equal(read_now(site).newest.service, "cron");
}

static void add__without_a_box_leaves_nothing(void **state)
{
	const struct site *site = *state;
	struct fail f = { 0 };

	assert_int_equal(logins_add(site->proc, site->run, 4, site->child, "sshd", "-", false, &f), -1);
	assert_int_equal(f.code, ENOENT);
	assert_int_equal(faccessat(site->run, "4.logins", F_OK, 0), -1);
}

/* The parent of a helper whose caller is gone is process 1. */
static void add__of_nobody_fails(void **state)
{
	const struct site *site = *state;
	struct fail f = { 0 };

	assert_int_equal(logins_add(site->proc, site->run, BOX, 1, "sshd", "-", false, &f), -1);
	assert_int_equal(f.code, ESRCH);
}

static void add__at_the_same_time_loses_none(void **state)
{
	const struct site *site = *state;
	pid_t pids[CROWD];
	struct fail f = { 0 };

	add(site, site->child, "sshd", "-");
	for (int i = 0; i < CROWD; i++) {
		pids[i] = child_start();
		if (pids[i] == 0) {
			(void)logins_add(site->proc, site->run, BOX, getpid(), "nssh", "-", false, &f);
			for (;;)
				(void)pause();
		}
	}
	for (int64_t end = clock_ms() + 5000; read_now(site).count < CROWD + 1 && deadline_nap(end, 5) == 0;)
		;
	assert_int_equal(read_now(site).count, CROWD + 1);
	for (int i = 0; i < CROWD; i++)
		child_end(pids[i], true);
	assert_int_equal(read_now(site).count, 1);
}

static void file__that_is_held_is_not_waited_for_long(void **state)
{
	const struct site *site = *state;
	struct logins logins;
	struct fail f = { 0 };
	int64_t began = clock_ms();

	add(site, site->child, "sshd", "-");

	OWN_FD int held = openat(site->run, "3.logins", O_RDONLY | O_CLOEXEC);

	assert_int_equal(flock(held, LOCK_EX), 0);
	assert_int_equal(logins_read(site->proc, site->run, BOX, &logins, &f), -1);
	assert_int_equal(f.code, EWOULDBLOCK);
	assert_true(clock_ms() - began < 3000);
}

static void file__goes_with_the_record(void **state)
{
	const struct site *site = *state;
	struct logins logins;
	struct fail f = { 0 };

	add(site, site->child, "sshd", "-");
	GOOD(record_remove(site->run, BOX, &f));
	assert_int_equal(logins_read(site->proc, site->run, BOX, &logins, &f), -1);
	assert_int_equal(f.code, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SITE(logins__are_those_that_live_and_the_newest_is_the_last),
		ON_SITE(login__of_a_zombie_has_ended),
		ON_SITE(login__of_a_pid_that_was_given_again_has_ended),
		ON_SITE(garbage__is_no_login),
		ON_SITE(garbage__of_any_length_is_no_login),
		ON_SITE(add__forgets_those_that_have_ended),
		ON_SITE(add__to_a_new_box_begins_anew),
		ON_SITE(add__without_a_box_leaves_nothing),
		ON_SITE(add__of_nobody_fails),
		ON_SITE(add__at_the_same_time_loses_none),
		ON_SITE(file__that_is_held_is_not_waited_for_long),
		ON_SITE(file__goes_with_the_record),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
