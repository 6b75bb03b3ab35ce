/* SPDX-License-Identifier: MIT */
/* runs as: root. The record of a box: what is written is read back, and nothing that somebody else wrote is. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "tests/unit/record.h"

enum { LINES = 24, FILTER_LINE = 15 };

/* The record in words, cut into its lines (each with its newline). */
struct lines {
	char line[LINES][6000];
};

static void lines_of(const struct record *r, struct lines *lines)
{
	char text[RECORD_TEXT], *at = text;
	struct fail f = { 0 };

	GOOD(record_format(r, text, sizeof text, &f));
	for (int i = 0; i < LINES; i++) {
		char *end = strchr(at, '\n');

		assert_non_null(end);
		(void)snprintf(lines->line[i], sizeof lines->line[i], "%.*s\n", (int)(end - at), at);
		at = end + 1;
	}
	assert_string_equal(at, "");
}

static void add_line(char *text, const char *line)
{
	size_t used = strlen(text);

	(void)snprintf(text + used, RECORD_TEXT - used, "%s", line);
}

static void refused(const char *text)
{
	struct record r, before;
	struct fail f = { 0 };
	char *copy = strdup(text);

	assert_non_null(copy);
	memset(&r, 0xa5, sizeof r);
	before = r;
	if (record_parse(copy, &r, &f) == 0)
		flunk("taken:\n%s\n", text);
	free(copy);
	assert_non_null(strstr(f.text, "corrupt record"));
	assert_memory_equal(&r, &before, sizeof r);
}

/* What is read back from it is written the same again. */
static void round_trip(const struct record *r)
{
	char text[RECORD_TEXT], parsed[RECORD_TEXT], again[RECORD_TEXT];
	struct record back;
	struct fail f = { 0 };

	GOOD(record_format(r, text, sizeof text, &f));
	(void)snprintf(parsed, sizeof parsed, "%s", text);
	GOOD(record_parse(parsed, &back, &f));
	GOOD(record_format(&back, again, sizeof again, &f));
	assert_string_equal(again, text);
}

static void record__is_written_in_these_lines(void **state)
{
	struct record r = good_record(7);
	char text[RECORD_TEXT];
	struct fail f = { 0 };

	(void)state;
	GOOD(record_format(&r, text, sizeof text, &f));
	assert_string_equal(text, "box=ada-7\nnumber=7\ncreated=1700000000\nservice=sshd\nfrom=2001:db8::1\npid=4321\n"
			    "start=987654\nuserns=4026532001\ndevpts=77\nhome_dev=78\nreal_home=/home/ada\n"
			    "network=nat\nslot=4\naddress=10.189.0.5\nports=20000-20009,8080\nfilter=1\nroot_uid=100000\nroot_gid=200000\nuser=ada\nuid=1001\ngid=1002\nhome=/home/ada\n"
			    "shell=/bin/bash\ngroups=1002,27,4294967294\n");
}

static void record__comes_back_as_it_was(void **state)
{
	struct record r = good_record(1000), back;
	char text[RECORD_TEXT];
	struct fail f = { 0 };

	(void)state;
	round_trip(&r);
	GOOD(record_format(&r, text, sizeof text, &f));
	GOOD(record_parse(text, &back, &f));
	assert_string_equal(back.box, r.box);
	assert_int_equal(back.number, 1000);
	assert_true(back.created == r.created && back.start == r.start && back.userns == r.userns);
	assert_true(back.devpts == r.devpts && back.home_dev == r.home_dev);
	assert_string_equal(back.network, "nat");
	assert_int_equal(back.slot, 4);
	assert_string_equal(back.address, "10.189.0.5");
	assert_string_equal(back.ports, "20000-20009,8080");
	assert_int_equal(back.pid, r.pid);
	assert_int_equal(back.root_uid, r.root_uid);
	assert_int_equal(back.root_gid, r.root_gid);
	assert_int_equal(back.owner.uid, 1001);
	assert_int_equal(back.owner.gid, 1002);
	assert_int_equal(back.owner.group_count, 3);
	assert_memory_equal(back.owner.groups, r.owner.groups, 3 * sizeof(gid_t));
	assert_string_equal(back.owner.shell, "/bin/bash");
}

static void hostile_values__stay_in_their_lines(void **state)
{
	struct record r = good_record(3);
	struct lines lines;

	(void)state;
	(void)snprintf(r.service, sizeof r.service, "x\nuid=0\npid=1");
	(void)snprintf(r.from, sizeof r.from, "%%41%%s%%n=\xff\x01\"' \t\r\\");
	(void)snprintf(r.real_home, sizeof r.real_home, "/home/\xc3\xa4 da\n");
	lines_of(&r, &lines);
	assert_string_equal(lines.line[3], "service=x%0Auid%3D0%0Apid%3D1\n");
	assert_string_equal(lines.line[4], "from=%2541%25s%25n%3D%FF%01%22%27%20%09%0D%5C\n");
	round_trip(&r);
}

static void fill(char *text, size_t size)
{
	memset(text, '\xff', size - 1);
	text[size - 1] = '\0';
}

static struct record largest_record(void)
{
	struct record r = good_record(1000);

	fill(r.box, sizeof r.box);
	fill(r.service, sizeof r.service);
	fill(r.from, sizeof r.from);
	fill(r.real_home, sizeof r.real_home);
	fill(r.network, sizeof r.network);
	fill(r.address, sizeof r.address);
	fill(r.ports, sizeof r.ports);
	fill(r.owner.name, sizeof r.owner.name);
	fill(r.owner.home, sizeof r.owner.home);
	fill(r.owner.shell, sizeof r.owner.shell);
	r.created = r.start = r.userns = r.devpts = r.home_dev = UINT64_MAX;
	r.slot = 65535;
	r.root_uid = r.root_gid = r.owner.uid = r.owner.gid = UINT32_MAX - 1;
	r.owner.group_count = OWNER_GROUPS;
	for (int i = 0; i < OWNER_GROUPS; i++)
		r.owner.groups[i] = UINT32_MAX - 1;
	return r;
}

static void largest_record__fits(void **state)
{
	const struct folder *folder = *state;
	struct record r = largest_record(), back;
	struct fail f = { 0 };

	round_trip(&r);
	GOOD(record_write(folder->dir, &r, &f));
	GOOD(record_read(folder->dir, 1000, &back, &f));
	assert_string_equal(back.owner.shell, r.owner.shell);
	assert_int_equal(back.owner.group_count, OWNER_GROUPS);
}

static void format__fails_when_the_room_is_too_small(void **state)
{
	struct record r = good_record(7);
	char whole[RECORD_TEXT];
	struct fail f = { 0 };

	(void)state;
	GOOD(record_format(&r, whole, sizeof whole, &f));
	for (size_t size = 1; size <= strlen(whole); size++) {
		char *text = malloc(size);

		assert_non_null(text);
		assert_int_equal(record_format(&r, text, size, &f), -1);
		free(text);
	}
}

/* A text nobody could read again must not be written: the user's next login would meet it. */
static void format__refuses_what_parse_would(void **state)
{
	struct record r = good_record(7);
	char text[RECORD_TEXT];
	struct fail f = { 0 };

	(void)state;
	r.from[0] = '\0';
	assert_int_equal(record_format(&r, text, sizeof text, &f), -1);
	r = good_record(7);
	r.owner.home[0] = '\0';
	assert_int_equal(record_format(&r, text, sizeof text, &f), -1);
	r = good_record(7);
	r.owner.group_count = 0;
	assert_int_equal(record_format(&r, text, sizeof text, &f), -1);
}

static void line__missing_is_refused(void **state)
{
	struct record r = good_record(7);
	struct lines lines;

	(void)state;
	lines_of(&r, &lines);
	for (int without = 0; without < LINES; without++) {
		char text[RECORD_TEXT] = "";

		for (int i = 0; i < LINES; i++)
			if (i != without)
				add_line(text, lines.line[i]);
		if (without != FILTER_LINE)
			refused(text);
	}
	refused("");
}

/* The box of a version that had no filters: what enters it has none, as what is in it. */
static void filter__missing_is_none(void **state)
{
	struct record r = good_record(7), read = { .filter = FILTER_DEFAULT };
	struct lines lines;
	char text[RECORD_TEXT] = "";
	struct fail f;

	(void)state;
	lines_of(&r, &lines);
	for (int i = 0; i < LINES; i++)
		if (i != FILTER_LINE)
			add_line(text, lines.line[i]);
	assert_int_equal(record_parse(text, &read, &f), 0);
	assert_int_equal(read.filter, FILTER_OFF);
	assert_int_equal(read.owner.uid, r.owner.uid);
	assert_string_equal(read.ports, r.ports);
}

static void line__twice_is_refused(void **state)
{
	struct record r = good_record(7);
	struct lines lines;

	(void)state;
	lines_of(&r, &lines);
	for (int twice = 0; twice < LINES; twice++) {
		char text[RECORD_TEXT] = "";

		for (int i = 0; i < LINES; i++) {
			add_line(text, lines.line[i]);
			if (i == twice)
				add_line(text, lines.line[i]);
		}
		refused(text);
	}
}

static void lines__in_another_order_are_refused(void **state)
{
	struct record r = good_record(7);
	struct lines lines;

	(void)state;
	lines_of(&r, &lines);
	for (int swapped = 0; swapped < LINES - 1; swapped++) {
		char text[RECORD_TEXT] = "";

		for (int i = 0; i < LINES; i++)
			add_line(text, lines.line[i == swapped ? i + 1 : i == swapped + 1 ? i - 1 : i]);
		refused(text);
	}
}

static void text__cut_anywhere_is_refused(void **state)
{
	struct record r = good_record(7);
	char text[RECORD_TEXT];
	struct fail f = { 0 };

	(void)state;
	GOOD(record_format(&r, text, sizeof text, &f));
	for (size_t length = strlen(text); length-- > 0;) {
		text[length] = '\0';
		refused(text);
	}
}

static void text__with_more_behind_it_is_refused(void **state)
{
	static const char *const more[] = { "\n", "x", " ", "note=1\n", "groups=1\n", "box=ada-7\n", "=\n" };
	struct record r = good_record(7);
	struct fail f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
		char text[RECORD_TEXT];

		GOOD(record_format(&r, text, sizeof text, &f));
		add_line(text, more[i]);
		refused(text);
	}
}

/* Puts another line in the place of the one with this key. */
static void with_line(const char *key, const char *line, char *text)
{
	struct record r = good_record(7);
	struct lines lines;
	bool replaced = false;

	lines_of(&r, &lines);
	text[0] = '\0';
	for (int i = 0; i < LINES; i++) {
		bool this = strncmp(lines.line[i], key, strlen(key)) == 0 && lines.line[i][strlen(key)] == '=';

		add_line(text, this ? line : lines.line[i]);
		replaced = replaced || this;
	}
	assert_true(replaced);
}

static void refuse_value(const char *key, const char *value)
{
	char text[RECORD_TEXT], line[6000];

	(void)snprintf(line, sizeof line, "%s=%s\n", key, value);
	with_line(key, line, text);
	refused(text);
}

static void take_value(const char *key, const char *value)
{
	char text[RECORD_TEXT], line[6000];
	struct record r;
	struct fail f = { 0 };

	(void)snprintf(line, sizeof line, "%s=%s\n", key, value);
	with_line(key, line, text);
	GOOD(record_parse(text, &r, &f));
}

static void numbers__keep_to_their_ranges(void **state)
{
	static const char *const ids[] = { "root_uid", "root_gid", "uid", "gid" };
	static const char *const large[] = { "created", "start", "userns", "devpts", "home_dev" };
	static const char *const all[] = { "number", "pid", "slot", "filter", "root_uid", "root_gid", "uid", "gid", "created", "start", "userns",
					   "devpts", "home_dev", "groups" };
	static const char *const nonsense[] = { "", "-1", "+1", "01", "0x10", "1.0", "%20", "12a", "1%00", "18446744073709551616" };

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		take_value(ids[i], "4294967294");
		refuse_value(ids[i], "4294967295");
		refuse_value(ids[i], "4294967296");
	}
	for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
		take_value(large[i], "18446744073709551615");
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		for (size_t k = 0; k < sizeof nonsense / sizeof nonsense[0]; k++)
			refuse_value(all[i], nonsense[k]);
	take_value("number", "1000");
	refuse_value("number", "1001");
	take_value("filter", "0");
	take_value("filter", "2");
	refuse_value("filter", "3");
	take_value("slot", "0");
	take_value("slot", "65535");
	refuse_value("slot", "65536");
	take_value("pid", "4194304");
	refuse_value("pid", "4194305");
}

static void record__of_root_or_of_pid_1_is_refused(void **state)
{
	(void)state;
	refuse_value("pid", "0");
	refuse_value("pid", "1");
	take_value("pid", "2");
	refuse_value("uid", "0");
	refuse_value("root_uid", "0");
}

static void text__is_never_empty_and_fits_its_room(void **state)
{
	static const struct {
		const char *key;
		size_t most;
	} texts[] = { { "box", 47 }, { "service", 31 }, { "from", 255 }, { "real_home", 255 }, { "network", 7 },
		      { "address", 63 }, { "ports", 255 }, { "user", 39 }, { "home", 255 }, { "shell", 255 } };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char value[300];

		refuse_value(texts[i].key, "");
		memset(value, 'x', sizeof value);
		value[texts[i].most + 1] = '\0';
		refuse_value(texts[i].key, value);
		value[texts[i].most] = '\0';
		take_value(texts[i].key, value);
	}
}

static void percent__stands_before_two_upper_case_hex_digits(void **state)
{
	static const char *const bad[] = { "%", "%4", "a%", "%zz", "%4g", "%0a", "%00", "a b", "a=b", "\xc3\xa9", "a\"" };

	(void)state;
	take_value("from", "%41%0A");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		refuse_value("box", bad[i]);
		refuse_value("from", bad[i]);
		refuse_value("shell", bad[i]);
	}
}

static void groups__are_a_list_of_at_most_512(void **state)
{
	char list[6000] = "1";

	(void)state;
	refuse_value("groups", ",");
	refuse_value("groups", "1,");
	refuse_value("groups", ",1");
	refuse_value("groups", "1,,2");
	refuse_value("groups", "1%202");
	refuse_value("groups", "4294967295");
	for (int i = 1; i < OWNER_GROUPS; i++)
		add_line(list, ",1");
	take_value("groups", list);
	add_line(list, ",1");
	refuse_value("groups", list);
}

static void key__is_spelled_as_it_is(void **state)
{
	char text[RECORD_TEXT];

	(void)state;
	with_line("pid", "Pid=4321\n", text);
	refused(text);
	with_line("pid", " pid=4321\n", text);
	refused(text);
	with_line("pid", "pid =4321\n", text);
	refused(text);
	with_line("pid", "pid=4321\r\n", text);
	refused(text);
	with_line("pid", "pid\n", text);
	refused(text);
	with_line("pid", "pid=4321\n\n", text);
	refused(text);
}

static void read_fails(const struct folder *folder, unsigned number, int code)
{
	struct record r;
	struct fail f = { 0 };
	int before = count_fds();

	assert_int_equal(record_read(folder->dir, number, &r, &f), -1);
	assert_int_equal(f.code, code);
	assert_int_equal(count_fds(), before);
}

static void file__is_private_and_replaced_in_one_step(void **state)
{
	const struct folder *folder = *state;
	struct record r = good_record(5), back;
	struct stat first, second;
	struct fail f = { 0 };
	int before = count_fds();

	GOOD(record_write(folder->dir, &r, &f));
	assert_int_equal(fstatat(folder->dir, "5", &first, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(first.st_mode, S_IFREG | 0600);

	OWN_FD int old = openat(folder->dir, "5", O_RDONLY | O_CLOEXEC);

	r.pid = 1234;
	GOOD(record_write(folder->dir, &r, &f));
	assert_int_equal(fstatat(folder->dir, "5", &second, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(first.st_ino != second.st_ino);
	assert_int_equal(fstat(old, &first), 0);
	assert_int_equal(first.st_nlink, 0);
	GOOD(record_read(folder->dir, 5, &back, &f));
	assert_int_equal(back.pid, 1234);
	assert_int_equal(count_files(folder->path), 1);
	fd_close(&old);
	assert_int_equal(count_fds(), before);
}

static void read__finds_no_record_and_says_so(void **state)
{
	const struct folder *folder = *state;
	struct record r = good_record(5);
	struct fail f = { 0 };

	read_fails(folder, 5, ENOENT);
	GOOD(record_write(folder->dir, &r, &f));
	read_fails(folder, 6, ENOENT);
	GOOD(record_remove(folder->dir, 5, &f));
	read_fails(folder, 5, ENOENT);
	GOOD(record_remove(folder->dir, 5, &f));
}

static void read__takes_a_plain_file_only(void **state)
{
	const struct folder *folder = *state;
	struct record r = good_record(5);
	struct fail f = { 0 };

	(void)alarm(20);
	GOOD(record_write(folder->dir, &r, &f));
	assert_int_equal(symlinkat("5", folder->dir, "6"), 0);
	read_fails(folder, 6, ELOOP);
	assert_int_equal(mkfifoat(folder->dir, "7", 0600), 0);
	read_fails(folder, 7, ESPIPE);
	assert_int_equal(mkdirat(folder->dir, "8", 0700), 0);
	read_fails(folder, 8, EISDIR);
	(void)alarm(0);
}

static void read__refuses_what_is_too_large_or_no_text(void **state)
{
	const struct folder *folder = *state;
	static char large[RECORD_TEXT];

	memset(large, 'x', sizeof large);
	write_bytes(folder->dir, "5", large, sizeof large);
	read_fails(folder, 5, EFBIG);
	write_bytes(folder->dir, "5", large, sizeof large - 1);
	read_fails(folder, 5, 0);
	write_bytes(folder->dir, "5", "box=ada-5\n\0", 11);
	read_fails(folder, 5, EINVAL);
	write_text(folder->dir, "5", "");
	read_fails(folder, 5, 0);
}

static void read__refuses_the_record_of_another_box(void **state)
{
	const struct folder *folder = *state;
	struct record r = good_record(5);
	struct fail f = { 0 };

	GOOD(record_write(folder->dir, &r, &f));
	assert_int_equal(renameat(folder->dir, "5", folder->dir, "6"), 0);
	assert_int_equal(record_read(folder->dir, 6, &r, &f), -1);
	assert_non_null(strstr(f.text, "it is of box ada-5"));
}

static void write__does_not_follow_a_link(void **state)
{
	const struct folder *folder = *state;
	struct record r = good_record(5);
	struct fail f = { 0 };

	write_text(folder->dir, "victim", "precious");
	assert_int_equal(symlinkat("victim", folder->dir, "new.5"), 0);
	assert_int_equal(record_write(folder->dir, &r, &f), -1);
	assert_int_equal(f.code, ELOOP);
	assert_int_equal(count_files(folder->path), 1);
	GOOD(record_write(folder->dir, &r, &f));
	assert_int_equal(symlinkat("victim", folder->dir, "6"), 0);
	r = good_record(6);
	GOOD(record_write(folder->dir, &r, &f));
	GOOD(record_read(folder->dir, 6, &r, &f));

	OWN_FD int victim = openat(folder->dir, "victim", O_RDONLY | O_CLOEXEC);
	char text[20];

	assert_int_equal(fd_read_text(victim, text, sizeof text), 8);
	assert_string_equal(text, "precious");
}

static void write__that_fails_leaves_the_old_record(void **state)
{
	const struct folder *folder = *state;
	struct record r = good_record(5), back;
	struct fail f = { 0 };

	GOOD(record_write(folder->dir, &r, &f));
	assert_int_equal(mkdirat(folder->dir, "new.5", 0700), 0);
	r.pid = 1234;
	assert_int_equal(record_write(folder->dir, &r, &f), -1);
	GOOD(record_read(folder->dir, 5, &back, &f));
	assert_int_equal(back.pid, 4321);
}

static void numbers__are_those_of_the_records_ascending(void **state)
{
	static const char *const names[] = { "10", "2", "1", "1000", "lock", "new.3", "0", "01", "1001", "-1", "4x", "5 ", "+6" };
	const struct folder *folder = *state;
	unsigned numbers[20];
	struct fail f = { 0 };
	int before = count_fds();

	assert_int_equal(record_numbers(folder->dir, numbers, 20, &f), 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		write_text(folder->dir, names[i], "");
	for (int again = 0; again < 2; again++) {
		assert_int_equal(record_numbers(folder->dir, numbers, 20, &f), 4);
		assert_int_equal(numbers[0], 1);
		assert_int_equal(numbers[1], 2);
		assert_int_equal(numbers[2], 10);
		assert_int_equal(numbers[3], 1000);
	}
	assert_int_equal(record_numbers(folder->dir, numbers, 3, &f), 3);
	assert_int_equal(count_fds(), before);
}

static void numbers__of_no_directory_are_an_error(void **state)
{
	const struct folder *folder = *state;
	unsigned numbers[4];
	struct fail f = { 0 };

	write_text(folder->dir, "1", "");

	OWN_FD int file = openat(folder->dir, "1", O_RDONLY | O_CLOEXEC);
	int before = count_fds();

	assert_int_equal(record_numbers(file, numbers, 4, &f), -1);
	assert_int_equal(f.code, ENOTDIR);
	assert_int_equal(count_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record__is_written_in_these_lines),
		cmocka_unit_test(record__comes_back_as_it_was),
		cmocka_unit_test(hostile_values__stay_in_their_lines),
		IN_FOLDER(largest_record__fits),
		cmocka_unit_test(format__fails_when_the_room_is_too_small),
		cmocka_unit_test(format__refuses_what_parse_would),
		cmocka_unit_test(line__missing_is_refused),
		cmocka_unit_test(filter__missing_is_none),
		cmocka_unit_test(line__twice_is_refused),
		cmocka_unit_test(lines__in_another_order_are_refused),
		cmocka_unit_test(text__cut_anywhere_is_refused),
		cmocka_unit_test(text__with_more_behind_it_is_refused),
		cmocka_unit_test(numbers__keep_to_their_ranges),
		cmocka_unit_test(record__of_root_or_of_pid_1_is_refused),
		cmocka_unit_test(text__is_never_empty_and_fits_its_room),
		cmocka_unit_test(percent__stands_before_two_upper_case_hex_digits),
		cmocka_unit_test(groups__are_a_list_of_at_most_512),
		cmocka_unit_test(key__is_spelled_as_it_is),
		IN_FOLDER(file__is_private_and_replaced_in_one_step),
		IN_FOLDER(read__finds_no_record_and_says_so),
		IN_FOLDER(read__takes_a_plain_file_only),
		IN_FOLDER(read__refuses_what_is_too_large_or_no_text),
		IN_FOLDER(read__refuses_the_record_of_another_box),
		IN_FOLDER(write__does_not_follow_a_link),
		IN_FOLDER(write__that_fails_leaves_the_old_record),
		IN_FOLDER(numbers__are_those_of_the_records_ascending),
		IN_FOLDER(numbers__of_no_directory_are_an_error),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
