/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd's monitor. The host's own record of a boxed login, for who(1) and last(1). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "conf/fd.h"
#include "pam_module/module.h"

/*
 * Not written with pututxline(3), for three reasons. At logout the monitor sees the box's files at the usual
 * paths, and utmpname(3) would change where sshd itself writes next. It arms an alarm of 10 s inside sshd. And our
 * lines are never the same twice (every box has a pts/0), so that it would never find one to write over, and utmp
 * would grow with every login until the next boot: here the place of a login that is over is used again. The format
 * and the locks (POSIX record locks on the whole file) are those of glibc, whose programs read it.
 *
 * What is kept open are the directories, not the files: wtmp is rotated under a long session.
 */

/* Everyone may read utmp, and so lock it for ever: a login does not wait for that longer than this. */
enum { LOCK_MS = 1000 };

static int open_directory(const char *file)
{
	char path[64];
	size_t length = (size_t)(strrchr(file, '/') - file);

	if (length >= sizeof path)
		return -1;
	memcpy(path, file, length);
	path[length] = '\0';
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static const char *base_name(const char *file)
{
	return strrchr(file, '/') + 1;
}

void record_prepare(struct login_record *r)
{
	record_drop(r);
	/* A directory that is not there is a host that keeps no such file. */
	r->run = open_directory(_PATH_UTMP);
	r->log = open_directory(_PATH_WTMP);
}

void record_drop(struct login_record *r)
{
	fd_close(&r->run);
	fd_close(&r->log);
}

/*
 * Opens and locks; the lock goes with the fd (of the open file, as fork and dup share it). -1 with f->code ENOENT if
 * the host has no such file.
 */
static int open_locked(int directory, const char *file, struct fail *f)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int64_t deadline = clock_ms() + LOCK_MS;
	OWN_FD int fd = -1;

	if (directory < 0)
		return fail(f, ENOENT, "open %s", file);
	fd = openat(directory, base_name(file), O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fail(f, errno, "open %s", file);
	while (fcntl(fd, F_OFD_SETLK, &whole) != 0)
		if ((errno != EAGAIN && errno != EACCES && errno != EINTR) || deadline_nap(deadline, 20) != 0)
			return fail(f, errno, "lock %s", file);
	return fd_give(&fd);
}

/* Is this one of our records? They alone have no id, and a line that ends in their own pid. */
static bool is_ours(const struct utmpx *e)
{
	char line[sizeof e->ut_line + 1] = { 0 };
	char pid[16];
	const char *dot;

	memcpy(line, e->ut_line, sizeof e->ut_line);
	dot = strrchr(line, '.');
	(void)snprintf(pid, sizeof pid, "%ld", (long)e->ut_pid);
	return e->ut_id[0] == '\0' && dot != NULL && strcmp(dot + 1, pid) == 0;
}

/* Over, or left by a monitor that was killed. */
static bool is_over(const struct utmpx *e)
{
	if (e->ut_type == DEAD_PROCESS)
		return true;
	return e->ut_type == USER_PROCESS && kill(e->ut_pid, 0) != 0 && errno == ESRCH;
}

/* Where in utmp the record goes: on our own line, else in the place of one that is over, else at the end. */
static off_t place_in(int fd, const struct utmpx *mine)
{
	struct utmpx e;
	off_t at = 0, reuse = -1;

	for (; pread(fd, &e, sizeof e, at) == (ssize_t)sizeof e; at += (off_t)sizeof e) {
		if (!is_ours(&e))
			continue;
		if (strncmp(e.ut_line, mine->ut_line, sizeof e.ut_line) == 0)
			return at;
		if (reuse < 0 && is_over(&e))
			reuse = at;
	}
	return reuse >= 0 ? reuse : at;
}

static int write_at(int fd, const struct utmpx *e, off_t at, const char *file, struct fail *f)
{
	ssize_t put = pwrite(fd, e, sizeof *e, at);

	if (put == (ssize_t)sizeof *e)
		return 0;
	int error = put < 0 ? errno : ENOSPC;

	struct stat st;

	/* Half a record at the end would shift all that are written after it. */
	if (put > 0 && fstat(fd, &st) == 0 && st.st_size == at + put && ftruncate(fd, at) != 0)
		return fail(f, errno, "undo half a record of %s", file);
	return fail(f, error, "write %s", file);
}

static int write_utmp(const struct login_record *r, struct fail *f)
{
	OWN_FD int fd = open_locked(r->run, _PATH_UTMP, f);

	if (fd < 0)
		return f->code == ENOENT ? 0 : -1;
	return write_at(fd, &r->entry, place_in(fd, &r->entry), _PATH_UTMP, f);
}

static int write_wtmp(const struct login_record *r, struct fail *f)
{
	OWN_FD int fd = open_locked(r->log, _PATH_WTMP, f);
	struct stat st;

	if (fd < 0)
		return f->code == ENOENT ? 0 : -1;
	if (fstat(fd, &st) != 0)
		return fail(f, errno, "stat %s", _PATH_WTMP);
	/* A torn record at the end, from whomever, is written over: as glibc does. */
	return write_at(fd, &r->entry, st.st_size - st.st_size % (off_t)sizeof r->entry, _PATH_WTMP, f);
}

/* Both are tried, whatever happens to the first. */
static int write_both(const struct login_record *r, struct fail *f)
{
	struct fail second = { 0 };
	int utmp = write_utmp(r, f);
	int wtmp = write_wtmp(r, utmp == 0 ? f : &second);

	return utmp == 0 && wtmp == 0 ? 0 : -1;
}

/* The members of utmp are filled to the brim and need no end; what does not fit is cut. */
static void put_text(char *member, size_t size, const char *text)
{
	size_t length = strlen(text);

	memcpy(member, text, length < size ? length : size);
}

static void put_time(struct utmpx *e)
{
	struct timeval now;

	(void)gettimeofday(&now, NULL);
	/* 32 bits wide in the file, on every architecture of glibc's. */
	e->ut_tv.tv_sec = (__typeof__(e->ut_tv.tv_sec))now.tv_sec;
	e->ut_tv.tv_usec = (__typeof__(e->ut_tv.tv_usec))now.tv_usec;
}

/* "ada-1.4711": the box, and the monitor's pid, which makes it unique. The end is what must survive. */
static void put_line(struct utmpx *e, const char *box)
{
	char line[WIRE_BOX + 16];
	size_t most = sizeof e->ut_line - 1;
	int length = snprintf(line, sizeof line, "%s.%ld", box, (long)e->ut_pid);
	size_t cut = length > (int)most ? (size_t)length - most : 0;

	put_text(e->ut_line, most, line + cut);
}

static void put_host(struct utmpx *e, const char *rhost)
{
	if (strcmp(rhost, "-") == 0)
		return;
	put_text(e->ut_host, sizeof e->ut_host, rhost);
	/* A name instead of an address leaves this at 0, which is what readers take for unknown. */
	if (inet_pton(AF_INET, rhost, &e->ut_addr_v6[0]) != 1)
		(void)inet_pton(AF_INET6, rhost, e->ut_addr_v6);
}

int record_login(struct login_record *r, const char *box, const char *user, const char *rhost, struct fail *f)
{
	struct utmpx *e = &r->entry;

	memset(e, 0, sizeof *e);
	e->ut_type = USER_PROCESS;
	e->ut_pid = getpid();
	put_line(e, box);
	put_text(e->ut_user, sizeof e->ut_user, user);
	put_host(e, rhost);
	put_time(e);
	return write_both(r, f);
}

int record_logout(struct login_record *r, struct fail *f)
{
	struct utmpx *e = &r->entry;

	/* Line and pid stay: by the line last(1) finds the login that belongs to it. */
	e->ut_type = DEAD_PROCESS;
	memset(e->ut_user, 0, sizeof e->ut_user);
	memset(e->ut_host, 0, sizeof e->ut_host);
	memset(e->ut_addr_v6, 0, sizeof e->ut_addr_v6);
	put_time(e);
	return write_both(r, f);
}
