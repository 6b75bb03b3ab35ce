/* SPDX-License-Identifier: MIT */
/*
 * runs as: a user, in a box, in tests. Pries into every process that turns up there, as long as it is told to:
 * pry SECONDS. Prints a line for each that it got into while that was still nsbox's own program, and for each path it
 * was shown that is not of the box; at the end how often it was refused, and how often it got into a command.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int refused, admitted;

static bool is_ours(const char *pid)
{
	char path[300], name[32] = "";
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%s/comm", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, name, sizeof name - 1) < 0)
		name[0] = '\0';
	(void)close(fd);
	return strncmp(name, "nsbox-", 6) == 0 || strncmp(name, "sshd", 4) == 0;
}

/* ours: it was nsbox's before. If it still is, that must not have been possible. */
static void note(const char *pid, const char *what, bool ours, bool done)
{
	if (!done)
		refused += ours;
	else if (ours && is_ours(pid))
		(void)printf("got into %s: %s\n", pid, what);
	else
		admitted++;
}

static void pry_file(const char *pid, const char *what, bool ours)
{
	char path[300], byte;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%s/%s", pid, what);
	fd = open(path, O_RDONLY);
	/* environ and maps of who may not be looked at can be opened in some kernels, and read in none. */
	note(pid, what, ours, fd >= 0 && (strcmp(what, "mem") == 0 || read(fd, &byte, 1) == 1));
	(void)close(fd);
}

/* Is what path leads to on a mount that this mount namespace has? */
static bool is_of_the_box(const char *path)
{
	char line[4096];
	struct statx sx;
	bool found = false;

	if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_MNT_ID, &sx) != 0)
		return true; /* gone meanwhile */

	FILE *mounts = fopen("/proc/self/mountinfo", "re");

	while (mounts != NULL && !found && fgets(line, sizeof line, mounts) != NULL)
		found = strtoull(line, NULL, 10) == sx.stx_mnt_id;
	if (mounts != NULL)
		(void)fclose(mounts);
	return found;
}

/* Of descriptors only directories lead anywhere. */
static void pry_link(const char *pid, const char *what, bool ours)
{
	char path[300], to[4096];
	ssize_t n;
	struct stat st;

	(void)snprintf(path, sizeof path, "/proc/%s/%s", pid, what);
	n = readlink(path, to, sizeof to - 1);
	note(pid, what, ours, n >= 0);
	if (n < 0 || stat(path, &st) != 0 || (strncmp(what, "fd/", 3) == 0 && !S_ISDIR(st.st_mode)))
		return;
	to[n] = '\0';
	if (!is_of_the_box(path))
		(void)printf("shown by %s: %s is %s\n", pid, what, to);
}

static void pry_fds(const char *pid, bool ours)
{
	char path[300];
	DIR *list;

	(void)snprintf(path, sizeof path, "/proc/%s/fd", pid);
	list = opendir(path);
	note(pid, "fd", ours, list != NULL);
	for (const struct dirent *d; list != NULL && (d = readdir(list)) != NULL;) {
		(void)snprintf(path, sizeof path, "fd/%s", d->d_name);
		if (isdigit((unsigned char)d->d_name[0]) && atoi(d->d_name) < 1000)
			pry_link(pid, path, ours);
	}
	if (list != NULL)
		(void)closedir(list);
}

static void pry_trace(const char *pid, bool ours)
{
	bool done = ptrace(PTRACE_SEIZE, atoi(pid), NULL, NULL) == 0;
	int status;

	note(pid, "ptrace", ours, done);
	if (!done)
		return;
	(void)ptrace(PTRACE_INTERRUPT, atoi(pid), NULL, NULL);
	if (waitpid(atoi(pid), &status, __WALL) > 0 && WIFSTOPPED(status))
		(void)ptrace(PTRACE_DETACH, atoi(pid), NULL, NULL);
}

static void pry(const char *pid)
{
	static const char *const files[] = { "mem", "environ", "maps", "auxv", "io" };
	static const char *const links[] = { "cwd", "root", "exe" };
	bool ours = is_ours(pid);

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		pry_file(pid, files[i], ours);
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
		pry_link(pid, links[i], ours);
	pry_fds(pid, ours);
	if (ours)
		pry_trace(pid, ours);
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 1);
	DIR *proc = opendir("/proc");

	while (proc != NULL && time(NULL) < end) {
		rewinddir(proc);
		for (const struct dirent *d; (d = readdir(proc)) != NULL;)
			if (isdigit((unsigned char)d->d_name[0]) && atoi(d->d_name) != getpid())
				pry(d->d_name);
	}
	(void)printf("refused %d, admitted %d\n", refused, admitted);
	return 0;
}
