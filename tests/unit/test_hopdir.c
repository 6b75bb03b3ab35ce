/* SPDX-License-Identifier: MIT */
/* runs as: root. The sockets of a user's boxes, in a directory of the test's own. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>

#include "helper/hopdir.h"
#include "helper/record.h"

static int make_boxes(const struct folder *folder, const char *const *names)
{
	assert_int_equal(mkdirat(folder->dir, "boxes", 0755), 0);

	int dir = openat(folder->dir, "boxes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(dir >= 0);
	for (; *names != NULL; names++) {
		OWN_FD int fd = openat(dir, *names, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

		assert_true(fd >= 0);
	}
	return dir;
}

static void end_boxes(const struct folder *folder, int *dir, const char *const *names)
{
	for (; *names != NULL; names++)
		assert_int_equal(unlinkat(*dir, *names, 0), 0); /* it was left alone */
	fd_close(dir);
	assert_int_equal(unlinkat(folder->dir, "boxes", AT_REMOVEDIR), 0); /* and nothing else was */
}

static void removal__takes_what_is_of_the_number_whatever_the_user_was_called(void **state)
{
	static const char *const names[] = {
		"ada-1", "ada-1.info", "a-2-1", "old-1.info", "ada-11", "ada-11.info", "ada-2", "ada-2.info", "a-1-2",
		"ada-1.info.info", "ada-01", NULL,
	};
	static const char *const left[] = {
		"ada-11", "ada-11.info", "ada-2", "ada-2.info", "a-1-2", "ada-1.info.info", "ada-01", NULL,
	};
	struct folder *folder = *state;
	int dir = make_boxes(folder, names);
	struct fail f = { 0 };

	GOOD(hopdir_remove(folder->dir, 1, &f));
	GOOD(hopdir_remove(folder->dir, 1, &f));
	end_boxes(folder, &dir, left);
}

static void removal__without_a_directory_is_none(void **state)
{
	const struct folder *folder = *state;
	struct fail f = { 0 };
	int before = count_fds();

	GOOD(hopdir_remove(folder->dir, 1, &f));
	assert_int_equal(count_fds(), before);
}

static void directory__that_others_may_write_to_is_refused(void **state)
{
	static const char *const names[] = { "ada-1", NULL };
	struct folder *folder = *state;
	int dir = make_boxes(folder, names), before = count_fds();
	struct fail f = { 0 };

	assert_int_equal(fchmodat(folder->dir, "boxes", 0777, 0), 0);
	assert_int_equal(hopdir_remove(folder->dir, 1, &f), -1);
	assert_int_equal(count_fds(), before);
	end_boxes(folder, &dir, names);
}

static void info__is_one_line_that_others_may_read(void **state)
{
	static const char *const none[] = { NULL }, *const left[] = { "ada-1.info", NULL };
	struct folder *folder = *state;
	int dir = make_boxes(folder, none);
	struct record r = { .box = "ada-1", .number = 1, .created = 12, .service = "sshd", .from = "a b\n", .pid = 7,
			    .network = "nat", .address = "10.0.0.2", .ports = "8080" };
	struct fail f = { 0 };
	struct stat st;
	char text[512];

	(void)snprintf(r.owner.name, sizeof r.owner.name, "ada");
	GOOD(hopdir_note(folder->dir, &r, &f));
	GOOD(hopdir_note(folder->dir, &r, &f));

	OWN_FD int fd = openat(dir, "ada-1.info", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_true(fd_read_text(fd, text, sizeof text) > 0);
	assert_string_equal(text, "box=ada-1 user=ada pid=7 created=12 service=sshd from=a%20b%0A network=nat "
				  "address=10.0.0.2 ports=8080 state=live\n");
	end_boxes(folder, &dir, left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(removal__takes_what_is_of_the_number_whatever_the_user_was_called),
		IN_FOLDER(removal__without_a_directory_is_none),
		IN_FOLDER(directory__that_others_may_write_to_is_refused),
		IN_FOLDER(info__is_one_line_that_others_may_read),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
