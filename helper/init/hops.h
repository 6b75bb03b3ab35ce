/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box, as the owner. Lets in who comes from other boxes of the owner (helper/hop.h). */
#ifndef NSBOX_INIT_HOPS_H
#define NSBOX_INIT_HOPS_H

#include <stdbool.h>

#include "helper/hop.h"

struct hops {
	int pids[HOPS_MOST]; /* of the nsbox-hop that live */
	bool holds[HOPS_MOST]; /* is the box needed for it? */
	unsigned count, holding;
};

/*
 * Takes one connection from INIT_HOPS, if there is one, and starts nsbox-hop for it with words; or closes it, if it
 * is not the owner's or there are too many. One from the box itself does not hold it: a process could keep its own
 * box for ever. False: that cannot be done for the moment, and asking at once would be in vain.
 */
bool hops_admit(struct hops *hops, const char *const *words);

/* A child of init's has ended, which may have been one of them. */
void hops_ended(struct hops *hops, long pid);

#endif
