/* SPDX-License-Identifier: MIT */
/* runs as: root. The arithmetic of a box's addresses: everything follows from its slot. */
#include "helper/net/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { BRIDGE_PORTS = 1023 };

int subnet_parse(const char *four, const char *six, struct subnet *out, struct fail *f)
{
	struct subnet s;

	if (subnet4_parse(four, &s.four, f) < 0)
		return fail_in(f, "subnet %s", four);
	if (subnet6_parse(six, &s.six, f) < 0)
		return fail_in(f, "subnet6 %s", six);
	*out = s;
	return 0;
}

unsigned subnet_slots(const struct subnet *subnet)
{
	uint32_t slots = subnet4_slots(&subnet->four);

	return slots < BRIDGE_PORTS ? slots : BRIDGE_PORTS;
}

bool has_6(const struct subnet *subnet)
{
	return subnet->six.prefix != 0;
}

struct in_addr address_4(const struct subnet *subnet, unsigned slot)
{
	return subnet4_address(&subnet->four, slot);
}

struct in6_addr address_6(const struct subnet *subnet, unsigned slot)
{
	return subnet6_address(&subnet->six, slot);
}

void address_mac(unsigned slot, uint8_t mac[MAC_SIZE])
{
	const uint8_t bytes[MAC_SIZE] = { 0x02, 0x6e, 0x73, 0, (uint8_t)(slot >> 8), (uint8_t)slot };

	memcpy(mac, bytes, MAC_SIZE);
}

void address_port(unsigned slot, char name[IFNAMSIZ])
{
	(void)snprintf(name, IFNAMSIZ, PORT_PREFIX "%u", slot);
}

void address_text(const struct subnet *subnet, unsigned slot, char *text, size_t size)
{
	char four[INET_ADDRSTRLEN], six[INET6_ADDRSTRLEN] = "";
	struct in_addr a4 = address_4(subnet, slot);
	struct in6_addr a6 = address_6(subnet, slot);

	(void)inet_ntop(AF_INET, &a4, four, sizeof four);
	if (has_6(subnet))
		(void)inet_ntop(AF_INET6, &a6, six, sizeof six);
	(void)snprintf(text, size, "%s%s%s", four, has_6(subnet) ? "," : "", six);
}
