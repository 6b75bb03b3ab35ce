/* SPDX-License-Identifier: MIT */
/* runs as: root, started by the PAM module under test. Stands in for nsbox-helper; the remote host's name says what to do. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/pam/fake_box.h"

static int say(enum answer_kind kind, const char *text)
{
	struct answer a = { .version = WIRE_VERSION, .kind = kind };
	struct fail f = { 0 };

	(void)snprintf(a.text, sizeof a.text, "%s", text);
	return wire_send(WIRE_FD, &a, NULL, &f) == 0 ? 0 : 1;
}

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (d == NULL)
		return -1;
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		n += e->d_name[0] != '.';
	(void)closedir(d);
	return n - 1; /* the directory itself */
}

/* What a setuid program wants to find: answers with the first thing that is not so. */
static int inspect(int argc, char **argv, char **environment)
{
	sigset_t mask;
	struct sigaction chld, term;

	if (argc != 5 || strcmp(argv[1], "open") != 0 || strcmp(argv[2], "ada") != 0)
		return say(ANSWER_REFUSED, "wrong words");
	if (environment[0] != NULL)
		return say(ANSWER_REFUSED, "an environment");
	if (count_fds() != 4)
		return say(ANSWER_REFUSED, "more or fewer than descriptors 0 to 3");
	if (sigprocmask(SIG_BLOCK, NULL, &mask) != 0 || sigismember(&mask, SIGTERM) || sigismember(&mask, SIGCHLD))
		return say(ANSWER_REFUSED, "blocked signals");
	if (sigaction(SIGCHLD, NULL, &chld) != 0 || chld.sa_handler != SIG_DFL ||
	    sigaction(SIGTERM, NULL, &term) != 0 || term.sa_handler != SIG_DFL)
		return say(ANSWER_REFUSED, "ignored signals");
	return say(ANSWER_REFUSED, "all is as it should be");
}

static int nonsense(void)
{
	return write(WIRE_FD, "hello", 5) == 5 ? 0 : 1;
}

/* Boxed, says it, but sends nothing to place a session with. */
static int empty_box(void)
{
	struct answer a = { .version = WIRE_VERSION, .kind = ANSWER_BOXED, .box = "ada-1" };
	struct fail f = { 0 };

	return wire_send(WIRE_FD, &a, NULL, &f) == 0 ? 0 : 1;
}

static int crash(void)
{
	struct rlimit none = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
	abort();
}

static _Noreturn int hang(void)
{
	for (;;)
		(void)pause();
}

int main(int argc, char **argv, char **environment)
{
	const char *what = argc == 5 ? argv[4] : "";

	if (strcmp(what, "outside") == 0)
		return say(ANSWER_OUTSIDE, "");
	if (strcmp(what, "refuse") == 0)
		return say(ANSWER_REFUSED, "You have too many boxes.");
	if (strcmp(what, "nonsense") == 0)
		return nonsense();
	if (strcmp(what, "empty-box") == 0)
		return empty_box();
	if (strcmp(what, "ended") == 0)
		return say(ANSWER_ENDED, "");
	if (strcmp(what, "mute") == 0)
		return 3;
	if (strcmp(what, "crash") == 0)
		return crash();
	if (strcmp(what, "hang") == 0)
		return hang();
	if (strcmp(what, "linger") == 0)
		return say(ANSWER_OUTSIDE, "") == 0 ? hang() : 1;
	if (strcmp(what, "inspect") == 0)
		return inspect(argc, argv, environment);
	/* An address, as in a real login, and what the hostile name below is cleaned to. */
	if (strcmp(what, "192.0.2.7") == 0)
		return fake_box(false, FILTER_OFF) == 0 ? 0 : 1;
	if (strcmp(what, "filtered") == 0)
		return fake_box(false, FILTER_DEFAULT) == 0 ? 0 : 1;
	if (strcmp(what, "dead-box") == 0)
		return fake_box(true, FILTER_OFF) == 0 ? 0 : 1;
	if (strcmp(what, "a?b?c") == 0)
		return say(ANSWER_REFUSED, "cleaned");
	return say(ANSWER_REFUSED, strcmp(what, "-") == 0 ? "no host" : "unknown request");
}
