/* SPDX-License-Identifier: MIT */
/* runs as: root. /proc/self/mountinfo: lines of every documented form, and the kernel's own. */
#include "tests/unit/unit.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "helper/mountinfo.h"
#include "helper/process.h"

static int next(const char *line, struct mount_entry *entry, char **all)
{
	char *text = *all = strdup(line);
	struct fail f = { 0 };
	int done;

	assert_non_null(text);
	done = mountinfo_next(&text, entry, &f);
	if (done == 1)
		assert_string_equal(text, "");
	if (done < 0)
		assert_non_null(strstr(f.text, "mountinfo: "));
	return done;
}

static void reads(const char *line, const char *root, const char *point, const char *type, const char *options)
{
	struct mount_entry entry;
	char *all;

	if (next(line, &entry, &all) != 1)
		flunk("refused: %s\n", line);
	assert_int_equal(entry.id, 36);
	assert_int_equal(entry.parent, 35);
	assert_string_equal(entry.root, root);
	assert_string_equal(entry.point, point);
	assert_string_equal(entry.type, type);
	assert_string_equal(entry.options, options);
	free(all);
}

static void refuses(const char *line)
{
	struct mount_entry entry;
	char *all;

	if (next(line, &entry, &all) != -1)
		flunk("taken: %s\n", line);
	free(all);
}

static void line__may_have_any_number_of_tags(void **state)
{
	(void)state;
	reads("36 35 98:0 /mnt1 /mnt2 rw,noatime - ext3 /dev/root rw,errors=continue\n", "/mnt1", "/mnt2", "ext3",
	      "rw,errors=continue");
	reads("36 35 98:0 / / rw shared:1 - ext3 /dev/root rw\n", "/", "/", "ext3", "rw");
	reads("36 35 98:0 / / rw shared:1 master:2 propagate_from:3 unbindable - tmpfs none rw\n", "/", "/", "tmpfs", "rw");
}

static void octal__stands_for_blank_tab_newline_and_backslash(void **state)
{
	(void)state;
	reads("36 35 98:0 /a\\040b /\\011\\012\\134x\\134040 rw - ext3 s rw\n", "/a b", "/\t\n\\x\\040", "ext3", "rw");
	reads("36 35 98:0 / /\\040-\\040ext4 rw - ext3 s rw\n", "/", "/ - ext4", "ext3", "rw");
	reads("36 35 98:0 / /\\377\xc3\xa9 rw - ext3 s rw\n", "/", "/\xff\xc3\xa9", "ext3", "rw");
}

static void octal__has_three_digits_of_one_byte(void **state)
{
	static const char *const bad[] = { "\\", "\\0", "\\04", "\\08x", "\\400", "\\777", "\\000", "\\x20", "\\\\040", "\\ 40" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char line[100];

		(void)snprintf(line, sizeof line, "36 35 98:0 / /%s rw - ext3 s rw\n", bad[i]);
		refuses(line);
		(void)snprintf(line, sizeof line, "36 35 98:0 /%s / rw - ext3 s rw\n", bad[i]);
		refuses(line);
	}
}

static void source__may_be_empty_or_look_like_anything(void **state)
{
	(void)state;
	reads("36 35 0:5 / /x rw - tmpfs  rw,size=1k\n", "/", "/x", "tmpfs", "rw,size=1k");
	reads("36 35 0:5 / /x rw - tmpfs - rw\n", "/", "/x", "tmpfs", "rw");
	reads("36 35 0:5 / /x rw - fuse.sshfs a\\040b rw\n", "/", "/x", "fuse.sshfs", "rw");
	reads("36 35 0:4 net:[4026531840] /x rw - nsfs nsfs rw\n", "net:[4026531840]", "/x", "nsfs", "rw");
}

static void line__without_all_its_fields_is_refused(void **state)
{
	(void)state;
	refuses("\n");
	refuses("36\n");
	refuses("36 35 98:0 / /x rw\n");
	refuses("36 35 98:0 / /x rw -\n");
	refuses("36 35 98:0 / /x rw - \n");
	refuses("36 35 98:0 / /x rw - ext3\n");
	refuses("36 35 98:0 / /x rw - ext3 source\n");
	refuses("36 35 98:0 / /x - ext3 source rw\n");
	refuses(" - ext3 source rw\n");
}

static void text__cut_anywhere_is_refused_or_ends(void **state)
{
	static const char whole[] = "36 35 98:0 /a\\040b /mnt rw shared:1 - ext3 /dev/root rw\n";
	char line[sizeof whole];
	struct mount_entry entry;
	char *all;

	(void)state;
	memcpy(line, whole, sizeof whole);
	for (size_t length = sizeof whole - 2; length > 0; length--) {
		line[length] = '\0';
		refuses(line);
	}
	assert_int_equal(next("", &entry, &all), 0);
	free(all);
}

static void lines__come_one_after_another(void **state)
{
	char text[] = "1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / /proc rw - proc b rw\n", *at = text;
	struct mount_entry entry;
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(mountinfo_next(&at, &entry, &f), 1);
	assert_string_equal(entry.type, "ext4");
	assert_int_equal(mountinfo_next(&at, &entry, &f), 1);
	assert_int_equal(entry.id, 2);
	assert_int_equal(entry.parent, 1);
	assert_string_equal(entry.point, "/proc");
	assert_int_equal(mountinfo_next(&at, &entry, &f), 0);
	assert_int_equal(mountinfo_next(&at, &entry, &f), 0);
}

/* Reads the kernel's own; the last entry at point is found. The text behind it is to be freed. */
static char *find(const char *point, struct mount_entry *found, int *count)
{
	struct fail f = { 0 };
	struct mount_entry entry;
	int before = count_fds(), done;
	OWN_FD int proc = process_open_proc(&f);
	char *text = mountinfo_read(proc, &f), *at = text;

	assert_non_null(text);
	*count = 0;
	for (found->point = NULL; (done = mountinfo_next(&at, &entry, &f)) == 1; ++*count) {
		assert_true(entry.id > 0 && entry.parent >= 0);
		assert_int_equal(entry.point[0], '/');
		assert_true(entry.type[0] != '\0' && entry.options[0] != '\0');
		if (strcmp(entry.point, point) == 0)
			*found = entry;
	}
	if (done < 0)
		flunk("%s\n", f.text);
	fd_close(&proc);
	assert_int_equal(count_fds(), before);
	return text;
}

static void kernel__lists_proc_at_proc(void **state)
{
	struct mount_entry entry;
	int count;
	char *text = find("/proc", &entry, &count);

	(void)state;
	assert_true(count > 0);
	assert_non_null(entry.point);
	assert_string_equal(entry.type, "proc");
	free(text);
}

static void kernel__names_every_byte_of_a_mount_point(void **state)
{
	const struct folder *folder = *state;
	struct mount_entry entry;
	char point[200], *text;
	int count;

	(void)snprintf(point, sizeof point, "%s/a b\tc\nd\\e - f#\\040\xff", folder->path);
	assert_int_equal(mkdir(point, 0700), 0);
	assert_int_equal(mount("so ur\nce", point, "tmpfs", 0, "size=64k"), 0);
	text = find(point, &entry, &count);
	assert_non_null(entry.point);
	assert_string_equal(entry.root, "/");
	assert_string_equal(entry.type, "tmpfs");
	assert_non_null(strstr(entry.options, "size=64k"));
	free(text);
	assert_int_equal(umount2(point, MNT_DETACH), 0);
}

static void many_mounts__are_all_read(void **state)
{
	enum { MANY = 500 };
	const struct folder *folder = *state;
	struct mount_entry entry;
	int before, after;
	char point[300];

	free(find("/", &entry, &before));
	(void)snprintf(point, sizeof point, "%s/%0150d", folder->path, 0);
	assert_int_equal(mkdir(point, 0700), 0);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(mount("none", point, "tmpfs", 0, "size=64k"), 0);
	free(find("/", &entry, &after));
	assert_int_equal(after, before + MANY);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(umount2(point, MNT_DETACH), 0);
}

/* What the tests mount is seen by nobody else and goes with this process. */
static int private_mounts(void **state)
{
	(void)state;
	return unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line__may_have_any_number_of_tags),
		cmocka_unit_test(octal__stands_for_blank_tab_newline_and_backslash),
		cmocka_unit_test(octal__has_three_digits_of_one_byte),
		cmocka_unit_test(source__may_be_empty_or_look_like_anything),
		cmocka_unit_test(line__without_all_its_fields_is_refused),
		cmocka_unit_test(text__cut_anywhere_is_refused_or_ends),
		cmocka_unit_test(lines__come_one_after_another),
		cmocka_unit_test(kernel__lists_proc_at_proc),
		IN_FOLDER(kernel__names_every_byte_of_a_mount_point),
		IN_FOLDER(many_mounts__are_all_read),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, private_mounts, NULL);
}
