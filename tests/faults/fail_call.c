/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. Counts the calls of processes, and makes one fail. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include "tests/faults/look.h"
#include "tests/faults/tracee.h"

#ifndef __x86_64__
#error "where a system call has its number and its result is not known"
#endif

static void hear(struct tracer *r, struct tracee *p, enum tell what)
{
	switch (what) {
	case TELL_INSIDE:
	case TELL_OUTSIDE:
		p->inside = what == TELL_INSIDE;
		return;
	case TELL_BEGIN:
	case TELL_END:
		r->on = what == TELL_BEGIN;
		return;
	case TELL_COMMAND:
		look_command(p->pid, r->t);
		return;
	case TELL_TRACER:
		return;
	}
}

/* What is said to syslog, whose socket is connected, and on standard error is kept. */
static void listen_to(struct tracer *r, const struct tracee *p, const struct __ptrace_syscall_info *call)
{
	const __typeof__(call->entry.args[0]) *words = call->entry.args;
	bool log = call->entry.nr == SYS_sendto && words[4] == 0, error = words[0] == 2;

	if (log || (error && call->entry.nr == SYS_write))
		look_text(p->pid, words[1], words[2], r->t->log, LOG);
	else if (error && call->entry.nr == SYS_writev)
		look_pieces(p->pid, words[1], words[2], r->t->log, LOG);
}

static bool is_fault(const struct traced *t, const struct tracee *p, long nr, unsigned n)
{
	const struct site *s = t->fault;

	return s != NULL && s->nr == nr && s->n == n && strcmp(s->role, p->role) == 0 && strcmp(s->image, p->image) == 0;
}

static void note(struct sites *sites, const struct tracee *p, long nr, unsigned n)
{
	struct site *s = &sites->of[sites->count];

	if (++sites->count == SITES_MOST)
		abort();
	*s = (struct site){ .nr = nr, .n = n };
	memcpy(s->role, p->role, ROLE);
	memcpy(s->image, p->image, IMAGE);
}

static void make_fail(struct tracer *r, struct tracee *p, long nr)
{
	struct user_regs_struct regs;

	r->t->hit = true;
	if (r->t->error == 0) {
		(void)kill(p->pid, SIGKILL);
		return;
	}
	if (ptrace(PTRACE_GETREGS, p->pid, NULL, &regs) != 0)
		return;
	switch (call_failure(nr)) {
	case CALL_NEVER_FAILS:
		return;
	case CALL_IS_LEFT_OUT:
		regs.orig_rax = (unsigned long long)-1;
		regs.rax = (unsigned long long)-r->t->error;
		break;
	case CALL_IS_MADE:
		p->pending = r->t->error;
		return;
	case CALL_SAYS_SO:
		p->changed = true;
		p->argument = regs.rdi;
		regs.rdi = nr == SYS_brk ? 0 : (unsigned long long)-1;
		break;
	}
	(void)ptrace(PTRACE_SETREGS, p->pid, NULL, &regs);
}

void call_begins(struct tracer *r, struct tracee *p, const struct __ptrace_syscall_info *call)
{
	long nr = (long)call->entry.nr;

	if (nr == SYS_prctl && call->entry.args[0] == TELL_TRACER) {
		hear(r, p, (enum tell)call->entry.args[1]);
		return;
	}
	if (!r->on || nr < 0 || nr >= CALLS)
		return;

	unsigned n = p->inside ? ++p->counts[nr] : 0;

	if (n > 0 && r->t->note != NULL)
		note(r->t->note, p, nr, n);
	if (n > 0 && is_fault(r->t, p, nr, n))
		make_fail(r, p, nr);
	else
		listen_to(r, p, call);
}

void call_ends(struct tracee *p)
{
	struct user_regs_struct regs;

	if ((p->pending == 0 && !p->changed) || ptrace(PTRACE_GETREGS, p->pid, NULL, &regs) != 0)
		return;
	if (p->pending != 0)
		regs.rax = (unsigned long long)-p->pending;
	/* Who calls has it still. */
	if (p->changed)
		regs.rdi = p->argument;
	p->pending = 0;
	p->changed = false;
	(void)ptrace(PTRACE_SETREGS, p->pid, NULL, &regs);
}
