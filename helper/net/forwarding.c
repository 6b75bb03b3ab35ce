/* SPDX-License-Identifier: MIT */
/* runs as: root. The host forwards what boxes send: net.ipv4.ip_forward, net.ipv6.conf.all.forwarding. */
#include "helper/net/forwarding.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"

static const char path_4[] = "sys/net/ipv4/ip_forward";
static const char path_6[] = "sys/net/ipv6/conf/all/forwarding";

/* These files are a few bytes, and a read from the start has all of them. */
static int read_byte(int at, const char *path, char *byte, struct fail *f)
{
	OWN_FD int fd = openat(at, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, byte, 1) != 1)
		return fail(f, errno, "read /proc/%s", path);
	return 0;
}

static int write_byte(int at, const char *path, char byte, struct fail *f)
{
	OWN_FD int fd = openat(at, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, &byte, 1) != 1)
		return fail(f, errno, "write /proc/%s", path);
	return 0;
}

bool forwarding_has_6(int proc)
{
	struct fail ignored;
	char byte;

	/* What a new interface begins with, as the bridge does. */
	return read_byte(proc, "sys/net/ipv6/conf/default/disable_ipv6", &byte, &ignored) == 0 && byte == '0';
}

static int keep_advertisements(int proc, struct fail *f)
{
	DIR *list = NULL;
	OWN_FD int all = openat(proc, "sys/net/ipv6/conf", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int done = 0, at = all < 0 ? -1 : fcntl(all, F_DUPFD_CLOEXEC, 0);
	char path[300], byte;

	list = at < 0 ? NULL : fdopendir(at);
	if (list == NULL) {
		int code = errno;

		fd_close(&at);
		return fail(f, code, "list /proc/sys/net/ipv6/conf");
	}
	for (const struct dirent *d; done == 0 && (d = readdir(list)) != NULL;) {
		/* "all" would be copied to every interface. */
		if (d->d_name[0] == '.' || strcmp(d->d_name, "all") == 0)
			continue;
		(void)snprintf(path, sizeof path, "%s/accept_ra", d->d_name);
		/* An interface that has gone meanwhile needs nothing. */
		if (read_byte(all, path, &byte, f) == 0 && byte == '1')
			done = write_byte(all, path, '2', f);
	}
	(void)closedir(list);
	return done;
}

static int is_off(int proc, const char *path, bool *off, struct fail *f)
{
	char byte;

	if (read_byte(proc, path, &byte, f) < 0)
		return -1;
	*off = byte == '0';
	return 0;
}

int forwarding_is_off(int proc, bool *off_4, bool *off_6, struct fail *f)
{
	*off_6 = false;
	if (is_off(proc, path_4, off_4, f) < 0)
		return -1;
	return forwarding_has_6(proc) ? is_off(proc, path_6, off_6, f) : 0;
}

int forwarding_on(int proc, struct fail *f)
{
	bool off_4, off_6;

	/* What is on is not written again: that would undo what was set for one interface. */
	if (forwarding_is_off(proc, &off_4, &off_6, f) < 0 || (off_4 && write_byte(proc, path_4, '1', f) < 0))
		return -1;
	if (!off_6)
		return 0;
	/* A host that forwarded before did so without advertisements, unless told otherwise. */
	return keep_advertisements(proc, f) < 0 ? -1 : write_byte(proc, path_6, '1', f);
}

int forwarding_off(int proc, bool switched_4, bool switched_6, struct fail *f)
{
	if (switched_4 && write_byte(proc, path_4, '0', f) < 0)
		return -1;
	return switched_6 && forwarding_has_6(proc) ? write_byte(proc, path_6, '0', f) : 0;
}
