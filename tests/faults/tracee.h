/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. The processes that the tracer follows. */
#ifndef NSBOX_TESTS_TRACEE_H
#define NSBOX_TESTS_TRACEE_H

#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/types.h>

#include "tests/faults/trace.h"

enum { TRACEES = 64 };

struct tracee {
	pid_t pid;
	bool known;   /* its parent has told of it */
	bool waiting; /* stopped until then */
	bool inside;
	unsigned children;
	int pending;  /* the error its call is to have; 0: none */
	bool changed; /* its call has another first argument than it asked for, which was this */
	unsigned long long argument;
	char role[ROLE], image[IMAGE];
	unsigned short counts[CALLS];
};

struct tracer {
	struct traced *t;
	bool on;
	int way; /* on: to the next call, or to one that the filter is for */
	unsigned count;
	struct tracee all[TRACEES];
};

/* fail_call.c: a process stands before a call, which fails if it is the one; or behind it. */
void call_begins(struct tracer *r, struct tracee *p, const struct __ptrace_syscall_info *call);
void call_ends(struct tracee *p);

#endif
