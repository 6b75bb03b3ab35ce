/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The networks that boxes with network = nat have their addresses from. */
#include "conf/subnet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { LEAST4 = 16, MOST4 = 29, LEAST6 = 64, MOST6 = 112 };

/* Parts "ADDRESS/PREFIX". inet_pton is as strict as the prefix here: one spelling of each number. */
static int split(const char *text, int family, void *address, unsigned *prefix, struct fail *f)
{
	char copy[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t length = slash != NULL ? (size_t)(slash - text) : 0;
	size_t digits;

	if (slash == NULL)
		return fail(f, 0, "has no prefix, as in %s",
			    family == AF_INET ? "10.189.0.0/20" : "fd6e:7362:6f78::/64");
	digits = strspn(slash + 1, "0123456789");
	if (digits == 0 || digits > 3 || slash[1] == '0' || slash[1 + digits] != '\0')
		return fail(f, 0, "has a prefix that is no number");
	if (length < sizeof copy)
		(void)snprintf(copy, sizeof copy, "%.*s", (int)length, text);
	if (length >= sizeof copy || inet_pton(family, copy, address) != 1)
		return fail(f, 0, "is not an address of IPv%d before the prefix", family == AF_INET ? 4 : 6);
	*prefix = 0;
	for (size_t i = 1; i <= digits; i++)
		*prefix = *prefix * 10 + (unsigned)(slash[i] - '0');
	return 0;
}

static int judge_prefix(unsigned prefix, unsigned least, unsigned most, struct fail *f)
{
	if (prefix < least)
		return fail(f, 0, "is too large a network: the prefix is less than /%u", least);
	if (prefix > most)
		return fail(f, 0, "is too small a network: the prefix is more than /%u", most);
	return 0;
}

/* Says which network was most likely meant. */
static int host_bits(int family, const void *network, unsigned prefix, struct fail *f)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(family, network, text, sizeof text) == NULL)
		return fail(f, 0, "has bits behind the prefix");
	return fail(f, 0, "has bits behind the prefix; the network is %s/%u", text, prefix);
}

int subnet4_parse(const char *text, struct subnet4 *out, struct fail *f)
{
	struct in_addr address;
	struct subnet4 subnet;
	uint32_t behind, first;

	if (split(text, AF_INET, &address, &subnet.prefix, f) < 0 ||
	    judge_prefix(subnet.prefix, LEAST4, MOST4, f) < 0)
		return -1;
	subnet.base = ntohl(address.s_addr);
	first = subnet.base >> 24;
	if (first == 0 || first == 127 || first >= 224 || subnet.base >> 16 == 0xa9fe)
		return fail(f, 0, "is no network of unicast addresses that can be routed");
	behind = UINT32_MAX >> subnet.prefix;
	if ((subnet.base & behind) != 0) {
		address.s_addr = htonl(subnet.base & ~behind);
		return host_bits(AF_INET, &address, subnet.prefix, f);
	}
	*out = subnet;
	return 0;
}

/* Clears the bits behind the prefix. */
static struct in6_addr masked(struct in6_addr address, unsigned prefix)
{
	for (unsigned bit = prefix; bit < 128; bit++)
		address.s6_addr[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	return address;
}

int subnet6_parse(const char *text, struct subnet6 *out, struct fail *f)
{
	struct subnet6 subnet = { .prefix = 0 };
	struct in6_addr network;

	if (strcmp(text, "none") == 0) {
		*out = subnet;
		return 0;
	}
	if (split(text, AF_INET6, &subnet.base, &subnet.prefix, f) < 0 ||
	    judge_prefix(subnet.prefix, LEAST6, MOST6, f) < 0)
		return -1;
	/* ::/8 has the loopback address and the mapped ones of IPv4. */
	if (subnet.base.s6_addr[0] == 0 || IN6_IS_ADDR_MULTICAST(&subnet.base) || IN6_IS_ADDR_LINKLOCAL(&subnet.base))
		return fail(f, 0, "is no network of unicast addresses that can be routed");
	network = masked(subnet.base, subnet.prefix);
	if (memcmp(&network, &subnet.base, sizeof network) != 0)
		return host_bits(AF_INET6, &network, subnet.prefix, f);
	*out = subnet;
	return 0;
}

uint32_t subnet4_slots(const struct subnet4 *subnet)
{
	return (UINT32_MAX >> subnet->prefix) + 1 - 3;
}

struct in_addr subnet4_address(const struct subnet4 *subnet, uint32_t slot)
{
	return (struct in_addr){ .s_addr = htonl(subnet->base + 1 + slot) };
}

/* A slot is less than 65536, and the last 16 bits are behind every prefix. */
struct in6_addr subnet6_address(const struct subnet6 *subnet, uint32_t slot)
{
	struct in6_addr address = subnet->base;

	address.s6_addr[14] = (uint8_t)((slot + 1) >> 8);
	address.s6_addr[15] = (uint8_t)(slot + 1);
	return address;
}
