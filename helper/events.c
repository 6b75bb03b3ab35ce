/* SPDX-License-Identifier: MIT */
/* runs as: root. What the kernel counts against a box: processes killed for want of memory, and refused. */
#include "helper/events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/cgroup.h"
#include "helper/counts.h"
#include "helper/fields.h"

enum { EVENTS_TEXT = 1024 };

/* The file of the counters; v1 counts OOM kills where it lets one forbid them. */
static const char *memory_file(const struct cgroups *all)
{
	return all->v2 ? "memory.events" : "memory.oom_control";
}

static int open_file(const struct cgroups *all, uid_t uid, unsigned number, enum controller controller,
		     const char *file, int *fd, struct fail *f)
{
	*fd = cgroup_file(all, uid, number, controller, file, O_RDONLY);
	return *fd < 0 && errno != ENOENT ? fail(f, errno, "open %s of box %u", file, number) : 0;
}

/* v1: an eventfd that the kernel counts up (memory.rst, "OOM Control"). It needs its file open for a moment only. */
static int open_oom(const struct cgroups *all, uid_t uid, unsigned number, int *event, struct fail *f)
{
	OWN_FD int made = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	OWN_FD int file = cgroup_file(all, uid, number, C_MEMORY, memory_file(all), O_RDONLY);
	OWN_FD int control = cgroup_file(all, uid, number, C_MEMORY, "cgroup.event_control", O_WRONLY);
	char words[32];

	if (file < 0 || control < 0)
		return errno == ENOENT ? 0 : fail(f, errno, "open %s of box %u", memory_file(all), number);
	(void)snprintf(words, sizeof words, "%d %d", made, file);
	if (made < 0 || fd_write_all(control, words, strlen(words)) < 0)
		return fail(f, errno, "ask for news of %s of box %u", memory_file(all), number);
	*event = fd_give(&made);
	return 0;
}

int events_open(const struct cgroups *all, uid_t uid, unsigned number, int fds[SWEEP_END], struct fail *f)
{
	if (!all->v2 && open_oom(all, uid, number, &fds[SWEEP_OOM], f) < 0)
		return -1;
	if (all->v2 &&
	    (open_file(all, uid, number, C_MEMORY, memory_file(all), &fds[SWEEP_MEMORY], f) < 0 ||
	     open_file(all, uid, 0, C_PIDS, "pids.events", &fds[SWEEP_USER_PIDS], f) < 0))
		return -1;
	return open_file(all, uid, number, C_PIDS, "pids.events", &fds[SWEEP_PIDS], f);
}

uint64_t events_number(const char *text, const char *key)
{
	const char *at = count_find(text, key);
	char digits[24];
	uint64_t number;

	if (at == NULL)
		return 0;
	(void)snprintf(digits, sizeof digits, "%.*s", (int)strcspn(at, "\n"), at);
	return field_number(digits, UINT64_MAX, &number) == 0 ? number : 0;
}

static int count(const struct cgroups *all, uid_t uid, unsigned number, enum controller controller, const char *file,
		 const char *key, uint64_t *n, struct fail *f)
{
	char text[EVENTS_TEXT] = "";

	if (cgroup_read(all, uid, number, controller, file, text, sizeof text, f) < 0)
		return -1;
	*n = events_number(text, key);
	return 0;
}

int events_count(const struct cgroups *all, uid_t uid, unsigned number, struct events *events, struct fail *f)
{
	struct events now = { 0 };

	if (count(all, uid, number, C_MEMORY, memory_file(all), "oom_kill", &now.oom, f) < 0 ||
	    count(all, uid, number, C_PIDS, "pids.events", "max", &now.pids, f) < 0 ||
	    (all->v2 && count(all, uid, 0, C_PIDS, "pids.events", "max", &now.user_pids, f) < 0))
		return -1;
	*events = now;
	return 0;
}
