/* SPDX-License-Identifier: MIT */
/* runs as: root. The rules of nftables that hold for all boxes: tables inet nsbox and bridge nsbox, as text. */
#ifndef NSBOX_NET_RULES_H
#define NSBOX_NET_RULES_H

#include <stdint.h>
#include <stdio.h>

#include "conf/fail.h"
#include "conf/ports.h"
#include "helper/net/resolv.h"
#include "helper/net/state.h"

/* A box whose ports lead to it while the rules are made anew. */
struct published {
	unsigned slot;
	struct ports ports;
};

/* What they are made of. */
struct rules {
	struct state state;
	struct ports host_ports;
	struct name_servers servers; /* of the host: with egress = internet they are reached wherever they are */
	struct published *published;
	unsigned count; /* of published */
};

/*
 * Writes all of it as input of nft(8): both tables are made anew in one transaction, so that there is no moment
 * without them. The admin's chains, in the file of this name (NULL: there is none), come first; ours have a
 * hyphen in their names, which the admin's have not.
 */
void rules_print(FILE *out, const struct rules *rules, const char *chains);

/* The same for what removes both tables; that there are none is no failure. */
void rules_print_end(FILE *out);

#endif
