/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The networks that boxes with network = nat have their addresses from. */
#ifndef NSBOX_SUBNET_H
#define NSBOX_SUBNET_H

#include <netinet/in.h>
#include <stdint.h>

#include "conf/fail.h"

struct subnet4 {
	uint32_t base;   /* in host byte order */
	unsigned prefix; /* 16..29 */
};

struct subnet6 {
	struct in6_addr base;
	unsigned prefix; /* 64..112; 0: there is no such network */
};

/* Read "10.189.0.0/20", and "fd6e::/64" or "none": of unicast addresses, with no bit set behind the prefix. */
int subnet4_parse(const char *text, struct subnet4 *out, struct fail *f);
int subnet6_parse(const char *text, struct subnet6 *out, struct fail *f);

/* How many boxes fit: all addresses but the network's, the bridge's and the last. Slots are 1 to this. */
uint32_t subnet4_slots(const struct subnet4 *subnet);

/* The address of the box in this slot; slot 0 is the bridge. In network byte order. */
struct in_addr subnet4_address(const struct subnet4 *subnet, uint32_t slot);
struct in6_addr subnet6_address(const struct subnet6 *subnet, uint32_t slot);

#endif
