/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. One fault at a time, and whether all is as it must be after it. */
#include "tests/faults/judge.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"

/* A helper has 10 s for all it does, and what waits for it a little more. */
enum { STORY_S = 20, GONE_MS = 1500, SLOW_MS = 7000 };

static void describe(const struct site *s, int error, char *text, size_t size)
{
	(void)snprintf(text, size, "%s (%s) %s %u %s", s->role, s->image, call_name(s->nr), s->n,
		       error != 0 ? strerrorname_np(error) : "SIGKILL");
}

static void complain(unsigned *count, const struct site *site, int error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void complain(unsigned *count, const struct site *site, int error, const char *format, ...)
{
	char where[160];
	va_list ap;

	++*count;
	describe(site, error, where, sizeof where);
	(void)printf("%s: ", where);
	va_start(ap, format);
	(void)vprintf(format, ap);
	va_end(ap);
	(void)printf("\n");
}

/* Nobody follows it. Returns when all of it is over. */
static bool tell_bare(struct judge *j)
{
	struct telling bare = j->telling;
	pid_t pid;

	memset(bare.outcome, 0, sizeof *bare.outcome);
	bare.bare = true;
	pid = fork();
	if (pid == 0) {
		stories[0].tell(&bare);
		_exit(0);
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	return story_went_well(bare.outcome);
}

/* All processes have ended, and with them went all that goes by itself but interfaces, which take a moment. */
static bool is_clean(const struct judge *j, char *what, size_t size)
{
	static char now[LEFT];
	int64_t deadline = clock_ms() + GONE_MS;

	do {
		left_describe(j->who.uid, now);
		left_compare(j->clean, now, what, size);
	} while (strstr(what, "link ") != NULL && deadline_nap(deadline, 20) == 0);
	return what[0] == '\0';
}

static void tell_traced(struct judge *j)
{
	memset(j->telling.outcome, 0, sizeof *j->telling.outcome);
	j->telling.outcome->opened = j->telling.outcome->child = -1;
	j->traced.seconds = STORY_S;
	trace(j->story->tell, &j->telling, &j->traced);
}

bool judge_prepare(struct judge *j, struct sites *sites)
{
	char what[4096];

	if (!tell_bare(j)) {
		(void)printf("a login without any fault failed: %s\n", j->telling.outcome->told);
		return false;
	}
	left_describe(j->who.uid, j->clean);
	j->traced.note = sites;
	tell_traced(j);
	j->traced.note = NULL;
	if (story_went_well(j->telling.outcome) && !j->traced.hung && is_clean(j, what, sizeof what))
		return true;
	(void)printf("without any fault: opened %d, child %d, %s, %s, log: %s\n", j->telling.outcome->opened,
		     j->telling.outcome->child, j->traced.where, what, j->traced.log);
	return false;
}

/*
 * Who was killed says nothing: neither the service, nor its child, nor what was about to become a user's command, which nssh
 * ends like.
 */
static bool may_be_silent(const struct judge *j, const struct site *site, int error)
{
	const struct outcome *o = j->telling.outcome;
	bool command = WIFSIGNALED(o->child) && WTERMSIG(o->child) == SIGKILL;

	return story_went_well(o) || (error == 0 && (strcmp(site->image, "service") == 0 || command));
}

static bool names_step(const char *log)
{
	static const char *const words[] = { "error=\"", "session refused: ", "session ended before it began: ", "ended: ",
					     "nssh: ", "nsbox-helper: ",
					     /* the dynamic loader's, and libpam's own record of a session */
					     "loading shared libraries", "cannot set up thread-local storage",
					     "PAM audit_" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(log, words[i]) != NULL)
			return true;
	return false;
}

/* That one fault is not held against all that follow. */
static void begin_anew(struct judge *j)
{
	char command[80];

	(void)snprintf(command, sizeof command, "rm -rf /var/lib/nsbox/%u", j->who.uid);
	if (system(command) != 0 || !tell_bare(j))
		abort();
	left_describe(j->who.uid, j->clean);
}

/* The next login of the user finds what is to be collected, and must be let in. */
static void look_behind(struct judge *j, const struct site *site, int error)
{
	bool failed = !story_went_well(j->telling.outcome);
	char what[4096];

	if (is_clean(j, what, sizeof what) && !failed)
		return;
	j->collected += what[0] != '\0';
	if (!tell_bare(j)) {
		complain(&j->stuck, site, error, "the next login fails: %s", j->telling.outcome->told);
		begin_anew(j);
	}
	if (!is_clean(j, what, sizeof what))
		complain(&j->leaks, site, error, "left: %s", what);
}

void judge_fault(struct judge *j, const struct site *site, int error)
{
	const struct traced *t = &j->traced;
	const struct outcome *o = j->telling.outcome;
	int64_t began = clock_ms();

	j->traced.fault = site;
	j->traced.error = error;
	tell_traced(j);
	j->faults += t->hit;
	j->missed += !t->hit;
	j->failed += !story_went_well(o);
	if (t->hung)
		complain(&j->hangs, site, error, "hangs at %s", t->where);
	if (t->crashed != 0)
		complain(&j->crashes, site, error, "%s by signal %d", t->where, t->crashed);
	if (t->unboxed > 0)
		complain(&j->unboxed, site, error, "a command ran outside of a box");
	if (o->over && o->leaked > 0)
		complain(&j->leaks, site, error, "%d descriptors left in the service", o->leaked);
	if (t->hit && !may_be_silent(j, site, error) && !names_step(t->log))
		complain(&j->silent, site, error, "failed without a word (opened %d, child %x): %s", o->opened,
			 (unsigned)o->child, t->log);
	if (getenv("FAULTS_VERBOSE") != NULL) {
		unsigned ignored = 0;

		complain(&ignored, site, error, "%lld ms, opened %d, child %x, log: %s", (long long)(clock_ms() - began), o->opened,
			 (unsigned)o->child, t->log);
	}
	if (clock_ms() - began > SLOW_MS) {
		unsigned ignored = 0;

		/* Who waits for a process can see that it was killed; what only ever failed here may have to be waited for. */
		complain(error == 0 ? &j->hangs : &ignored, site, error, "took %lld ms", (long long)(clock_ms() - began));
	}
	look_behind(j, site, error);
}

void judge_list(const struct sites *sites)
{
	for (size_t i = 0; i < sites->count; i++)
		(void)printf("%s %s %s %u\n", sites->of[i].role, sites->of[i].image, call_name(sites->of[i].nr), sites->of[i].n);
}

bool judge_sum(const struct judge *j)
{
	(void)printf("%s: %u requests failed, %u times the next login collected, %u faults did not come by\n", j->story->name,
		     j->failed, j->collected, j->missed);
	if (j->crashes + j->silent + j->stuck > 0)
		(void)printf("%u crashes, %u failures without a word, %u next logins refused\n", j->crashes, j->silent, j->stuck);
	(void)printf("%u faults injected, %u leaks, %u unboxed, %u hangs\n", j->faults, j->leaks, j->unboxed, j->hangs);
	return j->leaks + j->unboxed + j->hangs + j->crashes + j->silent + j->stuck == 0;
}
