/* SPDX-License-Identifier: MIT */
/* runs as: root of a box, then the user. The process that becomes the command. */
#ifndef NSBOX_COMMAND_H
#define NSBOX_COMMAND_H

#include "helper/enter.h"
#include "helper/record.h"

/*
 * Waits for one byte on start, and becomes the entry's command as the box's owner. slave is the terminal, or
 * -1. Ends with 126 or 127 as env(1) does when the command cannot be run.
 */
void command_run(const struct entry *entry, const struct record *record, int slave, int start)
	__attribute__((noreturn));

#endif
