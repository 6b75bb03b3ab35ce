/* SPDX-License-Identifier: MIT */
/* runs as: root. /run/nsbox/UID/boxes: where each box of a user is reached from the others (helper/hop.h). */
#include "helper/hopdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/rundir.h"
#include "places.h"

/* Who hops in is let in by init one after the other; more than these at once are told to try again. */
enum { BACKLOG = 128, INFO_TEXT = 1024 };

/* Below a directory that is closed to all, so that its being open to all opens it to the owner's boxes alone. */
static int open_directory(int run, bool create, struct fail *f)
{
	return directory_of_root(run, "boxes", 0755, create, f);
}

/* bind(2) knows no directory to start from: the name is the whole path, which is root's all the way. */
static int bind_socket(int fd, int dir, const char *box, uid_t uid, struct fail *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if ((size_t)snprintf(address.sun_path, sizeof address.sun_path, NSBOX_RUN "/%u/boxes/%s", uid, box) >=
	    sizeof address.sun_path)
		return fail(f, ENAMETOOLONG, "name of the socket of box %s", box);
	if (unlinkat(dir, box, 0) != 0 && errno != ENOENT)
		return fail(f, errno, "remove the old socket of box %s", box);
	/* Nobody can connect before listen(2). */
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		return fail(f, errno, "bind the socket of box %s", box);
	return 0;
}

int hopdir_listen(int run, const char *box, const struct owner *owner, struct fail *f)
{
	OWN_FD int dir = open_directory(run, true, f);
	OWN_FD int fd = dir < 0 ? -1 : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (dir < 0)
		return -1;
	if (fd < 0)
		return fail(f, errno, "make the socket of box %s", box);
	if (bind_socket(fd, dir, box, owner->uid, f) < 0)
		return -1;
	if (fchmodat(dir, box, 0600, 0) != 0 ||
	    fchownat(dir, box, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) != 0 || listen(fd, BACKLOG) != 0)
		return fail(f, errno, "listen on the socket of box %s", box);
	return fd_give(&fd);
}

/* The name comes last, so that who sees the file sees all of it. */
int hopdir_note(int run, const struct record *record, struct fail *f)
{
	char text[INFO_TEXT] = "", name[WIRE_BOX + 8];
	OWN_FD int dir = open_directory(run, false, f);

	if (dir < 0)
		return -1;
	if (record_describe(record, record->service, record->from, text, sizeof text) < 0 ||
	    field_put(text, sizeof text, "state", "live", '\n') < 0)
		return fail(f, E2BIG, "the description of box %s", record->box);
	(void)snprintf(name, sizeof name, "%s.info", record->box);

	OWN_FD int fd = openat(dir, "new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0 || renameat(dir, "new", dir, name) != 0)
		return fail(f, errno, "write the description of box %s", record->box);
	return 0;
}

/* USER-N or USER-N.info, whoever USER is or was. */
static bool is_of(const char *name, unsigned number)
{
	char plain[16], info[24];
	const char *dash = strrchr(name, '-');

	(void)snprintf(plain, sizeof plain, "-%u", number);
	(void)snprintf(info, sizeof info, "-%u.info", number);
	return dash != NULL && (strcmp(dash, plain) == 0 || strcmp(dash, info) == 0);
}

int hopdir_remove(int run, unsigned number, struct fail *f)
{
	int dir = open_directory(run, false, f), done = 0;
	DIR *list = dir < 0 ? NULL : fdopendir(dir);

	if (list == NULL) {
		int code = dir < 0 ? f->code : errno;

		fd_close(&dir);
		return code == ENOENT ? 0 : fail(f, code, "list the sockets of boxes");
	}
	for (const struct dirent *d; (d = readdir(list)) != NULL;)
		if (is_of(d->d_name, number) && unlinkat(dir, d->d_name, 0) != 0)
			done = fail(f, errno, "remove the socket of box %s", d->d_name);
	(void)closedir(list);
	return done;
}
