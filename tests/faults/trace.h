/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. Follows all processes of a story, and makes one system call of theirs fail. */
#ifndef NSBOX_TESTS_TRACE_H
#define NSBOX_TESTS_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/faults/calls.h"

enum { ROLE = 40, IMAGE = 20, SITES_MOST = 8192, LOG = 16384 };

/*
 * A call: the n-th of its kind that a process makes of a program. Who is who is told by descent: "0.2.1" is the first child
 * of the second child of the story's first process.
 */
struct site {
	char role[ROLE];
	char image[IMAGE];
	long nr;
	unsigned n;
};

struct sites {
	size_t count;
	struct site of[SITES_MOST];
};

/* What a story's processes tell their tracer, as the second word of prctl(TELL_TRACER): of themselves, or of all. */
enum tell {
	TELL_TRACER = 0x6e73626f,
	TELL_INSIDE = 1, /* from here on this process and its children run what is tested */
	TELL_OUTSIDE,    /* no more */
	TELL_BEGIN,      /* from here on calls count, and fail */
	TELL_END,
	TELL_COMMAND,    /* this process is what a user's command would be */
};

void tell_tracer(enum tell what);

struct traced {
	/* What to do. */
	struct sites *note;       /* where every call is noted; or NULL */
	const struct site *fault; /* which one fails; or NULL */
	int error;                /* how; 0: the process is killed */
	int seconds;              /* until all must be over */
	/* What happened. */
	bool hit, hung;
	int crashed;              /* the signal that nobody sent; or 0 */
	unsigned boxed, dead_ends, unboxed; /* commands, and where they ran */
	char where[128];          /* of a crash or of what hangs */
	char log[LOG];            /* what was written to the log and to standard error */
};

/* Runs the story in a process of its own. Returns when all that came of it has ended, or has been killed. */
void trace(void (*story)(void *), void *context, struct traced *t);

#endif
