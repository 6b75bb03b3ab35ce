/* SPDX-License-Identifier: MIT */
/* runs as: root. The numbers in a cgroup's files, of version 1 and 2. */
#ifndef NSBOX_COUNTS_H
#define NSBOX_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

/* What stands after word and a blank on the line that begins so; NULL if there is none. */
const char *count_find(const char *text, const char *word);

/*
 * Finds a number in the text of a file. word is what stands before it, where the file has several. Returns false if
 * there is none: no such line, or a word for "no limit".
 */
typedef bool count_parse(const char *text, const char *word, uint64_t *value);

/* "NUMBER", or with a word a line "WORD NUMBER". v1 calls no limit the largest number of whole pages. */
count_parse count_number;

/* The same in nanoseconds, as microseconds. */
count_parse count_nanoseconds;

/* v1's cpu.shares as the weight that v2 would have. */
count_parse count_shares;

/* "QUOTA PERIOD" (v2), or "QUOTA" of a period of 100 ms (v1), as percent of one processor. */
count_parse count_quota;

/* The sum over all disks of WORD=NUMBER (v2's io.stat). */
count_parse count_io;

/* The sum over all disks of lines "DISK WORD NUMBER" (v1's blkio). */
count_parse count_blkio;

/* In which part of the last 10 s some task waited: hundredths of a percent. */
count_parse count_pressure;

#endif
