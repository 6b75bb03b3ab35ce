/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace; or the user. Which name servers a box can ask. */
#ifndef NSBOX_RESOLV_H
#define NSBOX_RESOLV_H

#include <netinet/in.h>
#include <stddef.h>

/* Where systemd-resolved says whom it asks itself: all that its stub, at 127.0.0.53, hides. */
#define RESOLV_UPSTREAM "/run/systemd/resolve/resolv.conf"

/* The DNS; and how many servers the resolver of glibc asks. */
enum { RESOLV_PORT = 53, RESOLV_SERVERS = 3 };

/* More than any resolv.conf needs. */
enum { RESOLV_TEXT = 16384 };

/*
 * Writes into text what stands in a box's /etc/resolv.conf if its network is its own. host is the text of the
 * host's, upstream that of RESOLV_UPSTREAM ("" if there is none), stand_in the addresses, separated by blanks, at
 * which a box finds the resolver that the host has on its loopback interface ("" if it cannot). What does not fit
 * is left out, a whole line at a time. Returns how many name servers are in it; if none is, a comment in it says
 * why.
 */
int resolv_text(const char *host, const char *upstream, const char *stand_in, char *text, size_t size);

/* The host's name servers that a box can reach by itself, from both files. */
struct name_servers {
	char address[RESOLV_SERVERS][INET6_ADDRSTRLEN];
	int n;
};

void resolv_servers(struct name_servers *out);

/* Reads a file of the host; an empty text where there is none, or one too large to be what it should be. */
void resolv_read(const char *path, char *text, size_t size);

/*
 * Where a box with network = nat finds the resolver that the host has on its loopback interface: at the bridge's
 * address, if these values of the keys host_ports and subnet let it; else "".
 */
void resolv_gateway(const char *host_ports, const char *subnet, char address[INET_ADDRSTRLEN]);

#endif
