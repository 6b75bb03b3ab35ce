/* SPDX-License-Identifier: MIT */
/* runs as: root. The rules of nftables that hold for all boxes: tables inet nsbox and bridge nsbox, as text. */
#ifndef NSBOX_NET_RULES_H
#define NSBOX_NET_RULES_H

#include <stdint.h>
#include <stdio.h>

#include "conf/fail.h"
#include "conf/ports.h"
#include "helper/net/state.h"

/* A box whose ports lead to it while the rules are made anew. */
struct published {
	unsigned slot;
	struct ports ports;
};

/*
 * Writes all of it as input of nft(8): both tables are made anew in one transaction, so that there is no moment without
 * them. The admin's chains, in the file of this name (NULL: there is none), come first; ours have a
 * hyphen in their names, which the admin's have not. host_ports is parsed already.
 */
void rules_print(FILE *out, const struct state *state, const struct ports *host_ports, const char *chains,
		 const struct published *published, unsigned count);

/* The same for what removes both tables; that there are none is no failure. */
void rules_print_end(FILE *out);

#endif
