/* SPDX-License-Identifier: MIT */
/* runs as: root. For tests: cmocka, a directory of its own for each test, a count of descriptors. */
#ifndef NSBOX_UNIT_H
#define NSBOX_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* the name is ours: conf/fail.h */
#define flunk(...) do { print_error(__VA_ARGS__); _fail(__FILE__, __LINE__); } while (0)

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"

/* The call must have worked, or the test shows what it said. */
#define GOOD(call) do { if ((call) < 0) flunk("%s: %s\n", #call, f.text); } while (0)

/* A directory of its own for each test, open, and flat. */
struct folder {
	char path[64];
	int dir;
};

static inline int folder_make(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);

	*state = folder;
	if (folder == NULL)
		return -1;
	(void)snprintf(folder->path, sizeof folder->path, "/tmp/nsbox-test-XXXXXX");
	if (mkdtemp(folder->path) == NULL) {
		free(folder);
		return -1;
	}
	folder->dir = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder->dir < 0 ? -1 : 0;
}

static inline int folder_remove(void **state)
{
	struct folder *folder = *state;
	DIR *list = fdopendir(folder->dir);

	if (list == NULL)
		return -1;
	rewinddir(list);
	for (const struct dirent *d; (d = readdir(list)) != NULL;)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
		    unlinkat(folder->dir, d->d_name, d->d_type == DT_DIR ? AT_REMOVEDIR : 0) != 0)
			return -1;
	(void)closedir(list);
	if (rmdir(folder->path) != 0)
		return -1;
	free(folder);
	return 0;
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

static inline int count_files(const char *path)
{
	DIR *list = opendir(path);
	int n = 0;

	assert_non_null(list);
	for (const struct dirent *d; (d = readdir(list)) != NULL;)
		n += d->d_name[0] != '.';
	assert_int_equal(closedir(list), 0);
	return n;
}

/* How many descriptors this process has open, one for the counting included. */
static inline int count_fds(void)
{
	return count_files("/proc/self/fd");
}

static inline void write_bytes(int dir, const char *name, const void *bytes, size_t size)
{
	OWN_FD int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes, size), 0);
}

static inline void write_text(int dir, const char *name, const char *text)
{
	write_bytes(dir, name, text, strlen(text));
}

/* Only root can do what the helper does. */
static inline int not_root(void)
{
	if (geteuid() == 0)
		return 0;
	(void)fputs("skipped: needs root\n", stderr);
	return 1;
}

#endif
