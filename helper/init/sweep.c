/* SPDX-License-Identifier: MIT */
/* runs as: root, on the host, one for each box. Waits for the box's init and has its remains collected. */

/*
 * nsbox-sweep UID NUMBER. It is the parent of init and there is little else it knows: it waits, and then becomes
 * `nsbox-helper gc UID`. If it is killed the next open of the user collects instead. Meanwhile it watches what the
 * kernel counts against the box: when a process was killed for want of memory, or could not be made, it has
 * `nsbox-helper tell UID NUMBER` find out and say so.
 */
#include "helper/init/sweep.h"

#include "helper/init/sys.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "places.h"

enum {
	FDS = SWEEP_END - SWEEP_INIT,
	TELL_MS = 1000, /* between two helpers: a fork bomb must not become a stream of them */
	LOOK_MS = 100,  /* between two looks: memory.events counts every reclaim, too */
	IDLE_MS = 2000, /* before a look without being asked to, where the kernel does not ask */
};

static const unsigned long forever = ULONG_MAX; /* milliseconds */

static long block_signals(uint64_t mask)
{
	return sys(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0);
}

/* The number behind word at the start of a line of text. */
static unsigned long count_in(const char *text, const char *word)
{
	unsigned long count = 0;

	while (*text != '\0') {
		const char *w = word;

		for (; *w != '\0' && *text == *w; w++)
			text++;
		for (; *w == '\0' && *text >= '0' && *text <= '9'; text++)
			count = count * 10 + ((unsigned long)*text - '0');
		while (*text != '\0' && *text++ != '\n')
			;
	}
	return count;
}

/* Reading is also what makes the kernel report the next change. *fd is -1 when its cgroup is gone. */
static bool has_news(int *fd, unsigned long *seen)
{
	char text[512];

	(void)sys(SYS_lseek, *fd, 0, SEEK_SET, 0, 0);

	long got = sys(SYS_read, *fd, (long)text, sizeof text - 1, 0, 0);

	if (got == -EAGAIN)
		return false;
	if (got <= 0) {
		*fd = -1;
		return false;
	}
	if (*fd == SWEEP_OOM)
		return true;
	text[got] = '\0';

	unsigned long count = count_in(text, *fd == SWEEP_MEMORY ? "oom_kill " : "max ");
	bool news = count != *seen;

	*seen = count;
	return news;
}

static bool look(struct pollfd *fds, unsigned long *seen)
{
	bool news = false;

	for (int i = 1; i < FDS; i++)
		if (fds[i].fd >= 0 && has_news(&fds[i].fd, &seen[i]))
			news = true;
	return news;
}

static void become_helper(const char *request, const char *uid, const char *number)
{
	const char *words[] = { "nsbox-helper", request, uid, number, (char *)0 };
	const char *none[] = { (char *)0 };

	if (block_signals(0) == 0)
		(void)sys(SYS_execve, (long)NSBOX_HELPER, (long)words, (long)none, 0, 0);
	sys_exit(1);
}

/* Returns the pid, or below zero. */
static long start_teller(const char *uid, const char *number)
{
	long pid = sys(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		become_helper("tell", uid, number);
	return pid;
}

static long wait_for(struct pollfd *fds, unsigned long count, unsigned long milliseconds)
{
	struct timespec end = { (long)(milliseconds / 1000), (long)(milliseconds % 1000 * 1000000) };

	return sys(SYS_ppoll, (long)fds, (long)count, milliseconds == forever ? 0 : (long)&end, 0, 0);
}

/*
 * cgroup v1 counts what it refused, but from Linux 6.11 on wakes nobody who waits for pids.events there (it notifies
 * another file); v1 is what has no file of the user's.
 */
static unsigned long idle_ms(const struct pollfd *fds)
{
	bool v1 = fds[SWEEP_PIDS - SWEEP_INIT].fd >= 0 && fds[SWEEP_USER_PIDS - SWEEP_INIT].fd < 0;

	return v1 ? IDLE_MS : forever;
}

/* Until init has ended, or cannot be waited for in this way. */
static void watch(struct pollfd *fds, unsigned long *seen, const char *uid, const char *number)
{
	unsigned long rest = 0;
	long teller = 0;

	while (wait_for(fds, rest > 0 ? 1 : FDS, rest > 0 ? rest : idle_ms(fds)) >= 0 && fds[0].revents == 0) {
		if (teller > 0 && sys(SYS_wait4, teller, 0, WNOHANG, 0, 0) == 0)
			continue; /* as long again */
		teller = 0;
		if (rest > 0) {
			rest = 0;
		} else {
			rest = LOOK_MS;
			if (look(fds, seen)) {
				teller = start_teller(uid, number);
				rest = TELL_MS;
			}
		}
	}
	if (teller > 0)
		(void)sys(SYS_wait4, teller, 0, 0, 0, 0);
}

/* __WALL: init may have been cloned without a signal for its parent. */
static void wait_for_children(void)
{
	long result;

	do
		result = sys(SYS_waitid, P_ALL, 0, 0, WEXITED | __WALL, 0);
	while (result == 0 || result == -EINTR);
}

void start(const long *stack)
{
	struct pollfd fds[FDS];
	unsigned long seen[FDS];

	if (arg_count(stack) != 3)
		sys_exit(2);
	if (block_signals(UINT64_MAX) != 0)
		sys_exit(1);
	for (int i = 0; i < FDS; i++) {
		/* A file of a cgroup is always ready to be read; POLLPRI says that it has changed. */
		fds[i] = (struct pollfd){ SWEEP_INIT + i, SWEEP_INIT + i <= SWEEP_OOM ? POLLIN : POLLPRI, 0 };
		seen[i] = 0;
	}
	watch(fds, seen, arg(stack, 1), arg(stack, 2));
	/* What was killed with the box's last processes; the record is there until it is collected. */
	if (look(fds, seen))
		(void)start_teller(arg(stack, 1), arg(stack, 2));
	wait_for_children();
	become_helper("gc", arg(stack, 1), (char *)0);
	sys_exit(1);
}
