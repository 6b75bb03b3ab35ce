/* SPDX-License-Identifier: MIT */
/* runs as: root. /proc/self/mountinfo, line by line. */
#include "helper/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"

enum { MOUNTINFO_MOST = 16 << 20 };

char *mountinfo_read(int proc, struct fail *f)
{
	OWN_FD int fd = openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		(void)fail(f, errno, "open /proc/self/mountinfo");
		return NULL;
	}
	/* Its size is not known before it is read: start with what most hosts need. */
	for (size_t size = 32768; size <= MOUNTINFO_MOST; size *= 2) {
		char *text = malloc(size);

		if (text != NULL && fd_read_text(fd, text, size) >= 0)
			return text;

		int code = errno;

		free(text);
		if (code != EFBIG) {
			(void)fail(f, code, "read /proc/self/mountinfo");
			return NULL;
		}
	}
	(void)fail(f, EFBIG, "read /proc/self/mountinfo");
	return NULL;
}

static int octal(const char *s)
{
	int n = 0;

	for (int i = 0; i < 3; i++) {
		if (s[i] < '0' || s[i] > '7')
			return -1;
		n = n * 8 + (s[i] - '0');
	}
	return n > 0 && n < 256 ? n : -1;
}

static int unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (*s != '\\') {
			*to++ = *s;
			continue;
		}

		int byte = octal(s + 1);

		if (byte < 0)
			return -1;
		*to++ = (char)byte;
		s += 3;
	}
	*to = '\0';
	return 0;
}

int mountinfo_next(char **text, struct mount_entry *entry, struct fail *f)
{
	char *line = *text, *end = strchr(line, '\n'), *word[6], *tail;
	int n = 0;

	if (line[0] == '\0')
		return 0;
	if (end == NULL)
		return fail(f, 0, "mountinfo: the last line is cut");
	*end = '\0';
	*text = end + 1;
	/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE SUPER-OPTIONS */
	tail = strstr(line, " - ");
	if (tail == NULL)
		return fail(f, 0, "mountinfo: a line without separator");
	*tail = '\0';
	tail += 3;
	for (char *w; n < 6 && (w = strsep(&line, " ")) != NULL;)
		word[n++] = w;
	if (n < 6)
		return fail(f, 0, "mountinfo: a line with %d fields", n);
	entry->id = atoi(word[0]);
	entry->parent = atoi(word[1]);
	entry->root = word[3];
	entry->point = word[4];
	entry->type = strsep(&tail, " ");
	(void)strsep(&tail, " "); /* the source, which names nothing we use */
	entry->options = tail;
	if (tail == NULL || unescape(entry->root) < 0 || unescape(entry->point) < 0)
		return fail(f, 0, "mountinfo: a line that cannot be read");
	return 1;
}
