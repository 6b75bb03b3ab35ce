/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. The live boxes of its owner, seen from within one of them. */
#include "shell/hop_boxes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "conf/fd.h"
#include "helper/hop.h"
#include "shell/list.h"

int hop_connect(const char *box, struct fail *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", HOP_DIR, box);
	OWN_FD int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || length < 0 || (size_t)length >= sizeof address.sun_path)
		return fail(f, fd < 0 ? errno : ENAMETOOLONG, "box %s", box);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd_give(&fd);
	if (errno == ENOENT || errno == ECONNREFUSED) {
		(void)fail(f, ESRCH, "box %s", box);
		return fail_plain(f, "You have no live box %s; `nssh -l` lists those you have.", box);
	}
	if (errno == EAGAIN) {
		(void)fail(f, EAGAIN, "box %s", box);
		return fail_plain(f, "Box %s does not keep up with those who want to get in; try again.", box);
	}
	return fail(f, errno, "box %s", box);
}

static bool takes_connections(const char *box)
{
	struct fail f = { 0 };
	OWN_FD int fd = hop_connect(box, &f);

	return fd >= 0 || f.code != ESRCH;
}

/* BOX.info: writes BOX, and returns true. */
static bool box_of(const char *file, char box[WIRE_BOX])
{
	static const char info[] = ".info";
	size_t length = strlen(file);

	if (length < sizeof info || strcmp(file + length - strlen(info), info) != 0)
		return false;
	return snprintf(box, WIRE_BOX, "%.*s", (int)(length - strlen(info)), file) < WIRE_BOX;
}

static int add(struct rows *rows, int directory, const char *file, bool asking, struct fail *f)
{
	char box[WIRE_BOX];
	int fd;

	if (!box_of(file, box) || (asking && !takes_connections(box)))
		return 0;
	fd = openat(directory, file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : fail(f, errno, "%s/%s", HOP_DIR, file); /* it has just ended */
	return rows_read(fd, rows, f);
}

/* By age; those of one second by their names, whose numbers grow. */
static int compare(const void *left, const void *right)
{
	char *const *a = ((const struct row *)left)->value;
	char *const *b = ((const struct row *)right)->value;
	long long at = a[L_SINCE] != NULL ? strtoll(a[L_SINCE], NULL, 10) : 0;
	long long bt = b[L_SINCE] != NULL ? strtoll(b[L_SINCE], NULL, 10) : 0;

	return at != bt ? (at > bt) - (at < bt) : strverscmp(a[L_BOX], b[L_BOX]);
}

int hop_boxes(struct rows *rows, bool asking, struct fail *f)
{
	DIR *directory = opendir(HOP_DIR);
	const struct dirent *file;
	int done = 0;

	if (directory == NULL)
		return errno == ENOENT ? 0 : fail(f, errno, "%s", HOP_DIR);
	while (done == 0 && (file = readdir(directory)) != NULL)
		done = add(rows, dirfd(directory), file->d_name, asking, f);
	(void)closedir(directory);
	if (done == 0 && rows->n > 1)
		qsort(rows->row, rows->n, sizeof *rows->row, compare);
	return done;
}

int hop_latest(const char *own, char box[WIRE_BOX], struct fail *f)
{
	OWN_ROWS struct rows rows = { .fields = list_fields, .count = LIST_FIELDS };

	if (hop_boxes(&rows, false, f) < 0)
		return -1;
	for (size_t left = rows.n; left > 0; left--) {
		const char *name = rows.row[left - 1].value[L_BOX];
		struct fail here = { 0 };
		int fd = strcmp(name, own) == 0 ? -1 : hop_connect(name, &here);

		(void)snprintf(box, WIRE_BOX, "%s", name);
		if (fd >= 0)
			return fd;
		if (here.code != 0 && here.code != ESRCH) {
			*f = here;
			return -1;
		}
	}
	(void)fail(f, ESRCH, "another box than %s", own);
	return fail_plain(f,
			  "You have no other live box than this one, %s; a new one is made by a new login, unless all"
			     " of yours share a box.", own);
}
