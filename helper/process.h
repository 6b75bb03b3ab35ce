/* SPDX-License-Identifier: MIT */
/* runs as: root. Other processes, seen through a checked procfs and held by pidfd. */
#ifndef NSBOX_PROCESS_H
#define NSBOX_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"

/* Opens /proc and proves that it is procfs and not something mounted over it (CVE-2015-1334). */
int process_open_proc(struct fail *f);

/* A pidfd for pid, close-on-exec; ESRCH when there is no such process. */
int process_pidfd(pid_t pid, struct fail *f);

/* Has the process behind pidfd ended? */
bool process_ended(int pidfd);

/* Waits until it has ended. -1 when the deadline passes first. */
int process_wait_ended(int pidfd, int64_t deadline);

/* Field 22 of /proc/PID/stat: when the process started, in clock ticks since boot. */
int process_start(int proc, pid_t pid, uint64_t *ticks, struct fail *f);

/*
 * Is it stopped by a signal or a tracer? Such an init counts as dead. One that is only slow, in a box that has
 * thousands of busy processes, must not.
 */
bool process_stopped(int proc, pid_t pid);

/* The inode of a namespace of the process: its identity. name as in /proc/PID/ns. */
int process_namespace(int proc, pid_t pid, const char *name, uint64_t *inode, struct fail *f);

#endif
