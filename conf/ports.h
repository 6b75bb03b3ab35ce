/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Lists of ports: the values of publish and host_ports, and the ports of one user. */
#ifndef NSBOX_PORTS_H
#define NSBOX_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"

struct policy;

enum { PORT_TCP = 1, PORT_UDP = 2, PORT_BOTH = PORT_TCP | PORT_UDP };

/* What one line may say. PUBLISH_* keep a user's ports as text within WIRE_PORTS, and the elements of maps few. */
enum { PORTS_RANGES = 32, PORTS_TEXT = 512, PUBLISH_RANGES = 16, PUBLISH_PORTS = 1000 };

/* From these the sources of connections have their ports (net.ipv4.ip_local_port_range): nobody can publish them. */
enum { PORTS_SOURCE_FROM = 32768, PORTS_SOURCE_TO = 60999 };

/* The uid whose block begins at ports_from. */
enum { PORTS_FIRST_UID = 1000 };

/* No two ranges have a port of one protocol in common. */
struct ports {
	struct {
		uint16_t from, to; /* both included */
		uint8_t proto;     /* PORT_* */
	} range[PORTS_RANGES];
	int count;
};

/* Reads host_ports, "53 123/udp 8000-8010/tcp" or "none": less than PORTS_TEXT bytes. */
int ports_parse(const char *text, struct ports *out, struct fail *f);

/* Reads publish, "8080 9000-9010" or "none": without protocols, and at most PUBLISH_PORTS ports in all. */
int ports_parse_publish(const char *text, struct ports *out, struct fail *f);

/*
 * The ports that lead to a box of this user: their block of ports_per_user, then publish; a range that overlaps
 * the block is made one with it. Returns 0, with out->count 0 if there are none; 1 if the user's block does not
 * fit between 1 and 65535, or touches PORTS_SOURCE_*, and is left out; -1.
 */
int ports_of_user(const struct policy *policy, uid_t uid, struct ports *out, struct fail *f);

/* "20000-20009,8080", without the protocols; "" if there are none. WIRE_PORTS has room for all of a user's. */
void ports_text(const struct ports *ports, char *text, size_t size);

/* Is this port with all of these protocols (PORT_*) in one of the ranges? */
bool ports_have(const struct ports *ports, uint16_t port, uint8_t proto);

#endif
