/* SPDX-License-Identifier: MIT */
/* runs as: root, in a mount namespace of its own. The view of authorized_keys against the kernel's overlay. */

/* The Makefile links the helper's own objects to unit tests; nsbox-keys is another program. */
#include "helper/keys/view.c"

#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { OWNER = 12345, STRANGER = 12346, REFUSED = 77 };

#define LOWER_KEYS "key of the host\n"
#define BOX_KEYS "key of the box\n"

/* The helpers work in the current directory, a fresh tmpfs with lower, upper, work and merged. */
static void must(int result)
{
	if (result != 0)
		fail_msg("step of the test failed: %s", strerror(errno));
}

static void write_file(const char *path, const char *text)
{
	OWN_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	must(fd_write_all(fd, text, strlen(text)));
}

static void make_ssh(const char *home, const char *keys)
{
	char path[64];

	(void)snprintf(path, sizeof path, "%s/.ssh", home);
	must(mkdir(path, 0700));
	if (keys == NULL)
		return;
	(void)snprintf(path, sizeof path, "%s/.ssh/authorized_keys", home);
	write_file(path, keys);
}

static void make_owned_dir(const char *path)
{
	must(mkdir(path, 0755));
	must(chown(path, OWNER, OWNER));
}

/* Everything from here to as_root is done by the owner, whose files these are. */
static void as_owner(void)
{
	must(setegid(OWNER));
	must(seteuid(OWNER));
}

static void as_root(void)
{
	must(seteuid(0));
	must(setegid(0));
}

static int enter_tree(void **state)
{
	(void)state;
	must(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755"));
	must(chdir("/mnt"));
	make_owned_dir("lower");
	must(mkdir("storage", 0700));
	must(mkdir("storage/home", 0700));
	must(mkdir("merged", 0755));
	as_owner();
	return 0;
}

static int leave_tree(void **state)
{
	(void)state;
	as_root();
	(void)umount2("merged", MNT_DETACH);
	must(chdir("/"));
	return umount2("/mnt", MNT_DETACH);
}

/* From here on the test's files are made in the box's home, merged. */
static void open_box(void)
{
	as_root();
	make_owned_dir("storage/home/upper");
	must(mkdir("storage/home/work", 0700));
	must(mount("overlay", "merged", "overlay", 0,
		   "lowerdir=lower,upperdir=storage/home/upper,workdir=storage/home/work,"
		   "index=on,redirect_dir=off,metacopy=off"));
	as_owner();
}

/* What nsbox-keys does, in a child because becoming the user is for good. Prints to fd 1. */
static int child_view(bool layered)
{
	struct view v = VIEW_NONE;
	struct passwd owner = { .pw_name = (char[]){ "nsbox-test-owner" }, .pw_uid = OWNER, .pw_gid = OWNER };
	static char text[KEYS_MAX + 1];
	struct fail f;
	int storage = open("storage", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ssize_t length;

	if (layered && view_open_top(&v, storage, "home/upper", &f) != 0)
		return REFUSED;
	if (view_become(&owner, &f) != 0)
		return 1;
	if (view_open_home(&v, "lower", layered, &f) != 0)
		return 1;
	length = view_read(&v, OWNER, text, &f);
	if (length < 0)
		return REFUSED;
	return fd_write_all(1, text, (size_t)length) == 0 ? 0 : 1;
}

/* Runs the view and returns the child's exit status; what it printed is in out. */
static int see(bool layered, char *out, size_t size)
{
	int ends[2], status;
	ssize_t got, used = 0;

	as_root();
	must(pipe2(ends, O_CLOEXEC));
	pid_t child = fork();

	if (child == 0) {
		(void)dup2(ends[1], 1);
		_exit(child_view(layered));
	}
	(void)close(ends[1]);
	while ((got = read(ends[0], out + used, size - 1 - (size_t)used)) > 0)
		used += got;
	(void)close(ends[0]);
	out[used] = '\0';
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	as_owner();
	return WEXITSTATUS(status);
}

/* What anybody sees who reads the file through the kernel's overlay. */
static void read_merged(char *out, size_t size)
{
	OWN_FD int fd = open("merged/.ssh/authorized_keys", O_RDONLY | O_CLOEXEC);

	out[0] = '\0';
	if (fd >= 0)
		assert_true(fd_read_text(fd, out, size) >= 0);
	else
		assert_true(errno == ENOENT || errno == ENOTDIR);
}

static void assert_same_as_overlay(const char *expected)
{
	char seen[256], merged[256];

	assert_int_equal(see(true, seen, sizeof seen), 0);
	read_merged(merged, sizeof merged);
	assert_string_equal(merged, expected);
	assert_string_equal(seen, merged);
}

static void assert_refused(bool layered)
{
	char seen[256];

	assert_int_equal(see(layered, seen, sizeof seen), REFUSED);
	assert_string_equal(seen, "");
}

static void view__without_a_box_yet_is_the_real_home(void **state)
{
	char seen[256];

	(void)state;
	make_ssh("lower", LOWER_KEYS);
	assert_int_equal(see(true, seen, sizeof seen), 0);
	assert_string_equal(seen, LOWER_KEYS);
}

static void view__of_a_home_without_ssh_is_empty(void **state)
{
	(void)state;
	open_box();
	assert_same_as_overlay("");
}

static void view__with_the_file_only_in_the_lower(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	assert_same_as_overlay(LOWER_KEYS);
}

static void view__with_another_file_of_ssh_in_the_upper(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	write_file("merged/.ssh/known_hosts", "host\n");
	assert_same_as_overlay(LOWER_KEYS);
}

static void view__with_the_file_only_in_the_upper(void **state)
{
	(void)state;
	open_box();
	make_ssh("merged", BOX_KEYS);
	assert_same_as_overlay(BOX_KEYS);
}

static void view__with_the_file_in_both(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	write_file("merged/.ssh/authorized_keys", BOX_KEYS);
	assert_same_as_overlay(BOX_KEYS);
}

static void view__with_the_file_renamed_over_as_editors_do(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	write_file("merged/.ssh/new", BOX_KEYS);
	must(rename("merged/.ssh/new", "merged/.ssh/authorized_keys"));
	assert_same_as_overlay(BOX_KEYS);
}

static void view__with_the_file_removed_in_the_box(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	must(unlink("merged/.ssh/authorized_keys"));
	assert_same_as_overlay("");
}

static void view__with_ssh_removed_in_the_box(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	must(unlink("merged/.ssh/authorized_keys"));
	must(rmdir("merged/.ssh"));
	assert_same_as_overlay("");
}

static void view__with_ssh_made_anew_is_opaque(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	must(unlink("merged/.ssh/authorized_keys"));
	must(rmdir("merged/.ssh"));
	must(mkdir("merged/.ssh", 0700));
	assert_same_as_overlay("");
	write_file("merged/.ssh/authorized_keys", BOX_KEYS);
	assert_same_as_overlay(BOX_KEYS);
}

static void view__with_a_directory_renamed_to_ssh_is_opaque(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	must(unlink("merged/.ssh/authorized_keys"));
	must(mkdir("merged/other", 0700));
	must(rename("merged/other", "merged/.ssh"));
	assert_same_as_overlay("");
}

static void view__with_ssh_replaced_by_a_file(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	must(unlink("merged/.ssh/authorized_keys"));
	must(rmdir("merged/.ssh"));
	write_file("merged/.ssh", "not a directory\n");
	assert_same_as_overlay("");
}

static void view__with_a_directory_over_the_lowers_file(void **state)
{
	(void)state;
	write_file("lower/.ssh", "not a directory\n");
	open_box();
	must(unlink("merged/.ssh"));
	make_ssh("merged", BOX_KEYS);
	assert_same_as_overlay(BOX_KEYS);
}

static void view__of_the_host_does_not_look_at_the_upper(void **state)
{
	char seen[256];

	(void)state;
	make_ssh("lower", LOWER_KEYS);
	open_box();
	write_file("merged/.ssh/authorized_keys", BOX_KEYS);
	assert_int_equal(see(false, seen, sizeof seen), 0);
	assert_string_equal(seen, LOWER_KEYS);
}

static void view__does_not_follow_a_link_to_a_file(void **state)
{
	(void)state;
	make_ssh("lower", NULL);
	write_file("lower/keys", LOWER_KEYS);
	must(symlink("../keys", "lower/.ssh/authorized_keys"));
	assert_refused(false);
	open_box();
	assert_refused(true);
	must(unlink("merged/.ssh/authorized_keys"));
	must(symlink("/etc/passwd", "merged/.ssh/authorized_keys"));
	assert_refused(true);
}

static void view__does_not_follow_a_link_to_ssh(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	must(rename("lower/.ssh", "lower/ssh"));
	must(symlink("ssh", "lower/.ssh"));
	assert_refused(false);
	open_box();
	must(unlink("merged/.ssh"));
	must(symlink("ssh", "merged/.ssh"));
	assert_refused(true);
}

static void view__does_not_wait_for_a_fifo(void **state)
{
	(void)state;
	make_ssh("lower", NULL);
	must(mkfifo("lower/.ssh/authorized_keys", 0600));
	(void)alarm(5);
	assert_refused(false);
	open_box();
	must(unlink("merged/.ssh/authorized_keys"));
	must(mkfifo("merged/.ssh/authorized_keys", 0600));
	assert_refused(true);
	(void)alarm(0);
}

static void view__refuses_a_file_that_others_can_write(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	must(chmod("lower/.ssh/authorized_keys", 0620));
	assert_refused(false);
	open_box();
	assert_refused(true);
}

static void view__refuses_directories_that_others_can_write(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	must(chmod("lower", 0777));
	assert_refused(false);
	must(chmod("lower", 0755));
	must(chmod("lower/.ssh", 0770));
	assert_refused(false);
	must(chmod("lower/.ssh", 0700));
	open_box();
	must(chmod("merged/.ssh", 0777));
	assert_refused(true);
}

static void view__refuses_a_file_of_somebody_else(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	must(chmod("lower/.ssh/authorized_keys", 0644));
	as_root();
	must(chown("lower/.ssh/authorized_keys", STRANGER, STRANGER));
	as_owner();
	assert_refused(false);
}

static void view__reads_a_file_of_root(void **state)
{
	char seen[256];

	(void)state;
	make_ssh("lower", LOWER_KEYS);
	must(chmod("lower/.ssh/authorized_keys", 0644));
	as_root();
	must(chown("lower/.ssh/authorized_keys", 0, 0));
	as_owner();
	assert_int_equal(see(false, seen, sizeof seen), 0);
	assert_string_equal(seen, LOWER_KEYS);
}

/* The owner's rights are all it has: a file root could read, and the owner cannot, stays closed. */
static void view__reads_as_the_user(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	as_root();
	must(chown("lower/.ssh/authorized_keys", 0, 0));
	as_owner();
	assert_refused(false);
}

static void view__refuses_what_is_larger_than_its_room(void **state)
{
	(void)state;
	make_ssh("lower", LOWER_KEYS);
	must(truncate("lower/.ssh/authorized_keys", KEYS_MAX + 1));
	assert_refused(false);
}

static int enter_namespace(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("test_keys needs root\n");
		return -1;
	}
	if (unshare(CLONE_NEWNS) != 0)
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, enter_tree, leave_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(view__without_a_box_yet_is_the_real_home),
		IN_TREE(view__of_a_home_without_ssh_is_empty),
		IN_TREE(view__with_the_file_only_in_the_lower),
		IN_TREE(view__with_another_file_of_ssh_in_the_upper),
		IN_TREE(view__with_the_file_only_in_the_upper),
		IN_TREE(view__with_the_file_in_both),
		IN_TREE(view__with_the_file_renamed_over_as_editors_do),
		IN_TREE(view__with_the_file_removed_in_the_box),
		IN_TREE(view__with_ssh_removed_in_the_box),
		IN_TREE(view__with_ssh_made_anew_is_opaque),
		IN_TREE(view__with_a_directory_renamed_to_ssh_is_opaque),
		IN_TREE(view__with_ssh_replaced_by_a_file),
		IN_TREE(view__with_a_directory_over_the_lowers_file),
		IN_TREE(view__of_the_host_does_not_look_at_the_upper),
		IN_TREE(view__does_not_follow_a_link_to_a_file),
		IN_TREE(view__does_not_follow_a_link_to_ssh),
		IN_TREE(view__does_not_wait_for_a_fifo),
		IN_TREE(view__refuses_a_file_that_others_can_write),
		IN_TREE(view__refuses_directories_that_others_can_write),
		IN_TREE(view__refuses_a_file_of_somebody_else),
		IN_TREE(view__reads_a_file_of_root),
		IN_TREE(view__reads_as_the_user),
		IN_TREE(view__refuses_what_is_larger_than_its_room),
	};

	return cmocka_run_group_tests_name("keys", tests, enter_namespace, NULL);
}
