/* SPDX-License-Identifier: MIT */
/* runs as: root. Runs another program and reads what it prints. */
#ifndef NSBOX_RUN_PROGRAM_H
#define NSBOX_RUN_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "conf/fail.h"

/*
 * Runs path with an empty environment, /dev/null on its input and nothing else open, and reads its standard
 * output into text. Fails if it prints more, ends with anything but 0, or lives beyond deadline (it is killed).
 */
int run_program(const char *path, char *const argv[], int64_t deadline, char *text, size_t size, struct fail *f);

/* The same with its standard error too; when it fails text is what it has said of that. */
int run_program_heard(const char *path, char *const argv[], int64_t deadline, char *text, size_t size,
		      struct fail *f);

#endif
