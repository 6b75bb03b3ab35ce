/* SPDX-License-Identifier: MIT */
/* runs as: the user. Signals as something to read, and how to die by one. */
#include "shell/signals.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

static bool ignored(int sig)
{
	struct sigaction now;

	/* A blocked signal reaches a signalfd even when it is ignored: signal(7) drops none that is blocked. */
	return sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void wanted(sigset_t *set)
{
	/* Faults must strike at once; stopping in the background and the rest are right by default. */
	static const int not[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS,
				   SIGTTIN, SIGTTOU, SIGCHLD, SIGURG, SIGPIPE };

	(void)sigfillset(set);
	for (size_t i = 0; i < sizeof not / sizeof not[0]; i++)
		(void)sigdelset(set, not[i]);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (ignored(sig))
			(void)sigdelset(set, sig);
}

int signals_take(struct signals *signals, struct fail *f)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;
	int fd;

	wanted(&set);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return fail(f, errno, "signalfd");
	if (sigprocmask(SIG_BLOCK, &set, &signals->before) < 0 || sigaction(SIGPIPE, &ignore, &signals->broken) < 0) {
		int code = errno;

		(void)close(fd);
		return fail(f, code, "set the signal mask");
	}
	signals->fd = fd;
	return 0;
}

void signals_return(const struct signals *signals)
{
	(void)sigaction(SIGPIPE, &signals->broken, NULL);
	(void)sigprocmask(SIG_SETMASK, &signals->before, NULL);
}

static void let_strike(int sig)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)sigaction(sig, &usual, NULL);
	(void)raise(sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void signals_stop(void)
{
	sigset_t before;

	(void)sigprocmask(SIG_SETMASK, NULL, &before);
	let_strike(SIGTSTP);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

void signals_die(int sig)
{
	struct rlimit none = { 0, 0 };

	/* The command had its chance to leave a core; ours would only say that we raised a signal. */
	(void)setrlimit(RLIMIT_CORE, &none);
	let_strike(sig);
	_exit(128 + sig); /* a signal whose default is not to end a process */
}
