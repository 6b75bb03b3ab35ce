/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. What somebody in another box of the user's asks for. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fdpass.h"
#include "helper/hop/hop.h"

enum { REQUEST_MS = 5000, TTYS_ALL = 7 };

static unsigned count_stdio(uint32_t ttys)
{
	unsigned n = 3;

	for (unsigned fd = 0; fd <= 2; fd++)
		n -= (ttys >> fd) & 1U;
	return n;
}

static int check(const struct hop_request *r, unsigned fds, struct fail *f)
{
	unsigned wanted = r->kind == HOP_ENTER ? 1 + count_stdio(r->ttys) : 0;

	if (r->version != HOP_VERSION) {
		(void)fail(f, EPROTO, "a request of version %u", r->version);
		return fail_plain(f, "The two boxes are of different versions of nsbox; log in anew.");
	}
	if (r->ttys > TTYS_ALL || r->spare != 0 || r->words > HOP_TEXTS_MOST || fds != wanted)
		return fail(f, EPROTO, "a request that is none");
	return 0;
}

/* A file in memory alone is sure not to keep its reader waiting; only such a one has seals (fcntl(2)). */
static int read_texts(int fd, char **texts, size_t *size, struct fail *f)
{
	struct stat st;

	if (fcntl(fd, F_GET_SEALS) < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fail(f, EPROTO, "the texts of a request");
	if (st.st_size > HOP_TEXTS_MOST) {
		(void)fail(f, E2BIG, "the texts of a request");
		return fail_plain(f, "The command and its environment are too long.");
	}
	*texts = malloc((size_t)st.st_size + 1);
	if (*texts == NULL)
		return fail(f, errno, "make room for the texts of a request");

	ssize_t got = pread(fd, *texts, (size_t)st.st_size, 0);

	if (got < 0)
		return fail(f, errno, "read the texts of a request");
	*size = (size_t)got; /* whoever changes the file meanwhile gets what they get */
	(*texts)[got] = '\0';
	return 0;
}

static size_t count_texts(const char *texts, size_t size)
{
	size_t n = 0;

	for (size_t at = 0; at < size; at += strlen(texts + at) + 1)
		n++;
	return n;
}

/* One array for all: the words, an end, the environment, an end. */
static int split_texts(struct asked *a, size_t size, struct fail *f)
{
	size_t n = count_texts(a->texts, size), words = a->request.words;
	const char *at = a->texts;

	if (n < words + 1 || (size > 0 && a->texts[size - 1] != '\0'))
		return fail(f, EPROTO, "fewer texts than the request says");
	a->words = calloc(n + 1, sizeof *a->words);
	if (a->words == NULL)
		return fail(f, errno, "make room for the words of a request");
	for (size_t i = 0; i < n; i++, at += strlen(at) + 1) {
		if (i == words)
			a->directory = at; /* its place in the array is the end of the words */
		else
			a->words[i] = a->texts + (at - a->texts);
	}
	a->environment = a->words + words + 1;
	return 0;
}

static int take_texts(struct asked *a, int fd, struct fail *f)
{
	size_t size = 0;

	return read_texts(fd, &a->texts, &size, f) < 0 ? -1 : split_texts(a, size, f);
}

static void take_stdio(struct asked *a, int *fds)
{
	for (unsigned fd = 0; fd <= 2; fd++)
		if (((a->request.ttys >> fd) & 1U) == 0)
			a->stdio[fd] = fd_give(fds++);
}

int asked_receive(struct asked *a, struct fail *f)
{
	int fds[FDPASS_FDS], done;
	unsigned n;

	if (fdpass_receive(HOP_SOCKET, clock_ms() + REQUEST_MS, &a->request, sizeof a->request, fds, &n, f) < 0)
		return -1;
	done = check(&a->request, n, f);
	if (done == 0 && a->request.kind == HOP_ENTER) {
		done = take_texts(a, fds[0], f);
		take_stdio(a, fds + 1);
	}
	for (unsigned i = 0; i < n; i++)
		fd_close(&fds[i]);
	return done;
}

void asked_cleanup(struct asked *a)
{
	free(a->words);
	free(a->texts);
	for (int fd = 0; fd <= 2; fd++)
		fd_close(&a->stdio[fd]);
}
