/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. What can be seen of another process. */
#include "tests/faults/look.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/faults/trace.h"

void look_image(pid_t pid, char *image, size_t size)
{
	char path[32], target[256];

	(void)snprintf(path, sizeof path, "/proc/%d/exe", pid);

	ssize_t n = readlink(path, target, sizeof target - 1);

	target[n > 0 ? n : 0] = '\0';

	const char *slash = strrchr(target, '/');

	(void)snprintf(image, size, "%.*s", (int)size - 1, slash != NULL ? slash + 1 : "?");
}

/* Is this namespace of the process another one than the host's? */
static bool is_apart(pid_t pid, const char *name)
{
	char its[48], ours[32];
	struct stat a, b;

	(void)snprintf(its, sizeof its, "/proc/%d/ns/%s", pid, name);
	(void)snprintf(ours, sizeof ours, "/proc/self/ns/%s", name);
	return stat(its, &a) == 0 && stat(ours, &b) == 0 && a.st_ino != b.st_ino;
}

static bool is_boxed(pid_t pid)
{
	static const char *const all[] = { "user", "mnt", "pid", "uts", "ipc", "net", "cgroup" };
	bool apart = true;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		apart = apart && is_apart(pid, all[i]);
	return apart;
}

/* A root with nothing in it, and no network. */
static bool is_in_dead_end(pid_t pid)
{
	char usr[32];
	struct stat st;

	(void)snprintf(usr, sizeof usr, "/proc/%d/root/usr", pid);
	return is_apart(pid, "mnt") && is_apart(pid, "net") && is_apart(pid, "ipc") && stat(usr, &st) != 0;
}

void look_command(pid_t pid, struct traced *t)
{
	if (is_boxed(pid))
		t->boxed++;
	else if (is_in_dead_end(pid))
		t->dead_ends++;
	else
		t->unboxed++;
}

void look_text(pid_t pid, uint64_t at, uint64_t length, char *text, size_t size)
{
	size_t used = strlen(text), room = size - used - 2;
	struct iovec to = { text + used, length < room ? length : room };
	struct iovec from = { (void *)(uintptr_t)at, to.iov_len };

	if (used + 2 >= size)
		return;

	ssize_t got = process_vm_readv(pid, &to, 1, &from, 1, 0);

	if (got <= 0)
		return;
	for (ssize_t i = 0; i < got; i++)
		if (text[used + (size_t)i] == '\0' || text[used + (size_t)i] == '\n')
			text[used + (size_t)i] = ' ';
	text[used + (size_t)got] = '\n';
	text[used + (size_t)got + 1] = '\0';
}

void look_pieces(pid_t pid, uint64_t at, uint64_t count, char *text, size_t size)
{
	struct iovec pieces[16];
	struct iovec to = { pieces, sizeof pieces };
	struct iovec from = { (void *)(uintptr_t)at, count < 16 ? count * sizeof pieces[0] : sizeof pieces };
	ssize_t got = process_vm_readv(pid, &to, 1, &from, 1, 0);

	for (size_t i = 0; got > 0 && i < (size_t)got / sizeof pieces[0]; i++)
		look_text(pid, (uint64_t)(uintptr_t)pieces[i].iov_base, pieces[i].iov_len, text, size);
}

void look_call(pid_t pid, char *text, size_t size)
{
	char path[32], line[64];

	(void)snprintf(path, sizeof path, "/proc/%d/syscall", pid);

	FILE *file = fopen(path, "re");
	bool in_call = file != NULL && fgets(line, sizeof line, file) != NULL && line[0] >= '0' && line[0] <= '9';

	(void)snprintf(text, size, " in %s", in_call ? call_name(strtol(line, NULL, 10)) : "?");
	if (file != NULL)
		(void)fclose(file);
}
