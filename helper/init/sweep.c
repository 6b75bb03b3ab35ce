/* SPDX-License-Identifier: MIT */
/* runs as: root, on the host, one for each box. Waits for the box's init and has its remains collected. */

/*
 * nsbox-sweep UID NUMBER. It is the parent of init and there is little else it knows: it waits, and then becomes
 * `nsbox-helper gc UID`. If it is killed the next open of the user collects instead. Meanwhile it watches what the
 * kernel counts against the box: when a process was killed for want of memory, or could not be made, it has
 * `nsbox-helper tell UID NUMBER` find out and say so. And it counts what the box's init and its hops write, for
 * `nsbox-helper news UID NUMBER HOPS RESET`.
 */
#include "helper/init/sweep.h"

#include "helper/init/clock.h"
#include "helper/init/powerless.h"
#include "helper/init/start.h"
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
	NEWS = SWEEP_NEWS - SWEEP_INIT,
	TELL_MS = 1000, /* between two helpers: a fork bomb must not become a stream of them */
	LOOK_MS = 100,  /* between two looks: memory.events counts every reclaim, too */
	IDLE_MS = 2000, /* before a look without being asked to, where the kernel does not ask */
	HEAR_MOST = 65536, /* bytes at a time: as much as the pipe holds */
};

/* What there is to pass on. */
struct news {
	unsigned long hops;
	bool reset, alone;
};

struct sweep {
	struct pollfd fds[FDS];
	unsigned long seen[FDS]; /* the counts of cgroups */
	struct news news;
	const char *uid, *number;
};

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

static bool look(struct sweep *s)
{
	bool news = false;

	for (int i = 1; i < NEWS; i++)
		if (s->fds[i].fd >= 0 && has_news(&s->fds[i].fd, &s->seen[i]))
			news = true;
	return news;
}

/* The owner can write to the pipe whatever they like, and without a pause: it is read in portions. */
static void hear(struct sweep *s)
{
	char bytes[512];
	long got = 1;

	for (unsigned long all = 0; s->fds[NEWS].fd >= 0 && got > 0 && all < HEAR_MOST; all += (unsigned long)got) {
		got = sys(SYS_read, SWEEP_NEWS, (long)bytes, sizeof bytes, 0, 0);
		for (long i = 0; i < got; i++) {
			if (bytes[i] == NEWS_HOP)
				s->news.hops++;
			s->news.reset = s->news.reset || bytes[i] == NEWS_RESET;
			s->news.alone = s->news.alone || bytes[i] == NEWS_ALONE;
		}
	}
	if (got <= 0 && got != -EAGAIN)
		s->fds[NEWS].fd = -1;
}

static bool has_heard(const struct sweep *s)
{
	return s->news.hops > 0 || s->news.reset || s->news.alone;
}

static void become_helper(const char **words) __attribute__((noreturn));
static void become_helper(const char **words)
{
	const char *none[] = { (char *)0 };

	if (block_signals(0) == 0)
		(void)sys(SYS_execve, (long)NSBOX_HELPER, (long)words, (long)none, 0, 0);
	sys_exit(1);
}

/* Returns the pid, or below zero. */
static long start_helper(const char **words)
{
	long pid = sys(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		become_helper(words);
	return pid;
}

static long tell(const struct sweep *s)
{
	const char *words[] = { "nsbox-helper", "tell", s->uid, s->number, (char *)0 };

	return start_helper(words);
}

/* What was heard is passed on. */
static long pass_on(struct sweep *s)
{
	char digits[24], *hops = digits + sizeof digits - 1;
	const char *reset = s->news.reset ? "1" : "0", *alone = s->news.alone ? "1" : "0";

	*hops = '\0';
	do
		*--hops = (char)('0' + s->news.hops % 10);
	while ((s->news.hops /= 10) > 0);
	s->news.reset = s->news.alone = false;

	const char *words[] = { "nsbox-helper", "news", s->uid, s->number, hops, reset, alone, (char *)0 };

	return start_helper(words);
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

/* After a pause: what was heard before it and meanwhile makes one helper, and another pause. Returns its length. */
static unsigned long after_rest(struct sweep *s, long *helper)
{
	if (!has_heard(s))
		return 0;
	hear(s);
	*helper = pass_on(s);
	return TELL_MS;
}

/* Something may have happened. Returns how long not to look again. */
static unsigned long after_event(struct sweep *s, long *helper)
{
	bool news = look(s);

	hear(s);
	if (news)
		*helper = tell(s);
	return news || has_heard(s) ? TELL_MS : LOOK_MS;
}

/* Until init has ended, or cannot be waited for in this way. */
static void watch(struct sweep *s)
{
	struct pollfd *fds = s->fds;
	unsigned long rest = 0;
	long helper = 0;

	while (wait_for(fds, rest > 0 ? 1 : FDS, rest > 0 ? rest : idle_ms(fds)) >= 0 && fds[0].revents == 0) {
		if (helper > 0 && sys(SYS_wait4, helper, 0, WNOHANG, 0, 0) == 0)
			continue; /* as long again */
		helper = 0;
		rest = rest > 0 ? after_rest(s, &helper) : after_event(s, &helper);
	}
	if (helper > 0)
		(void)sys(SYS_wait4, helper, 0, 0, 0, 0);
}

/* __WALL: init may have been cloned without a signal for its parent. */
static void wait_for_children(void)
{
	long result;

	do
		result = sys(SYS_waitid, P_ALL, 0, 0, WEXITED | __WALL, 0);
	while (result == 0 || result == -EINTR);
}

static void begin(struct sweep *s, const long *stack)
{
	for (int i = 0; i < FDS; i++) {
		int fd = SWEEP_INIT + i;
		/* A file of a cgroup is always ready to be read; POLLPRI says that it has changed. */
		bool is_file = fd > SWEEP_OOM && fd < SWEEP_NEWS;

		s->fds[i] = (struct pollfd){ fd, is_file ? POLLPRI : POLLIN, 0 };
		s->seen[i] = 0;
	}
	s->news = (struct news){ 0, false, false };
	s->uid = arg(stack, 1);
	s->number = arg(stack, 2);
}

void start(const long *stack)
{
	struct sweep s;

	become_powerless();
	if (arg_count(stack) != 3)
		sys_exit(2);
	if (block_signals(UINT64_MAX) != 0)
		sys_exit(1);
	begin(&s, stack);
	watch(&s);
	/* What was killed with the box's last processes; the record is there until it is collected. */
	if (look(&s))
		(void)tell(&s);
	hear(&s);
	if (has_heard(&s))
		(void)pass_on(&s);
	wait_for_children();

	const char *words[] = { "nsbox-helper", "gc", s.uid, (char *)0 };

	become_helper(words);
}
