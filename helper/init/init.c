/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box, as the owner, with no capabilities. Reaps, and ends the box with its last lease. */

/*
 * nsbox-init LINGER_SECONDS. It lives as long as the box and there is one for each, so it is small: no
 * stdio, no malloc, nothing of libc that dirties pages. It has nobody to complain to either: what fails
 * here ends the box, which is what whoever holds its pidfd or tether understands.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
	LINGER_MAX_S = 1000000,
};

/* Only here to make ppoll return. */
static void on_child(int signal)
{
	(void)signal;
}

/*
 * SIGCHLD is blocked except inside ppoll, so none is missed. All others keep their default action and are
 * not blocked: the kernel drops those for a pid 1 at once, from inside the box and from outside, except
 * KILL and STOP from outside; blocked they would stay queued for ever.
 */
static int prepare_signals(void)
{
	struct sigaction child = { .sa_handler = on_child, .sa_flags = SA_NOCLDSTOP };
	sigset_t mask;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGCHLD);
	if (sigaction(SIGCHLD, &child, NULL) != 0)
		return -1;
	return sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* Sleeps until a child has ended, the lease (if watched) has news, or milliseconds (-1: no end) are over. */
static void nap(int watch_lease, int milliseconds)
{
	struct pollfd lease = { .fd = LEASE, .events = POLLIN };
	struct timespec end = { milliseconds / 1000, (long)(milliseconds % 1000) * 1000000 };
	sigset_t none;

	(void)sigemptyset(&none);
	(void)ppoll(&lease, watch_lease ? 1 : 0, milliseconds < 0 ? NULL : &end, &none);
}

static long long now_ms(void)
{
	struct timespec now;

	/* CLOCK_MONOTONIC always exists on Linux: clock_gettime(2) lists no other error. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* Asks the kernel, not waitpid: what entered with setns and lost its parent is the host's child, not ours. */
static int alone(void)
{
	return kill(-1, 0) != 0 && errno == ESRCH;
}

/*
 * Takes what joiners wrote (each writes a byte and waits until it is gone: the sign that init answers).
 * Returns 1 if somebody holds a lease, 0 if nobody does.
 */
static int lease_held(void)
{
	char bytes[64];
	ssize_t got = read(LEASE, bytes, sizeof bytes);

	return got > 0 || (got < 0 && errno == EAGAIN);
}

/*
 * With no writer left poll reports POLLHUP without waiting, so this looks again in steps; a lease that a
 * joiner reopened meanwhile shows in lease_held. Returns 1 for such a joiner, 0 if the time is over or
 * nothing runs in the box that would be worth waiting for. The last look at the lease said "nobody".
 */
static int lingered_into_lease(int seconds)
{
	long long end = now_ms() + (long long)seconds * 1000;

	for (;;) {
		if (lease_held())
			return 1;
		if (now_ms() >= end || alone())
			return 0;
		nap(0, LINGER_STEP_MS);
		reap();
	}
}

static void live(int linger)
{
	for (;;) {
		reap();
		if (lease_held())
			nap(1, -1);
		else if (!lingered_into_lease(linger))
			return;
	}
}

/*
 * The box ends here: a joiner that opened the lease after our last look gets EPIPE and POLLERR once it is
 * closed, and knows that it came too late. What does not go within the grace period, or is not ours to
 * signal, the kernel kills when pid 1 exits.
 */
static void end_box(void)
{
	(void)close(LEASE);
	(void)kill(-1, SIGHUP);
	(void)kill(-1, SIGTERM);
	(void)kill(-1, SIGCONT);

	long long end = now_ms() + GRACE_MS;

	for (reap(); !alone() && now_ms() < end; reap())
		nap(0, GRACE_STEP_MS);
	(void)kill(-1, SIGKILL);
}

/* Tells the builder that init is there and waits for it to finish the box. */
static int wait_for_go(void)
{
	struct pollfd builder = { .fd = BUILDER, .events = POLLIN };
	char byte = 'r';

	if (send(BUILDER, &byte, 1, MSG_NOSIGNAL) != 1)
		return -1;
	if (poll(&builder, 1, GO_MS) != 1 || read(BUILDER, &byte, 1) != 1 || byte != 'g')
		return -1;
	return close(BUILDER);
}

/* The helper writes this number; a bad one is taken for 0, the shorter life. */
static int seconds_from(const char *text)
{
	int seconds = 0;

	for (; text != NULL && *text >= '0' && *text <= '9' && seconds < LINGER_MAX_S; text++)
		seconds = seconds * 10 + (*text - '0');
	return text != NULL && *text == '\0' ? seconds : 0;
}

int main(int argc, char **argv)
{
	/* Anywhere but in a box kill(-1) would be meant for the whole machine. */
	if (getpid() != 1 || getuid() == 0)
		return 1;
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NAME, "nsbox-init") != 0)
		return 1;
	if (prepare_signals() != 0 || fcntl(LEASE, F_SETFL, O_NONBLOCK) != 0)
		return 1;
	if (wait_for_go() != 0)
		return 1;
	live(argc > 1 ? seconds_from(argv[1]) : 0);
	end_box();
	return 0;
}
