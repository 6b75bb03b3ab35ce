/* SPDX-License-Identifier: MIT */
/* runs as: root. The host the tests log in to: its PAM files, users, helper and records, all in a namespace that ends with the test. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "tests/pam/login.h"

#define STACKS "/run/stacks"
#define HELPER "/run/nsbox-test-helper"

const char *stacks_directory(void)
{
	return STACKS;
}

static int copy(const char *from, const char *to, mode_t mode, const char *more, struct fail *f)
{
	OWN_FD int in = open(from, O_RDONLY | O_CLOEXEC);
	OWN_FD int out = open(to, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, mode);
	ssize_t put;

	if (in < 0 || out < 0)
		return fail(f, errno, "copy %s to %s", from, to);
	do
		put = sendfile(out, in, NULL, 1 << 20);
	while (put > 0);
	if (put < 0 || fd_write_all(out, more, strlen(more)) != 0 || fchmod(out, mode) != 0)
		return fail(f, errno, "copy %s to %s", from, to);
	return 0;
}

static int more_lines(const char *file, const char *lines, struct fail *f)
{
	char ours[64];

	(void)snprintf(ours, sizeof ours, "/run/%s", strrchr(file, '/') + 1);
	if (copy(file, ours, 0644, lines, f) != 0)
		return -1;
	return mount(ours, file, NULL, MS_BIND, NULL) == 0 ? 0 : fail(f, errno, "mount over %s", file);
}

static int empty_file(const char *path, struct fail *f)
{
	OWN_FD int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0664);

	return fd < 0 ? fail(f, errno, "create %s", path) : 0;
}

int own_host(struct fail *f)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return fail(f, errno, "private mount namespace (not root?)");
	if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0 ||
	    mount("tmpfs", "/var/log", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0)
		return fail(f, errno, "own /run and /var/log");
	if (mkdir(STACKS, 0755) != 0)
		return fail(f, errno, "create %s", STACKS);
	if (empty_file("/run/utmp", f) != 0 || empty_file("/var/log/wtmp", f) != 0)
		return -1;
	if (more_lines("/etc/passwd", "ada:x:4711:4711::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n", f) != 0)
		return -1;
	return more_lines("/etc/group", "ada:x:4711:\ncrew:x:4712:bob,ada\nothers:x:4713:bob\n", f);
}

int write_stacks(const struct login *how, struct fail *f)
{
	static const char *const services[] = { "sshd", "login", "su", "su-l", "cron", "atd", "other" };

	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		char path[64];
		FILE *file;

		(void)snprintf(path, sizeof path, STACKS "/%s", services[i]);
		file = fopen(path, "we");
		if (file == NULL)
			return fail(f, errno, "create %s", path);
		(void)fprintf(file, "account required pam_permit.so\n");
		for (int kind = 0; kind < 2; kind++) {
			const char *at = kind == 0 ? how->auth : how->session;

			/* "NSBOX" in a line is the module under test. */
			for (const char *mark; (mark = strstr(at, "NSBOX")) != NULL; at = mark + 5)
				(void)fprintf(file, "%.*s" TEST_MODULE, (int)(mark - at), at);
			(void)fprintf(file, "%s", at);
		}
		if (fclose(file) != 0)
			return fail(f, errno, "write %s", path);
	}
	return 0;
}

int put_helper(unsigned mode, unsigned owner, struct fail *f)
{
	remove_helper();
	if (copy(TEST_HELPER, HELPER, 0755, "", f) != 0)
		return -1;
	if (chown(HELPER, owner, 0) != 0 || chmod(HELPER, mode) != 0)
		return fail(f, errno, "chown %s", HELPER);
	return 0;
}

void remove_helper(void)
{
	(void)unlink(HELPER);
}
