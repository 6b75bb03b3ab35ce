/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box, as the owner. The terminals of the box, all together. */
#ifndef NSBOX_INIT_TERMINALS_H
#define NSBOX_INIT_TERMINALS_H

struct terminals {
	unsigned long count;
	unsigned long newest; /* atime or mtime, whichever is the latest of all, in seconds since the epoch */
	unsigned long sum;    /* over numbers and times */
};

/* What there is to see of them; none, if they cannot be looked at. */
void terminals_look(struct terminals *seen);

/* Writes text to each; one that takes nothing now (stopped with ^S, or nobody reads) is passed over. */
void terminals_tell(const char *text);

/* Takes every time of theirs that is later than latest (seconds since the epoch) back to that. */
void terminals_take_back(unsigned long latest);

#endif
