/* SPDX-License-Identifier: MIT */
/* runs as: root. Which boxes live and which are garbage. */
#include "tests/unit/child.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>

#include "helper/collect.h"

enum { UID = 1001 }; /* of good_record */

struct site {
	struct folder *folder;
	int run, proc;
	pid_t child; /* a live one */
};

static int site_make(void **state)
{
	struct site *site = calloc(1, sizeof *site);
	struct fail f = { 0 };

	/* What is counted later must not be the log's socket. */
	openlog("test_collect", LOG_NDELAY, LOG_AUTHPRIV);
	if (site == NULL || folder_make((void **)&site->folder) != 0)
		return -1;
	site->run = site->folder->dir;
	site->proc = process_open_proc(&f);
	site->child = child_that_waits();
	*state = site;
	return site->proc < 0 ? -1 : 0;
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

static int collect_now(const struct site *site, bool force, struct live *live, struct fail *f)
{
	const struct cgroups none = CGROUPS_EMPTY;
	int before = count_fds(), done;

	*f = (struct fail){ 0 };
	done = collect(site->proc, site->run, UID, &none, force, clock_ms() + 1000, live, f);
	assert_int_equal(count_fds(), before);
	return done;
}

static void put(const struct site *site, const struct record *r)
{
	struct fail f = { 0 };

	GOOD(record_write(site->run, r, &f));
}

static void put_live(const struct site *site, unsigned number, uint64_t created)
{
	struct record r = record_of(site->proc, number, site->child);

	r.created = created;
	put(site, &r);
}

static bool is_there(const struct site *site, const char *name)
{
	return faccessat(site->run, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Box 1 lives; box 2, whose record is r, must be taken for dead and its record vanish. */
static void is_garbage(const struct site *site, const struct record *r)
{
	struct live live;
	struct fail f = { 0 };

	put_live(site, 1, 5);
	put(site, r);
	GOOD(collect_now(site, false, &live, &f));
	assert_int_equal(live.count, 1);
	assert_int_equal(live.number[0], 1);
	assert_true(is_there(site, "1"));
	assert_false(is_there(site, "2"));
}

static void box__of_a_live_process_stays(void **state)
{
	const struct site *site = *state;
	struct live live;
	struct fail f = { 0 };

	GOOD(collect_now(site, false, &live, &f));
	assert_int_equal(live.count, 0);
	put_live(site, 10, 5);
	put_live(site, 3, 5);
	GOOD(collect_now(site, false, &live, &f));
	GOOD(collect_now(site, true, &live, &f));
	assert_int_equal(live.count, 2);
	assert_int_equal(live.number[0], 3);
	assert_int_equal(live.number[1], 10);
	assert_true(is_there(site, "3") && is_there(site, "10"));
}

static void box__whose_pid_started_at_another_time_is_garbage(void **state)
{
	const struct site *site = *state;
	struct record r = record_of(site->proc, 2, site->child);

	r.start++;
	is_garbage(site, &r);
}

static void box__whose_pid_is_in_another_user_namespace_is_garbage(void **state)
{
	const struct site *site = *state;
	struct record r = record_of(site->proc, 2, site->child);

	r.userns++;
	is_garbage(site, &r);
}

static void box__whose_pid_is_gone_is_garbage(void **state)
{
	const struct site *site = *state;
	pid_t pid = child_that_waits();
	struct record r = record_of(site->proc, 2, pid);

	child_end(pid, true);
	is_garbage(site, &r);
}

static void box__whose_init_is_a_zombie_is_garbage(void **state)
{
	const struct site *site = *state;
	pid_t pid = child_that_waits();
	struct record r = record_of(site->proc, 2, pid);

	child_end(pid, false);
	is_garbage(site, &r);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void box__whose_pid_no_kernel_gives_is_garbage(void **state)
{
	struct record r = good_record(2);

	r.pid = 4194304;
	is_garbage(*state, &r);
}

struct thread {
	pid_t tid;
	sem_t started, end;
};

static void *thread_life(void *context)
{
	struct thread *thread = context;

	thread->tid = (pid_t)syscall(SYS_gettid);
	(void)sem_post(&thread->started);
	while (sem_wait(&thread->end) != 0)
		;
	return NULL;
}

/* The kernel gives a free number to threads as well. */
static void box__whose_pid_is_now_a_thread_is_garbage(void **state)
{
	const struct site *site = *state;
	struct thread thread = { .tid = 0 };
	struct record r = good_record(2);
	pthread_t id;

	assert_int_equal(sem_init(&thread.started, 0, 0), 0);
	assert_int_equal(sem_init(&thread.end, 0, 0), 0);
	assert_int_equal(pthread_create(&id, NULL, thread_life, &thread), 0);
	while (sem_wait(&thread.started) != 0)
		;
	r.pid = thread.tid;
	is_garbage(site, &r);
	assert_int_equal(sem_post(&thread.end), 0);
	assert_int_equal(pthread_join(id, NULL), 0);
}

/* Box 2's record is something that nobody can judge: kept without force, with force ended. */
static void needs_force(const struct site *site)
{
	struct live live;
	struct fail f;

	put_live(site, 1, 5);
	assert_int_equal(collect_now(site, false, &live, &f), -1);
	assert_non_null(strstr(f.text, "uid 1001"));
	assert_non_null(strstr(f.text, "nssh --gc"));
	assert_true(is_there(site, "1") && is_there(site, "2"));
	GOOD(collect_now(site, true, &live, &f));
	assert_int_equal(live.count, 1);
	assert_int_equal(live.number[0], 1);
	assert_false(is_there(site, "2"));
}

static void record__that_is_corrupt_needs_force(void **state)
{
	const struct site *site = *state;

	write_text(site->run, "2", "box=ada-2\nnumber=2\n");
	needs_force(site);
	write_text(site->run, "2", "");
	needs_force(site);
}

static void record__that_is_no_file_needs_force(void **state)
{
	const struct site *site = *state;

	assert_int_equal(symlinkat("1", site->run, "2"), 0);
	needs_force(site);
	assert_int_equal(mkfifoat(site->run, "2", 0600), 0);
	needs_force(site);
}

static void record__of_another_number_needs_force(void **state)
{
	const struct site *site = *state;
	struct record r = record_of(site->proc, 2, site->child);

	r.number = 4;
	put(site, &r);
	assert_int_equal(renameat(site->run, "4", site->run, "2"), 0);
	needs_force(site);
}

static void record__of_another_user_needs_force(void **state)
{
	const struct site *site = *state;
	struct record r = record_of(site->proc, 2, site->child);

	r.owner.uid = UID + 1;
	put(site, &r);
	needs_force(site);
}

static void other_files__are_left_alone(void **state)
{
	const struct site *site = *state;
	struct live live;
	struct fail f;

	write_text(site->run, "lock", "");
	write_text(site->run, "new.4", "");
	GOOD(collect_now(site, true, &live, &f));
	assert_int_equal(live.count, 0);
	assert_true(is_there(site, "lock") && is_there(site, "new.4"));
}

static void finds(const struct site *site, const char *name, const char *want)
{
	struct record r;
	struct fail f = { 0 };
	int before = count_fds();
	OWN_FD int pidfd = collect_find(site->proc, site->run, name, &r, &f);

	if (pidfd < 0)
		flunk("%s\n", f.text);
	assert_string_equal(r.box, want);
	assert_int_equal(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
	assert_false(process_ended(pidfd));
	assert_int_equal(count_fds(), before + 1);
}

static void finds_none(const struct site *site, const char *name)
{
	struct record r = { .number = 99 };
	struct fail f = { 0 };
	int before = count_fds();

	assert_int_equal(collect_find(site->proc, site->run, name, &r, &f), -1);
	assert_int_equal(f.code, ESRCH);
	assert_int_equal(r.number, 99);
	assert_int_equal(count_fds(), before);
}

static void find__takes_the_live_box_made_last_or_the_named(void **state)
{
	const struct site *site = *state;
	struct record dead = record_of(site->proc, 4, site->child);

	finds_none(site, NULL);
	put_live(site, 1, 50);
	put_live(site, 2, 70);
	put_live(site, 3, 60);
	dead.created = 90;
	dead.start++;
	put(site, &dead);
	write_text(site->run, "5", "not a record");
	finds(site, NULL, "ada-2");
	finds(site, "ada-1", "ada-1");
	finds(site, "ada-3", "ada-3");
	finds_none(site, "ada-4");
	finds_none(site, "ada-5");
	finds_none(site, "ada");
	finds_none(site, "");
	assert_true(is_there(site, "4") && is_there(site, "5"));
}

static void find__of_boxes_made_at_once_takes_the_highest_number(void **state)
{
	const struct site *site = *state;

	put_live(site, 8, 50);
	put_live(site, 9, 50);
	put_live(site, 10, 50);
	finds(site, NULL, "ada-10");
}

static void free_number__is_the_lowest_one(void **state)
{
	struct live live = { .number = { 1, 2, 4 }, .count = 3 };
	struct live full = { .count = BOXES_MOST };

	(void)state;
	assert_int_equal(collect_free_number(&live, 16), 3);
	assert_int_equal(collect_free_number(&live, 3), 3);
	assert_int_equal(collect_free_number(&live, 2), -1);
	live.count = 0;
	assert_int_equal(collect_free_number(&live, 1), 1);
	assert_int_equal(collect_free_number(&live, 0), -1);
	for (unsigned i = 0; i < BOXES_MOST; i++)
		full.number[i] = i + 1;
	assert_int_equal(collect_free_number(&full, UINT64_MAX), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SITE(box__of_a_live_process_stays),
		ON_SITE(box__whose_pid_started_at_another_time_is_garbage),
		ON_SITE(box__whose_pid_is_in_another_user_namespace_is_garbage),
		ON_SITE(box__whose_pid_is_gone_is_garbage),
		ON_SITE(box__whose_init_is_a_zombie_is_garbage),
		ON_SITE(box__whose_pid_no_kernel_gives_is_garbage),
		ON_SITE(box__whose_pid_is_now_a_thread_is_garbage),
		ON_SITE(record__that_is_corrupt_needs_force),
		ON_SITE(record__that_is_no_file_needs_force),
		ON_SITE(record__of_another_number_needs_force),
		ON_SITE(record__of_another_user_needs_force),
		ON_SITE(other_files__are_left_alone),
		ON_SITE(find__takes_the_live_box_made_last_or_the_named),
		ON_SITE(find__of_boxes_made_at_once_takes_the_highest_number),
		cmocka_unit_test(free_number__is_the_lowest_one),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
