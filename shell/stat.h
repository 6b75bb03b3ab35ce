/* SPDX-License-Identifier: MIT */
/* runs as: the user. What users and their boxes use: the fields, and what is made of them. */
#ifndef NSBOX_SHELL_STAT_H
#define NSBOX_SHELL_STAT_H

#include "shell/rows.h"

/* In JSON's order. A row without BOX is a user's. Those after STAT_SHOWN are for us only. */
enum {
	S_USER, S_BOX, S_UID, S_BOXES,
	S_CPU, S_CPU_MAX, S_CPU_WEIGHT, S_CPU_USEC,
	S_MEMORY, S_MEMORY_MAX, S_MEMORY_HIGH, S_SWAP, S_SWAP_MAX,
	S_PIDS, S_PIDS_MAX,
	S_READ, S_READ_BYTES, S_WRITE, S_WRITE_BYTES,
	S_CPU_PRESSURE, S_MEMORY_PRESSURE, S_IO_PRESSURE,
	STAT_SHOWN, S_CLOCK = STAT_SHOWN, STAT_FIELDS
};

/* Puts S_CPU, S_READ and S_WRITE, which are rates, into each row of now that was there before. */
int stat_rates(const struct rows *before, struct rows *now, struct fail *f);

/* Puts the heaviest user first (processor, then memory), each followed by their boxes, the heaviest first. */
int stat_sort(struct rows *rows, struct fail *f);

#endif
