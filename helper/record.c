/* SPDX-License-Identifier: MIT */
/* runs as: root. What the helper wrote about a box under /run/nsbox/UID/. */
#include "helper/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/hopdir.h"
#include "helper/logins.h"
#include "helper/told.h"

enum kind { TEXT, U32, U64, GROUPS };

/* One row a field: where it is and what it may be. The order is the order in the file. */
static const struct row {
	const char *key;
	enum kind kind;
	size_t at;
	uint64_t limit; /* largest number, or size of the text */
} rows[] = {
#define AT(member) offsetof(struct record, member)
#define ROOM(member) sizeof(((struct record *)NULL)->member)
	{ "box", TEXT, AT(box), ROOM(box) },
	{ "number", U32, AT(number), 1000 },
	{ "created", U64, AT(created), UINT64_MAX },
	{ "service", TEXT, AT(service), ROOM(service) },
	{ "from", TEXT, AT(from), ROOM(from) },
	{ "pid", U32, AT(pid), 4194304 },
	{ "start", U64, AT(start), UINT64_MAX },
	{ "userns", U64, AT(userns), UINT64_MAX },
	{ "devpts", U64, AT(devpts), UINT64_MAX },
	{ "home_dev", U64, AT(home_dev), UINT64_MAX },
	{ "real_home", TEXT, AT(real_home), ROOM(real_home) },
	{ "network", TEXT, AT(network), ROOM(network) },
	{ "slot", U32, AT(slot), 65535 },
	{ "address", TEXT, AT(address), ROOM(address) },
	{ "ports", TEXT, AT(ports), ROOM(ports) },
	{ "filter", U32, AT(filter), FILTERS - 1 },
	{ "root_uid", U32, AT(root_uid), UINT32_MAX - 1 },
	{ "root_gid", U32, AT(root_gid), UINT32_MAX - 1 },
	{ "user", TEXT, AT(owner.name), ROOM(owner.name) },
	{ "uid", U32, AT(owner.uid), UINT32_MAX - 1 },
	{ "gid", U32, AT(owner.gid), UINT32_MAX - 1 },
	{ "home", TEXT, AT(owner.home), ROOM(owner.home) },
	{ "shell", TEXT, AT(owner.shell), ROOM(owner.shell) },
	{ "groups", GROUPS, 0, 0 },
#undef AT
#undef ROOM
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* An older version, whose boxes live on over an upgrade, does not write it: then it is 0, which is FILTER_OFF. */
static bool came_later(const struct row *row)
{
	return row->at == offsetof(struct record, filter);
}

static void groups_text(const struct owner *owner, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < owner->group_count; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%u", i > 0 ? "," : "", owner->groups[i]);
}

static int put_row(const struct row *row, const struct record *record, char *text, size_t size)
{
	const char *at = (const char *)record + row->at;
	char groups[OWNER_GROUPS * 11 + 1]; /* ten digits and a comma each */
	uint32_t u32;
	uint64_t u64;

	switch (row->kind) {
	case TEXT:
		return at[0] == '\0' ? -1 : field_put(text, size, row->key, at, '\n');
	case U32:
		memcpy(&u32, at, sizeof u32);
		return field_put_number(text, size, row->key, u32, '\n');
	case U64:
		memcpy(&u64, at, sizeof u64);
		return field_put_number(text, size, row->key, u64, '\n');
	case GROUPS:
		groups_text(&record->owner, groups, sizeof groups);
		return groups[0] == '\0' ? -1 : field_put(text, size, row->key, groups, '\n');
	}
	return -1;
}

int record_format(const struct record *record, char *text, size_t size, struct fail *f)
{
	text[0] = '\0';
	for (int i = 0; i < ROWS; i++)
		if (put_row(&rows[i], record, text, size) < 0)
			return fail(f, 0, "record of box %s: %s is empty or too long", record->box, rows[i].key);
	return 0;
}

static int take_groups(char *value, struct owner *owner)
{
	owner->group_count = 0;
	for (char *word; (word = strsep(&value, ",")) != NULL;) {
		uint64_t id;

		if (owner->group_count == OWNER_GROUPS || field_number(word, UINT32_MAX - 1, &id) < 0)
			return -1;
		owner->groups[owner->group_count++] = (gid_t)id;
	}
	return 0;
}

static int take_row(const struct row *row, char *value, struct record *record)
{
	char *at = (char *)record + row->at;
	uint32_t u32;
	uint64_t u64;

	switch (row->kind) {
	case TEXT:
		return (size_t)snprintf(at, row->limit, "%s", value) < row->limit && value[0] != '\0' ? 0 : -1;
	case U32:
		if (field_number(value, row->limit, &u64) < 0)
			return -1;
		u32 = (uint32_t)u64;
		memcpy(at, &u32, sizeof u32);
		return 0;
	case U64:
		if (field_number(value, row->limit, &u64) < 0)
			return -1;
		memcpy(at, &u64, sizeof u64);
		return 0;
	case GROUPS:
		return take_groups(value, &record->owner);
	}
	return -1;
}

int record_parse(char *text, struct record *record, struct fail *f)
{
	struct record r = { .number = 0 };

	/* The file is our own: the rows stand in their order, or somebody else wrote it. */
	for (int i = 0; i < ROWS; i++) {
		char *key, *value;

		if (field_next(&text, &key, &value) != 1)
			return fail(f, 0, "corrupt record: no good line %d (%s)", i + 1, rows[i].key);
		while (came_later(&rows[i]) && strcmp(key, rows[i].key) != 0)
			i++; /* the last row has always been there */
		if (strcmp(key, rows[i].key) != 0 || take_row(&rows[i], value, &r) < 0)
			return fail(f, 0, "corrupt record: no good line %d (%s)", i + 1, rows[i].key);
	}
	if (text[0] != '\0')
		return fail(f, 0, "corrupt record: more than %d lines", ROWS);
	if (r.pid < 2 || r.owner.uid == 0 || r.root_uid == 0)
		return fail(f, 0, "corrupt record: it names root or pid %d", r.pid);
	*record = r;
	return 0;
}

int record_write(int dir, const struct record *record, struct fail *f)
{
	char text[RECORD_TEXT], name[16], fresh[20];

	if (record_format(record, text, sizeof text, f) < 0)
		return -1;
	(void)snprintf(name, sizeof name, "%u", record->number);
	(void)snprintf(fresh, sizeof fresh, "new.%u", record->number);

	OWN_FD int fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0 || renameat(dir, fresh, dir, name) != 0) {
		int code = errno;

		(void)unlinkat(dir, fresh, 0);
		return fail(f, code, "write the record of box %s", record->box);
	}
	return 0;
}

int record_read(int dir, unsigned number, struct record *record, struct fail *f)
{
	char text[RECORD_TEXT], name[16];

	(void)snprintf(name, sizeof name, "%u", number);

	OWN_FD int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, sizeof text) < 0)
		return fail(f, errno, "read record %u", number);
	if (record_parse(text, record, f) < 0)
		return fail_in(f, "record %u", number);
	if (record->number != number)
		return fail(f, 0, "record %u: corrupt record: it is of box %s", number, record->box);
	return 0;
}

int record_describe(const struct record *r, const char *service, const char *from, char *line, size_t size)
{
	if (field_put(line, size, "box", r->box, ' ') < 0 || field_put(line, size, "user", r->owner.name, ' ') < 0 ||
	    field_put_number(line, size, "pid", (uint64_t)r->pid, ' ') < 0 ||
	    field_put_number(line, size, "created", r->created, ' ') < 0 ||
	    field_put(line, size, "service", service, ' ') < 0 || field_put(line, size, "from", from, ' ') < 0 ||
	    field_put(line, size, "network", r->network, ' ') < 0 ||
	    field_put(line, size, "address", r->address, ' ') < 0)
		return -1;
	return field_put(line, size, "ports", r->ports, ' ');
}

int record_remove(int dir, unsigned number, struct fail *f)
{
	char name[16];

	(void)snprintf(name, sizeof name, "%u", number);
	/* The record last: what is left with it is removed another time. */
	if (hopdir_remove(dir, number, f) < 0)
		return -1;
	if (unlinkat(dir, name, 0) != 0 && errno != ENOENT)
		return fail(f, errno, "remove record %u", number);
	told_remove(dir, number);
	logins_remove(dir, number);
	return 0;
}

static int by_number(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

int record_numbers(int dir, unsigned *numbers, int max, struct fail *f)
{
	int n = 0;
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* an offset of its own */
	DIR *list = copy >= 0 ? fdopendir(copy) : NULL;

	if (list == NULL) {
		int code = errno;

		fd_close(&copy);
		return fail(f, code, "list the records");
	}
	for (const struct dirent *d; n < max && (d = readdir(list)) != NULL;) {
		uint64_t number;

		if (field_number(d->d_name, 1000, &number) == 0 && number > 0)
			numbers[n++] = (unsigned)number;
	}
	(void)closedir(list);
	qsort(numbers, (size_t)n, sizeof *numbers, by_number);
	return n;
}
