/* SPDX-License-Identifier: MIT */
/* runs as: the owner. Whether somebody may listen on ports, and nobody does. */
#include "helper/net/ports_free.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "conf/fd.h"

/* Returns 0, or an errno value. */
static int try(int family, int type, uint16_t port)
{
	const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	const struct sockaddr_in6 any6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	OWN_FD int s = socket(family, type | SOCK_CLOEXEC, 0);
	int on = 1;

	if (s < 0)
		return errno;
	/*
	 * With TCP this means: not for the sake of connections that are over. With UDP: beside others, which is not
	 * wanted.
	 */
	if (type == SOCK_STREAM && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
		return errno;
	/* Of IPv4 too, unless the host has set it otherwise, and pasta's are the same. */
	if (family == AF_INET6)
		return bind(s, (const struct sockaddr *)&any6, sizeof any6) == 0 ? 0 : errno;
	return bind(s, (const struct sockaddr *)&any, sizeof any) == 0 ? 0 : errno;
}

static int check(unsigned long port, int type, struct fail *f)
{
	int code = try(AF_INET6, type, (uint16_t)port);

	/* A host without IPv6, or one that does not share the ports. */
	if (code == 0 || code == EAFNOSUPPORT)
		code = try(AF_INET, type, (uint16_t)port);
	return code == 0 ? 0 : fail(f, code, "port %lu/%s", port, type == SOCK_STREAM ? "tcp" : "udp");
}

int ports_free(const char *ports, struct fail *f)
{
	for (const char *at = ports; *at != '\0';) {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

		if (first < 1 || last < first || last > UINT16_MAX || (*end != ',' && *end != '\0'))
			return fail(f, EINVAL, "ports %s", ports);
		for (unsigned long port = first; port <= last; port++)
			if (check(port, SOCK_STREAM, f) < 0 || check(port, SOCK_DGRAM, f) < 0)
				return -1;
		at = *end == ',' ? end + 1 : end;
	}
	return 0;
}
