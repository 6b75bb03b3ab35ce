/* SPDX-License-Identifier: MIT */
/* runs as: root. Starts a command inside of a box, as the child of a process that stays outside. */
#ifndef NSBOX_SPAWN_H
#define NSBOX_SPAWN_H

#include "helper/cgroup.h"
#include "helper/enter.h"
#include "helper/record.h"

struct spawned {
	pid_t pid; /* of the command: a child of the caller, to be waited for */
	int pidfd;
	int master, slave; /* a terminal of the box, -1 if the entry wants none */
};

#define SPAWNED_EMPTY { .pid = -1, .pidfd = -1, .master = -1, .slave = -1 }

/*
 * Where: the process behind pidfd is the box's init, cgroup the box's. start: the command waits there for one byte
 * (command.h); go is its other end, which the command must not keep.
 */
struct place {
	int pidfd;
	const struct cgroup *cgroup;
	bool v2;
	int start, go;
};

/* What is in *out is the caller's, also when this fails. Takes no longer than deadline. */
int spawn(const struct entry *entry, const struct record *record, const struct place *place, int64_t deadline,
	  struct spawned *out, struct fail *f);

#endif
