/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box, as the owner, with no capabilities. Reaps, and ends the box with its last lease. */

/*
 * nsbox-init LINGER_SECONDS. It lives as long as the box and there is one for each, so it does without libc
 * (sys.h says why). It has nobody to complain to either: what fails here ends the box, which is what whoever
 * holds its pidfd or tether understands.
 */
#include "helper/init/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

/* What the builder leaves open beside 0-2 on /dev/null; nothing else is. */
enum {
	LEASE = 3,   /* read end: end-of-file when nobody needs the box any more */
	TETHER = 4,  /* write end, never written: closes with init, which ends the tethered processes */
	BUILDER = 5, /* stream socket: 'r' to it, 'g' from it */
};

enum {
	GO_MS = 10000,        /* for the builder to say go */
	LINGER_STEP_MS = 100, /* how soon a new lease is noticed while there is none */
	GRACE_MS = 300,       /* between the friendly signals and SIGKILL */
	GRACE_STEP_MS = 10,
	LINGER_MAX_S = INT32_MAX, /* the most a time in nsbox.conf may be */
};

static const unsigned long forever = ULONG_MAX; /* milliseconds */

/*
 * SIGCHLD is blocked and read from a descriptor. All others keep their default action and are not blocked:
 * the kernel drops those for a pid 1 at once, from inside the box and from outside, except KILL and STOP from
 * outside; blocked they would stay queued for ever. Returns the descriptor, or below zero.
 */
static int open_signals(void)
{
	const uint64_t mask = UINT64_C(1) << (SIGCHLD - 1);

	if (sys(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0) != 0)
		return -1;
	return (int)sys(SYS_signalfd4, -1, (long)&mask, sizeof mask, SFD_CLOEXEC | SFD_NONBLOCK, 0);
}

/* Waits for news on fds. Returns how many have some, 0 when the time is over. */
static long wait_for(struct pollfd *fds, unsigned long count, unsigned long milliseconds)
{
	struct timespec end = { (long)(milliseconds / 1000), (long)(milliseconds % 1000 * 1000000) };

	return sys(SYS_ppoll, (long)fds, (long)count, milliseconds == forever ? 0 : (long)&end, 0, 0);
}

static unsigned long now_ms(void)
{
	struct timespec now = { 0, 0 };

	/* CLOCK_MONOTONIC always exists on Linux: clock_gettime(2) lists no other error. */
	(void)sys(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0);
	return (unsigned long)now.tv_sec * 1000 + (unsigned long)now.tv_nsec / 1000000;
}

/* The signal is taken before the children are, so that one that ends in between shows again. */
static void reap(int signals)
{
	struct signalfd_siginfo child;

	(void)sys(SYS_read, signals, (long)&child, sizeof child, 0, 0);
	while (sys(SYS_wait4, -1, 0, WNOHANG, 0, 0) > 0)
		;
}

/* Sleeps until a child has ended, the lease (if watched) has news, or milliseconds are over; then reaps. */
static void nap(int signals, bool watch_lease, unsigned long milliseconds)
{
	struct pollfd fds[2] = { { signals, POLLIN, 0 }, { LEASE, POLLIN, 0 } };

	(void)wait_for(fds, watch_lease ? 2 : 1, milliseconds);
	reap(signals);
}

static void signal_all(int number)
{
	(void)sys(SYS_kill, -1, number, 0, 0, 0);
}

/* Asks the kernel, not wait4: what entered with setns and lost its parent is the host's child, not ours. */
static bool alone(void)
{
	return sys(SYS_kill, -1, 0, 0, 0, 0) == -ESRCH;
}

/*
 * Takes what joiners wrote (each writes a byte and waits until it is gone: the sign that init answers). True
 * if somebody holds a lease.
 */
static bool lease_held(void)
{
	char bytes[64];
	long got = sys(SYS_read, LEASE, (long)bytes, sizeof bytes, 0, 0);

	return got > 0 || got == -EAGAIN;
}

/*
 * With no writer left poll reports POLLHUP without waiting, so this looks again in steps; a lease that a
 * joiner reopened meanwhile shows in lease_held. Returns true for such a joiner, false if the time is over or
 * nothing runs in the box that would be worth waiting for. The last look at the lease said "nobody".
 */
static bool lingered_into_lease(int signals, unsigned long seconds)
{
	unsigned long end = now_ms() + seconds * 1000;

	for (;;) {
		if (lease_held())
			return true;
		if (now_ms() >= end || alone())
			return false;
		nap(signals, false, LINGER_STEP_MS);
	}
}

static void live(int signals, unsigned long linger)
{
	for (;;) {
		if (lease_held())
			nap(signals, true, forever);
		else if (!lingered_into_lease(signals, linger))
			return;
	}
}

/*
 * The box ends here: a joiner that opened the lease after our last look gets EPIPE and POLLERR once it is
 * closed, and knows that it came too late. What does not go within the grace period, or is not ours to
 * signal, the kernel kills when pid 1 exits.
 */
static void end_box(int signals)
{
	(void)sys(SYS_close, LEASE, 0, 0, 0, 0);
	signal_all(SIGHUP);
	signal_all(SIGTERM);
	signal_all(SIGCONT);

	unsigned long end = now_ms() + GRACE_MS;

	while (!alone() && now_ms() < end)
		nap(signals, false, GRACE_STEP_MS);
	signal_all(SIGKILL);
}

/* Tells the builder that init is there and waits for it to finish the box. */
static bool told_to_go(void)
{
	struct pollfd builder = { BUILDER, POLLIN, 0 };
	char byte = 'r';

	if (sys(SYS_write, BUILDER, (long)&byte, 1, 0, 0) != 1 || wait_for(&builder, 1, GO_MS) != 1)
		return false;
	if (sys(SYS_read, BUILDER, (long)&byte, 1, 0, 0) != 1 || byte != 'g')
		return false;
	return sys(SYS_close, BUILDER, 0, 0, 0, 0) == 0;
}

/* The helper writes this number; a bad one is taken for 0, the shorter life. */
static unsigned long seconds_from(const char *text)
{
	unsigned long seconds = 0;

	for (; text != NULL && *text >= '0' && *text <= '9' && seconds < LINGER_MAX_S; text++)
		seconds = seconds * 10 + ((unsigned long)*text - '0');
	return text != NULL && *text == '\0' ? seconds : 0;
}

/* Anywhere but in a box kill(-1) would be meant for the whole machine. */
static bool is_init(void)
{
	return sys(SYS_getpid, 0, 0, 0, 0, 0) == 1 && sys(SYS_getuid, 0, 0, 0, 0, 0) != 0;
}

void start(const long *stack)
{
	if (!is_init() || sys(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		sys_exit(1);
	(void)sys(SYS_prctl, PR_SET_NAME, (long)"nsbox-init", 0, 0, 0);

	int signals = open_signals();

	if (signals < 0 || sys(SYS_fcntl, LEASE, F_SETFL, O_NONBLOCK, 0, 0) != 0 || !told_to_go())
		sys_exit(1);
	live(signals, seconds_from(arg(stack, 1)));
	end_box(signals);
	sys_exit(0);
}
