/* SPDX-License-Identifier: MIT */
/* runs as: root. What the user of a box was told already: /run/nsbox/UID/N.told, beside the record N. */
#include "helper/told.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/rundir.h"

static const struct {
	const char *key;
	size_t at;
} rows[] = {
	{ "oom", offsetof(struct told, events.oom) },
	{ "pids", offsetof(struct told, events.pids) },
	{ "user_pids", offsetof(struct told, events.user_pids) },
	{ "begun", offsetof(struct told, begun) },
	{ "refused", offsetof(struct told, refused) },
	{ "line", offsetof(struct told, line) },
	{ "looked", offsetof(struct told, looked) },
	{ "pause", offsetof(struct told, pause) },
};

enum { QUIET_MS = 60000, PAUSE_MS = 2000, PAUSE_MOST_MS = 30000 };
enum { ROWS = sizeof rows / sizeof rows[0], TOLD_TEXT = ROWS * 32 };

static const char *name_of(unsigned number, char name[24])
{
	(void)snprintf(name, 24, "%u.told", number);
	return name;
}

static int parse(char *text, struct told *told)
{
	for (int i = 0; i < ROWS; i++) {
		char *key, *value;
		uint64_t number;

		if (field_next(&text, &key, &value) != 1 || strcmp(key, rows[i].key) != 0 ||
		    field_number(value, UINT64_MAX, &number) < 0)
			return -1;
		memcpy((char *)told + rows[i].at, &number, sizeof number);
	}
	return text[0] == '\0' ? 0 : -1;
}

int told_read(int run, unsigned number, struct told *told, struct fail *f)
{
	char text[TOLD_TEXT], name[24];
	struct told read = { .line = 0 };
	OWN_FD int fd = openat(run, name_of(number, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, sizeof text) < 0)
		return fail(f, errno, "read %s", name);
	if (parse(text, &read) < 0)
		return fail(f, EINVAL, "read %s", name);
	*told = read;
	return 0;
}

int told_write(int run, unsigned number, const struct told *told, int64_t deadline, struct fail *f)
{
	char text[TOLD_TEXT] = "", name[24], record[16];
	uint64_t value;

	for (int i = 0; i < ROWS; i++) {
		memcpy(&value, (const char *)told + rows[i].at, sizeof value);
		if (field_put_number(text, sizeof text, rows[i].key, value, '\n') < 0)
			return fail(f, ENOSPC, "write %s", name_of(number, name));
	}

	__attribute__((cleanup(rundir_unlock))) int lock = rundir_lock(run, deadline, f);

	if (lock < 0)
		return -1;
	/* Collected meanwhile: nobody would remove it. */
	(void)snprintf(record, sizeof record, "%u", number);
	if (faccessat(run, record, F_OK, 0) != 0)
		return fail(f, errno, "record %u", number);

	OWN_FD int fd = openat(run, name_of(number, name), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			       0600);

	return fd < 0 || fd_write_all(fd, text, strlen(text)) < 0 ? fail(f, errno, "write %s", name) : 0;
}

bool told_may_look(struct told *told, uint64_t now)
{
	if (told->looked == 0 || now - told->looked >= QUIET_MS)
		told->pause = 0;
	else if (now - told->looked < told->pause)
		return false;
	else
		told->pause = told->pause == 0 ? PAUSE_MS : told->pause * 2;
	if (told->pause > PAUSE_MOST_MS)
		told->pause = PAUSE_MOST_MS;
	told->looked = now;
	return true;
}

void told_remove(int run, unsigned number)
{
	char name[24];

	(void)unlinkat(run, name_of(number, name), 0); /* there is none for a box that ended at once */
}
