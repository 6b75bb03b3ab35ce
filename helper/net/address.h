/* SPDX-License-Identifier: MIT */
/* runs as: root. The arithmetic of a box's addresses: everything follows from its slot. */
#ifndef NSBOX_NET_ADDRESS_H
#define NSBOX_NET_ADDRESS_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/fail.h"
#include "conf/subnet.h"

#define BRIDGE "nsbox0"
#define PORT_PREFIX "nsbox-" /* the host's end of slot 7 is nsbox-7 */

enum { MAC_SIZE = 6, SLOTS_MOST = 65535 };

struct subnet {
	struct subnet4 four;
	struct subnet6 six;
};

/* Reads the values of the keys subnet and subnet6. */
int subnet_parse(const char *four, const char *six, struct subnet *out, struct fail *f);

/* The highest slot. A bridge of Linux has no more than 1023 ports, however large the subnet is. */
unsigned subnet_slots(const struct subnet *subnet);

/* Have boxes IPv6? */
bool has_6(const struct subnet *subnet);

/* Slot 0 is the gateway, which is the host on the bridge; box n has the n-th address behind it. */
struct in_addr address_4(const struct subnet *subnet, unsigned slot);
struct in6_addr address_6(const struct subnet *subnet, unsigned slot);

/* A locally administered address (IEEE 802, second bit); 0 is the bridge's. */
void address_mac(unsigned slot, uint8_t mac[MAC_SIZE]);

/* The name of the host's end. */
void address_port(unsigned slot, char name[IFNAMSIZ]);

/* "10.189.0.2,fd6e::2", or without the second. */
void address_text(const struct subnet *subnet, unsigned slot, char *text, size_t size);

#endif
