/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. What a user's boxes have left on it. */
#include "tests/faults/left.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char *text, const char *format, ...)
{
	size_t used = strlen(text);
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text + used, LEFT - used, format, ap);
	va_end(ap);
}

static void add_mounts(char *text)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[4096], place[1024];

	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "%*s %*s %*s %*s %1023s", place) == 1)
			add(text, "mount %s\n", place);
	if (file != NULL)
		(void)fclose(file);
}

static void add_tree(char *text, const char *path, int depth);

static void add_entry(char *text, const char *path, const char *name, int depth)
{
	char whole[1024];
	struct stat st;

	(void)snprintf(whole, sizeof whole, "%s/%s", path, name);
	if (lstat(whole, &st) != 0)
		return;
	add(text, "file %s %o %u\n", whole, st.st_mode, st.st_uid);
	if (S_ISDIR(st.st_mode) && depth > 0)
		add_tree(text, whole, depth - 1);
}

static void add_tree(char *text, const char *path, int depth)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0)
			add_entry(text, path, names[i]->d_name, depth);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void add_matches(char *text, const char *what, const char *pattern)
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		add(text, "%s %s\n", what, found.gl_pathv[i]);
	globfree(&found);
}

/* The boxes of a user; the user's own cgroup, which costs nothing, may stay (cgroup_end_user). */
static void add_cgroups(char *text, uid_t uid)
{
	static const char *const places[] = { "/sys/fs/cgroup/nsbox", "/sys/fs/cgroup/nsbox.service", "/sys/fs/cgroup/*/nsbox",
					      "/sys/fs/cgroup/*/nsbox.service" };
	char pattern[128];

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		(void)snprintf(pattern, sizeof pattern, "%s/%u/[0-9]*", places[i], uid);
		add_matches(text, "cgroup", pattern);
	}
}

static void add_claims(char *text, uid_t uid)
{
	struct dirent **names;
	char path[300], target[64], user[16];
	int n = scandir("/run/nsbox/net", &names, NULL, alphasort);

	(void)snprintf(user, sizeof user, "%u/", uid);
	for (int i = 0; i < n; i++) {
		(void)snprintf(path, sizeof path, "/run/nsbox/net/%s", names[i]->d_name);

		ssize_t got = readlink(path, target, sizeof target - 1);

		target[got > 0 ? got : 0] = '\0';
		if (strncmp(target, user, strlen(user)) == 0)
			add(text, "address %s\n", names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* Links of boxes that have no address any more; others' come and go meanwhile. */
static void add_links(char *text)
{
	glob_t found;
	char path[300];

	if (glob("/sys/class/net/nsbox-[0-9]*", 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		(void)snprintf(path, sizeof path, "/run/nsbox/net/%s", strrchr(found.gl_pathv[i], '-') + 1);

		struct stat st;

		if (lstat(path, &st) != 0)
			add(text, "link %s\n", found.gl_pathv[i]);
	}
	globfree(&found);
}

void left_describe(uid_t uid, char text[LEFT])
{
	char path[64];

	text[0] = '\0';
	add_mounts(text);
	(void)snprintf(path, sizeof path, "/run/nsbox/%u", uid);
	add_tree(text, path, 4);
	(void)snprintf(path, sizeof path, "/var/lib/nsbox/%u", uid);
	add_tree(text, path, 5);
	add_cgroups(text, uid);
	add_claims(text, uid);
	add_links(text);
}

static bool has_line(const char *text, const char *line, size_t length)
{
	for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
		if ((at == text || at[-1] == '\n') && at[length] == '\n')
			return true;
	return false;
}

static void compare(const char *sign, const char *these, const char *those, char *what, size_t size)
{
	char line[1200];

	for (const char *at = these, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		size_t used = strlen(what);

		(void)snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
		if (!has_line(those, line, strlen(line)))
			(void)snprintf(what + used, size - used, "%s%s%s", used > 0 ? ", " : "", sign, line);
	}
}

void left_compare(const char *before, const char *after, char *what, size_t size)
{
	what[0] = '\0';
	compare("", after, before, what, size);
	compare("lost: ", before, after, what, size);
}
