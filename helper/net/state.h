/* SPDX-License-Identifier: MIT */
/* runs as: root. /run/nsbox/net/up: what the bridge and the rules were made with, which is what logins go by. */
#ifndef NSBOX_NET_STATE_H
#define NSBOX_NET_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/fail.h"
#include "helper/net/address.h"

/* Of a packet on its way out of the bridge: this and its class. */
#define MARK 0x6e780000U

/*
 * Interface groups of the boxes' ports, and in the rules the low bits of the mark that a packet gets: its egress
 * class.
 */
enum { CLASS_ALL = 1, CLASS_INTERNET = 2, CLASS_NONE = 3, CLASS_CHAIN = 16, CHAINS_MOST = 64, CHAIN_NAME = 32 };

/* Did we switch forwarding on? Then nothing else is forwarded, and --net-down switches it off again. */
struct state {
	char subnet4[64], subnet6[64]; /* as in nsbox.conf */
	char host_ports[512];
	struct subnet subnet;
	bool forwarding_4, forwarding_6;
	struct {
		char name[CHAIN_NAME];
		/* From nsbox.conf: boxes that live may have the class, and it must become no other chain's. */
		bool gone;
	} chain[CHAINS_MOST]; /* the class is CLASS_CHAIN and the place here */
	unsigned chains;
};

/* directory is /run/nsbox/net. Reading fails with ENOENT when the network is not up. Writing is atomic. */
int state_read(int directory, struct state *out, struct fail *f);
int state_write(int directory, const struct state *state, struct fail *f);
int state_remove(int directory, struct fail *f);

/* The class of a value of the key egress; 0: the rules do not know that chain. */
uint32_t state_class(const struct state *state, const char *egress);

/*
 * Adds a chain, unless it is one of the words, or there already: gone or not. f->code is E2BIG when there are too
 * many.
 */
int state_add_chain(struct state *state, const char *egress, bool gone, struct fail *f);

/*
 * LOCK_BOX is held by whoever gives a box its place or takes it back, by many at a time; LOCK_ALL by who changes all
 * of it, and then by nobody else; LOCK_PORTS, inside of the former, by one who changes which ports lead where. Waits
 * until deadline at most, and returns the fd that holds it (rundir_unlock lets it go).
 */
enum network_lock { LOCK_BOX, LOCK_ALL, LOCK_PORTS };

int state_lock(int directory, enum network_lock which, int64_t deadline, struct fail *f);

#endif
