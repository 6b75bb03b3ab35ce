/* SPDX-License-Identifier: MIT */
/* runs as: root. Who is logged in to a box from outside: /run/nsbox/UID/N.logins, beside the record N. */
#include "helper/logins.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/process.h"

/*
 * The user's lock is too long in the hands of logins that open a box for `nssh` to wait for it. So the file has a
 * lock of its own, which nobody holds for longer than it takes to read and write it.
 */
enum { LOCK_MS = 500, LINE = 384 };

static const char *name_of(unsigned number, char name[24])
{
	(void)snprintf(name, 24, "%u.logins", number);
	return name;
}

static int open_locked(int run, unsigned number, int flags, int lock, struct fail *f)
{
	int64_t deadline = clock_ms() + LOCK_MS;
	char name[24];
	OWN_FD int fd = openat(run, name_of(number, name), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(f, errno, "open %s", name);
	while (flock(fd, lock | LOCK_NB) != 0)
		if ((errno != EWOULDBLOCK && errno != EINTR) || deadline_nap(deadline, 1) < 0)
			return fail(f, errno, "lock %s", name);
	return fd_give(&fd);
}

/* A word that fits, and is not the last thing before a second blank. */
static bool take_word(char **line, char *to, size_t size)
{
	const char *word = strsep(line, " ");

	return word != NULL && word[0] != '\0' && (size_t)snprintf(to, size, "%s", word) < size;
}

static bool take_number(char **line, uint64_t max, uint64_t *number)
{
	const char *word = strsep(line, " ");

	return word != NULL && field_number(word, max, number) == 0;
}

/* Strict: what is not such a line, to its end, is none. */
static bool parse(char *line, struct login *login)
{
	char *end = strchr(line, '\n');
	uint64_t pid;

	if (end == NULL)
		return false;
	*end = '\0';
	if (!take_number(&line, INT_MAX, &pid) || !take_number(&line, UINT64_MAX, &login->start) ||
	    !take_number(&line, UINT64_MAX, &login->at) || !take_word(&line, login->service, sizeof login->service) ||
	    !take_word(&line, login->from, sizeof login->from) || line != NULL || pid < 2)
		return false;
	login->pid = (pid_t)pid;
	return true;
}

/* The pidfd is asked last: what was read before is its process's if that one lives still. A zombie has ended. */
static bool lives(int proc, const struct login *login)
{
	struct fail ignored;
	uint64_t start;
	OWN_FD int pidfd = process_pidfd(login->pid, &ignored);

	return pidfd >= 0 && process_start(proc, login->pid, &start, &ignored) == 0 && start == login->start &&
	       !process_ended(pidfd);
}

/* To memory: what fails shows when that is closed. */
static void print(FILE *out, const struct login *login)
{
	(void)fprintf(out, "%d %llu %llu %s %s\n", login->pid, (unsigned long long)login->start,
		      (unsigned long long)login->at, login->service, login->from);
}

/* Counts those who live, and prints them to out if there is one. */
static int each_live(int proc, int fd, FILE *out, struct logins *logins, struct fail *f)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *in = copy < 0 ? NULL : fdopen(copy, "r");
	char line[LINE];
	struct login login;

	if (in == NULL) {
		int code = errno;

		fd_close(&copy);
		return fail(f, code, "read the logins");
	}
	while (fgets(line, sizeof line, in) != NULL) {
		if (!parse(line, &login) || !lives(proc, &login))
			continue;
		if (logins->count++ == 0 || login.at >= logins->newest.at)
			logins->newest = login;
		if (out != NULL)
			print(out, &login);
	}

	bool bad = ferror(in) != 0;

	(void)fclose(in);
	return bad ? fail(f, EIO, "read the logins") : 0;
}

/* Those who live, with the new one as the last. The text is the caller's. */
static char *text_with(int proc, int fd, const struct login *added, size_t *size, struct fail *f)
{
	struct logins logins = { .count = 0 };
	char *text = NULL;
	FILE *out = open_memstream(&text, size);
	int done = out == NULL ? fail(f, errno, "list the logins") : each_live(proc, fd, out, &logins, f);

	if (out != NULL)
		print(out, added);
	if (out != NULL && fclose(out) != 0)
		done = fail(f, ENOMEM, "list the logins");
	if (done == 0)
		return text;
	free(text);
	return NULL;
}

/* At the end of the file, or where somebody has gone in place of all of it. */
static int write_text(int fd, const char *text, size_t size, struct fail *f)
{
	const char *last = memrchr(text, '\n', size - 1);
	size_t kept = last != NULL ? (size_t)(last - text) + 1 : 0;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(f, errno, "look at the logins");
	if ((size_t)st.st_size == kept)
		return fd_write_all(fd, text + kept, size - kept) < 0 ? fail(f, errno, "note a login") : 0;
	return ftruncate(fd, 0) != 0 || fd_write_all(fd, text, size) < 0 ? fail(f, errno, "write the logins") : 0;
}

static int add(int proc, int run, unsigned number, const struct login *login, struct fail *f)
{
	OWN_FD int fd = open_locked(run, number, O_RDWR | O_CREAT | O_APPEND, LOCK_EX, f);
	size_t size = 0;
	char *text = fd < 0 ? NULL : text_with(proc, fd, login, &size, f);
	int done = text == NULL ? -1 : write_text(fd, text, size, f);

	free(text);
	return done;
}

int logins_add(int proc, int run, unsigned number, pid_t pid, const char *service, const char *from, bool first,
	       struct fail *f)
{
	struct login login = { .pid = pid, .at = (uint64_t)time(NULL) };
	char record[16];

	(void)snprintf(login.service, sizeof login.service, "%s", service);
	(void)snprintf(login.from, sizeof login.from, "%s", from);
	/* Whose parent is gone already has nobody who is logged in. */
	if (pid < 2)
		return fail(f, ESRCH, "note a login");
	if (process_start(proc, pid, &login.start, f) < 0)
		return -1;
	if (first)
		logins_remove(run, number);
	if (add(proc, run, number, &login, f) < 0)
		return -1;
	/* Collected meanwhile: nobody else would remove it. */
	(void)snprintf(record, sizeof record, "%u", number);
	if (faccessat(run, record, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	logins_remove(run, number);
	return fail(f, ENOENT, "record %u", number);
}

int logins_read(int proc, int run, unsigned number, struct logins *logins, struct fail *f)
{
	struct logins read = { .count = 0 };
	OWN_FD int fd = open_locked(run, number, O_RDONLY, LOCK_SH, f);

	if (fd < 0 || each_live(proc, fd, NULL, &read, f) < 0)
		return -1;
	*logins = read;
	return 0;
}

void logins_remove(int run, unsigned number)
{
	char name[24];

	(void)unlinkat(run, name_of(number, name), 0); /* there is none where the noting failed */
}
