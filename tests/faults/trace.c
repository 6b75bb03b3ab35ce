/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. Follows all processes of a story, and makes one system call of theirs fail. */
#include "tests/faults/tracee.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "tests/faults/filter.h"
#include "tests/faults/look.h"

/*
 * strace injects into the n-th call of a kind in whatever process makes it: where a helper, its worker and the builder all
 * call openat, only the first of them would ever be hit. Here a call has an address: who, which program, which call.
 */

enum { OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
	PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL };

void tell_tracer(enum tell what)
{
	(void)prctl(TELL_TRACER, (unsigned long)what, 0UL, 0UL, 0UL);
}

static struct tracee *find(struct tracer *r, pid_t pid)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->all[i].pid == pid)
			return &r->all[i];
	if (r->count == TRACEES)
		abort();
	r->all[r->count] = (struct tracee){ .pid = pid };
	return &r->all[r->count++];
}

static void forget(struct tracer *r, struct tracee *p)
{
	*p = r->all[--r->count];
}

static void go_on(const struct tracer *r, const struct tracee *p, int signal)
{
	bool to_end = p->pending != 0 || p->changed;

	/* ESRCH: killed meanwhile, and about to be reaped. */
	(void)ptrace(to_end ? PTRACE_SYSCALL : (enum __ptrace_request)r->way, p->pid, NULL, (void *)(intptr_t)signal);
}

static void set_place(struct tracer *r, const struct tracee *p, const char *what)
{
	if (r->t->where[0] == '\0')
		(void)snprintf(r->t->where, sizeof r->t->where, "%s (%s)%s", p->role, p->image, what);
}

static void born(struct tracer *r, pid_t parent_pid, pid_t child_pid)
{
	struct tracee *child = find(r, child_pid), *parent = find(r, parent_pid);

	child->known = true;
	child->inside = parent->inside;
	if ((size_t)snprintf(child->role, ROLE, "%s.%u", parent->role, ++parent->children) >= ROLE)
		abort();
	memcpy(child->image, parent->image, IMAGE);
	if (child->waiting)
		go_on(r, child, 0);
}

/* Of the programs only ours are to fail; another one is the user's command, or a tool of the host's. */
static void executed(struct tracer *r, struct tracee *p)
{
	look_image(p->pid, p->image, IMAGE);
	memset(p->counts, 0, sizeof p->counts);
	p->pending = 0;
	p->changed = false;
	p->inside = strncmp(p->image, "nsbox-", 6) == 0;
	if (strcmp(p->image, "true") == 0)
		look_command(p->pid, r->t);
}

static void at_call(struct tracer *r, struct tracee *p)
{
	struct __ptrace_syscall_info call;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, (void *)sizeof call, &call) > 0) {
		if (call.op == PTRACE_SYSCALL_INFO_ENTRY || call.op == PTRACE_SYSCALL_INFO_SECCOMP)
			call_begins(r, p, &call);
		else if (call.op == PTRACE_SYSCALL_INFO_EXIT)
			call_ends(p);
	}
	go_on(r, p, 0);
}

static void at_event(struct tracer *r, struct tracee *p, int event)
{
	unsigned long child = 0;
	pid_t pid = p->pid;

	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		if (ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child) == 0)
			born(r, pid, (pid_t)child);
		break;
	case PTRACE_EVENT_EXEC:
		executed(r, p);
		break;
	}
	go_on(r, find(r, pid), 0);
}

/* The dynamic loader may crash for want of memory: it is not ours. All that is ours begins by blocking signals. */
static bool is_loading(const struct tracee *p)
{
	return strcmp(p->image, "nsbox-helper") == 0 && p->counts[SYS_rt_sigprocmask] == 0;
}

static void ended(struct tracer *r, struct tracee *p, int status)
{
	int signal = WIFSIGNALED(status) && !is_loading(p) ? WTERMSIG(status) : 0;

	if (signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGILL || signal == SIGFPE || signal == SIGSYS) {
		r->t->crashed = signal;
		set_place(r, p, " crashed");
	}
	forget(r, p);
}

static void stopped(struct tracer *r, struct tracee *p, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (!p->known) {
		p->waiting = true;
		return;
	}
	if (signal == (SIGTRAP | 0x80) || event == PTRACE_EVENT_SECCOMP)
		at_call(r, p);
	else if (event == PTRACE_EVENT_STOP)
		go_on(r, p, 0);
	else if (event != 0)
		at_event(r, p, event);
	else
		go_on(r, p, signal);
}

static void kill_all(struct tracer *r)
{
	for (unsigned i = 0; i < r->count; i++)
		(void)kill(r->all[i].pid, SIGKILL);
}

static void hang(struct tracer *r)
{
	char what[48];

	if (r->t->hung)
		return;
	r->t->hung = true;
	for (unsigned i = 0; i < r->count; i++) {
		look_call(r->all[i].pid, what, sizeof what);
		set_place(r, &r->all[i], what);
	}
}

static void follow(struct tracer *r)
{
	int64_t deadline = clock_ms() + r->t->seconds * 1000;

	while (r->count > 0) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (clock_ms() > deadline) {
			hang(r);
			kill_all(r);
		}
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return;

		struct tracee *p = find(r, pid);

		if (WIFSTOPPED(status))
			stopped(r, p, status);
		else if (p->known)
			ended(r, p, status);
		else
			forget(r, p); /* told once as its tracer, and once more as its parent, who came to be us */
	}
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* Without SA_RESTART: waitpid looks at the time now and then. */
static void tick(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval each = { { 0, 200000 }, { 0, 200000 } };

	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &each, NULL);
}

static pid_t start(const struct traced *t, void (*story)(void *), void *context)
{
	int gate[2];
	char byte;

	if (pipe(gate) != 0)
		abort();

	pid_t pid = fork();

	if (pid == 0) {
		(void)close(gate[1]);
		if (read(gate[0], &byte, 1) != 1)
			_exit(1);
		(void)close(gate[0]);
		if (t->note == NULL && filter_install(t->fault->nr) != 0)
			abort();
		story(context);
		_exit(0);
	}
	if (pid < 0 || ptrace(PTRACE_SEIZE, pid, NULL, (void *)OPTIONS) != 0 || ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0 ||
	    write(gate[1], "g", 1) != 1)
		abort();
	(void)close(gate[0]);
	(void)close(gate[1]);
	return pid;
}

void trace(void (*story)(void *), void *context, struct traced *t)
{
	static struct tracer r;
	struct tracee *first;

	r.t = t;
	r.on = false;
	r.way = t->note != NULL ? PTRACE_SYSCALL : PTRACE_CONT;
	r.count = 0;
	t->hit = t->hung = false;
	t->crashed = 0;
	t->boxed = t->dead_ends = t->unboxed = 0;
	t->where[0] = t->log[0] = '\0';
	tick();
	first = find(&r, start(t, story, context));
	first->known = true;
	(void)snprintf(first->role, ROLE, "0");
	(void)snprintf(first->image, IMAGE, "service");
	follow(&r);
}
