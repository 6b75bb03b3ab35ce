/* SPDX-License-Identifier: MIT */
/* runs as: root. For harnesses: input in the forms in which programs get it, and what must hold whatever it is. */
#ifndef NSBOX_FUZZ_H
#define NSBOX_FUZZ_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fail.h"
#include "conf/fd.h"

/* libFuzzer's own two (its documentation, "Fuzz Target" and "Startup initialization"). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define HOLDS(condition)                                                                               \
	do {                                                                                           \
		if (!(condition)) {                                                                    \
			(void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                       \
		}                                                                                      \
	} while (0)

/* A string of its own, of just its size, so that whoever reads behind it is seen. It ends at the first NUL byte. */
static inline char *text_of(const uint8_t *data, size_t size)
{
	char *text = strndup(size > 0 ? (const char *)data : "", size);

	HOLDS(text != NULL);
	return text;
}

/* Takes the bytes up to the next NUL, or all, off the input, as a string. */
static inline char *next_text(const uint8_t **data, size_t *size)
{
	char *text = text_of(*data, *size);
	size_t used = strlen(text);

	used += used < *size;
	*data += used;
	*size -= used;
	return text;
}

/* Takes a number off the input; 0 at its end. */
static inline unsigned next_byte(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	--*size;
	return *(*data)++;
}

/* A file in memory, at its beginning, as only its owner may write it. */
static inline int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	HOLDS(fd >= 0 && fchmod(fd, 0600) == 0);
	HOLDS(pwrite(fd, data, size, 0) == (ssize_t)size);
	return fd;
}

/* A directory in memory that has no name anywhere, so that it is gone with the program, however that ends. */
static inline int own_directory(void)
{
	OWN_FD int tmpfs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int made;

	HOLDS(tmpfs >= 0 && fsconfig(tmpfs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0);
	made = fsmount(tmpfs, FSMOUNT_CLOEXEC, 0);
	HOLDS(made >= 0);
	return made;
}

static inline void put_file(int dir, const char *name, const void *data, size_t size)
{
	OWN_FD int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	HOLDS(fd >= 0 && fd_write_all(fd, data, size) == 0);
}

/* How many descriptors are open; those that are counted with stay the same. */
static inline unsigned count_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* What a terminal or a log gets: no controls of ASCII but the line feed, and none of C1 in UTF-8. */
static inline bool is_tame(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f ||
		    ((unsigned char)*text == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0))
			return false;
	return true;
}

/* Words for people from a step that failed: there are some, and they end. */
static inline bool is_said(const struct fail *f)
{
	return f->text[0] != '\0' && memchr(f->text, '\0', sizeof f->text) != NULL &&
	       memchr(f->plain, '\0', sizeof f->plain) != NULL;
}

#endif
