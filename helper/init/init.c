/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box, as the owner, with no capabilities. Reaps, and ends the box when nobody needs it. */

/*
 * nsbox-init LINGER IDLE BOX SHELL HOME USER, the times in seconds. It lives as long as the box and there is one for
 * each, so it does without libc (sys.h says why). It has nobody to complain to either: what fails here ends the box,
 * which is what whoever holds its pidfd or tether understands.
 */
#include "helper/init/start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "helper/init/clock.h"
#include "helper/init/hops.h"
#include "helper/init/idle.h"
#include "helper/init/init.h"
#include "helper/init/sweep.h"
#include "helper/init/sys.h"

enum {
	GO_MS = 10000,        /* for the builder to say go */
	LINGER_STEP_MS = 500, /* how soon it shows that the last process of somebody else's has ended */
	GRACE_MS = 300,       /* between the friendly signals and SIGKILL */
	GRACE_STEP_MS = 10,
	BUSY_MS = 100,        /* before another attempt where the kernel had no room */
	ALONE_MS = 30000,     /* between two questions whether the owner is logged in anywhere */
	SECONDS_MOST = INT32_MAX, /* as become_init says it: for ever */
};

struct life {
	int watch;                /* epoll: what follows, the lease and the hops */
	int signals;
	bool asked;               /* somebody wants the box to end */
	bool hops_hold;           /* the owner is logged in somewhere, as far as is known */
	unsigned long question;   /* when to ask for that again, by now_ms */
	unsigned long linger;     /* seconds */
	const char *hop_words[6]; /* for nsbox-hop */
	struct hops hops;
	struct idle idle;
};

/*
 * SIGCHLD, SIGTERM and two that the helper answers with are blocked and read from a descriptor. All others keep their
 * default action and are not blocked: the kernel drops those for a pid 1 at once, from inside the box and from
 * outside, except KILL and STOP from outside; blocked they would stay queued for ever. Returns the descriptor, or
 * below zero.
 */
static int open_signals(void)
{
	const uint64_t mask = UINT64_C(1) << (SIGCHLD - 1) | UINT64_C(1) << (SIGTERM - 1) |
			      UINT64_C(1) << (INIT_HOPS_HOLD - 1) | UINT64_C(1) << (INIT_HOPS_DO_NOT_HOLD - 1);

	if (sys(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0) != 0)
		return -1;
	return (int)sys(SYS_signalfd4, -1, (long)&mask, sizeof mask, SFD_CLOEXEC | SFD_NONBLOCK, 0);
}

static bool watch_one(int watch, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data = { .u64 = (uint64_t)fd } };

	return sys(SYS_epoll_ctl, watch, EPOLL_CTL_ADD, fd, (long)&event, 0) == 0;
}

/*
 * The lease by its edges: with no writer left it would be ready all the time, and what is of interest then is only
 * that somebody opens it again and writes.
 */
static bool open_watch(struct life *l)
{
	l->signals = open_signals();
	l->watch = (int)sys(SYS_epoll_create1, EPOLL_CLOEXEC, 0, 0, 0, 0);
	return l->signals >= 0 && l->watch >= 0 && watch_one(l->watch, l->signals, EPOLLIN) &&
	       watch_one(l->watch, INIT_LEASE, EPOLLIN | EPOLLET) && watch_one(l->watch, INIT_HOPS, EPOLLIN);
}

static void pause_ms(unsigned long milliseconds)
{
	struct timespec end = { (long)(milliseconds / 1000), (long)(milliseconds % 1000 * 1000000) };

	(void)sys(SYS_ppoll, 0, 0, (long)&end, 0, 0);
}

/* What the helper answers comes from outside of the box, where senders have no number in it. */
static void take_signal(struct life *l, const struct signalfd_siginfo *signal)
{
	if (signal->ssi_signo == SIGTERM)
		l->asked = true;
	else if (signal->ssi_signo != SIGCHLD && signal->ssi_pid == 0)
		l->hops_hold = signal->ssi_signo == INIT_HOPS_HOLD;
}

/* The signals are taken before the children are, so that one that ends in between shows again. */
static void reap(struct life *l)
{
	struct signalfd_siginfo signals[4];
	long got = sys(SYS_read, l->signals, (long)signals, sizeof signals, 0, 0), pid;

	for (unsigned long i = 0; got > 0 && i < (unsigned long)got / sizeof signals[0]; i++)
		take_signal(l, &signals[i]);
	while ((pid = sys(SYS_wait4, -1, 0, WNOHANG, 0, 0)) > 0)
		hops_ended(&l->hops, pid);
}

/*
 * Sleeps until a child has ended, somebody came, the lease has news, or milliseconds are over; does what is to be
 * done for the first two.
 */
static void nap(struct life *l, unsigned long milliseconds)
{
	struct epoll_event events[3];
	long timeout = milliseconds < INT_MAX ? (long)milliseconds : -1;
	/* The mask is none, so that its size, the sixth word, is not looked at. */
	long n = sys(SYS_epoll_pwait, l->watch, (long)events, 3, timeout, 0);

	reap(l);
	for (long i = 0; i < n; i++) {
		if (events[i].data.u64 != INIT_HOPS)
			continue;
		l->question = 0;
		if (!hops_admit(&l->hops, l->hop_words))
			pause_ms(BUSY_MS);
	}
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
 * Takes all that joiners wrote (each writes a byte and waits until it is gone: the sign that init answers). True if
 * somebody holds a lease.
 */
static bool lease_held(void)
{
	char bytes[64];
	long got;

	do
		got = sys(SYS_read, INIT_LEASE, (long)bytes, sizeof bytes, 0, 0);
	while (got > 0);
	return got == -EAGAIN;
}

/*
 * A hop from another box holds this one as a login does, as long as the owner is logged in somewhere: else two boxes
 * could keep each other for ever. Only the helper knows, so it is asked by way of nsbox-sweep, and answers with a
 * signal.
 */
static bool held_by_hops(struct life *l)
{
	const char question = NEWS_ALONE;

	if (l->hops.holding == 0)
		return false;
	if (now_ms() >= l->question) {
		(void)sys(SYS_write, INIT_NEWS, (long)&question, 1, 0, 0);
		l->question = now_ms() + ALONE_MS;
	}
	return l->hops_hold;
}

static bool needed(struct life *l)
{
	if (!lease_held())
		return held_by_hops(l);
	l->hops_hold = true;
	l->question = 0;
	return true;
}

/*
 * True: the box is needed again. False: the time is over, or nothing runs in the box that would be worth waiting for.
 */
static bool lingered(struct life *l)
{
	unsigned long end = now_ms() + l->linger * 1000;

	while (!l->asked && now_ms() < end && !alone()) {
		nap(l, LINGER_STEP_MS);
		if (needed(l))
			return true;
	}
	return false;
}

static void live(struct life *l, unsigned long idle)
{
	idle_begin(&l->idle, idle);
	while (!l->asked && !idle_over(&l->idle)) {
		if (needed(l))
			nap(l, least(idle_wait(&l->idle), l->question == 0 ? forever : ALONE_MS));
		else if (lingered(l))
			idle_begin(&l->idle, idle);
		else
			return;
	}
}

/*
 * The box ends here: a joiner that opened the lease after our last look gets EPIPE and POLLERR once it is
 * closed, and knows that it came too late. What does not go within the grace period, or is not ours to
 * signal, the kernel kills when pid 1 exits.
 */
static void end_box(struct life *l)
{
	(void)sys(SYS_close, INIT_LEASE, 0, 0, 0, 0);
	(void)sys(SYS_close, INIT_HOPS, 0, 0, 0, 0);
	signal_all(SIGHUP);
	signal_all(SIGTERM);
	signal_all(SIGCONT);

	unsigned long end = now_ms() + GRACE_MS;

	while (!alone() && now_ms() < end)
		nap(l, GRACE_STEP_MS);
	signal_all(SIGKILL);
}

/* Tells the builder that init is there and waits for it to finish the box. */
static bool told_to_go(void)
{
	struct timespec end = { GO_MS / 1000, 0 };
	struct pollfd builder = { INIT_SYNC, POLLIN, 0 };
	char byte = 'r';

	if (sys(SYS_write, INIT_SYNC, (long)&byte, 1, 0, 0) != 1 ||
	    sys(SYS_ppoll, (long)&builder, 1, (long)&end, 0, 0) != 1)
		return false;
	if (sys(SYS_read, INIT_SYNC, (long)&byte, 1, 0, 0) != 1 || byte != 'g')
		return false;
	return sys(SYS_close, INIT_SYNC, 0, 0, 0, 0) == 0;
}

/* The helper writes these numbers; a bad one is taken for 0. */
static unsigned long seconds_from(const char *text)
{
	unsigned long seconds = 0;

	for (; text != NULL && *text >= '0' && *text <= '9' && seconds < SECONDS_MOST; text++)
		seconds = seconds * 10 + ((unsigned long)*text - '0');
	return text != NULL && *text == '\0' ? seconds : 0;
}

static void take_words(struct life *l, const long *stack)
{
	l->linger = seconds_from(arg(stack, 1));
	l->hop_words[0] = "nsbox-hop";
	for (unsigned i = 1; i < 6; i++)
		l->hop_words[i] = i < 5 ? arg(stack, 2 + i) : (char *)0;
}

/* Anywhere but in a box kill(-1) would be meant for the whole machine. */
static bool is_init(void)
{
	return sys(SYS_getpid, 0, 0, 0, 0, 0) == 1 && sys(SYS_getuid, 0, 0, 0, 0, 0) != 0;
}

/* The children are to have nothing of ours but what they are given. */
static bool close_on_exec(void)
{
	return sys(SYS_close_range, INIT_LEASE, ~0U, CLOSE_RANGE_CLOEXEC, 0, 0) == 0;
}

void start(const long *stack)
{
	struct life life;

	if (!is_init() || sys(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		sys_exit(1);
	(void)sys(SYS_prctl, PR_SET_NAME, (long)"nsbox-init", 0, 0, 0);
	life.asked = false;
	life.hops_hold = true;
	life.question = 0;
	life.hops.count = life.hops.holding = 0;
	take_words(&life, stack);
	if (!close_on_exec() || sys(SYS_fcntl, INIT_LEASE, F_SETFL, O_NONBLOCK, 0, 0) != 0 || !open_watch(&life) ||
	    !told_to_go())
		sys_exit(1);
	live(&life, seconds_from(arg(stack, 2)));
	end_box(&life);
	sys_exit(0);
}
