/* SPDX-License-Identifier: MIT */
/* runs as: root. The rules of nftables that hold for all boxes, as text. */
#include "helper/net/rules.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "helper/net/published.h"

/*
 * What is not the internet: the special purpose registries of IANA (RFC 6890), but for networks that stand in
 * examples only. Of IPv6 it is only 2000::/3 that is.
 */
static const char not_internet[] =
	"0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.0.0/24, "
	"192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3";
static const char not_internet_6[] = "2001:2::/48, 2001:10::/28, 2002::/16";

static void print_source(FILE *out, unsigned slot, const char *address)
{
	uint8_t mac[MAC_SIZE];

	address_mac(slot, mac);
	(void)fprintf(out, "\t\t\t\"" PORT_PREFIX "%u\" . %02x:%02x:%02x:%02x:%02x:%02x . %s,\n", slot,
		      mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], address);
}

static void print_sources(FILE *out, const struct subnet *subnet, int family)
{
	char text[INET6_ADDRSTRLEN];

	(void)fprintf(out, "\tset sources%d {\n\t\ttypeof iifname . ether saddr . %s saddr\n\t\telements = {\n",
		      family == AF_INET ? 4 : 6, family == AF_INET ? "ip" : "ip6");
	for (unsigned slot = 1; slot <= subnet_slots(subnet); slot++) {
		const struct in_addr four = address_4(subnet, slot);
		const struct in6_addr six = address_6(subnet, slot);

		(void)inet_ntop(family, family == AF_INET ? (const void *)&four : &six, text, sizeof text);
		print_source(out, slot, text);
	}
	(void)fprintf(out, "\t\t}\n\t}\n");
}

/* The class of a packet's port becomes the packet's mark: behind the bridge nobody knows the port any more. */
static void print_classes(FILE *out, const struct state *state)
{
	(void)fprintf(out, "\tchain nsbox-classify {\n\t\tmeta mark set meta iifgroup map {");
	for (uint32_t class = CLASS_ALL; class <= CLASS_NONE; class++)
		(void)fprintf(out, " %u : %#x,", class, MARK + class);
	for (uint32_t i = 0; i < state->chains; i++)
		(void)fprintf(out, " %u : %#x,", CLASS_CHAIN + i, MARK + CLASS_CHAIN + i);
	(void)fprintf(out, " } accept\n\t\tdrop\n\t}\n");
}

/*
 * On the bridge: each port sends from its own addresses and nothing else, not even ARP. The bridge and the boxes know
 * each other (helper/net/veth.c).
 */
static void print_bridge(FILE *out, const struct state *state)
{
	(void)fprintf(out, "table bridge nsbox {\n");
	print_sources(out, &state->subnet, AF_INET);
	if (has_6(&state->subnet))
		print_sources(out, &state->subnet, AF_INET6);
	print_classes(out, state);
	(void)fprintf(out, "\tchain nsbox-from-box {\n"
			   "\t\tether type ip iifname . ether saddr . ip saddr @sources4 goto nsbox-classify\n");
	if (has_6(&state->subnet))
		(void)fprintf(out, "\t\tether type ip6 iifname . ether saddr . ip6 saddr @sources6 "
				   "goto nsbox-classify\n");
	(void)fprintf(out, "\t\tdrop\n\t}\n"
			   "\tchain nsbox-prerouting {\n"
			   "\t\ttype filter hook prerouting priority filter; policy accept;\n"
			   "\t\tiifname \"" PORT_PREFIX "*\" jump nsbox-from-box\n\t}\n}\n");
}

static void print_ports(FILE *out, const struct ports *ports, const char *address)
{
	for (int i = 0; i < ports->count; i++)
		for (unsigned port = ports->range[i].from; port <= ports->range[i].to; port++)
			(void)fprintf(out, "\t\t\ttcp . %u : %s, udp . %u : %s,\n", port, address, port, address);
}

static void print_map(FILE *out, int family, const struct rules *rules)
{
	char text[INET6_ADDRSTRLEN];

	(void)fprintf(out, "\tmap published%d {\n\t\ttype inet_proto . inet_service : ipv%d_addr\n",
		      family == AF_INET ? 4 : 6, family == AF_INET ? 4 : 6);
	if (rules->count > 0)
		(void)fprintf(out, "\t\telements = {\n");
	for (unsigned i = 0; i < rules->count; i++) {
		const struct in_addr four = address_4(&rules->state.subnet, rules->published[i].slot);
		const struct in6_addr six = address_6(&rules->state.subnet, rules->published[i].slot);

		(void)inet_ntop(family, family == AF_INET ? (const void *)&four : &six, text, sizeof text);
		print_ports(out, &rules->published[i].ports, text);
	}
	(void)fprintf(out, rules->count > 0 ? "\t\t}\n\t}\n" : "\t}\n");
}

/* The set of protocol and port of what boxes may reach of the host. */
static void print_host_ports(FILE *out, const struct ports *ports)
{
	if (ports->count == 0)
		return;
	(void)fprintf(out, "\t\tmeta l4proto . th dport {");
	for (int i = 0; i < ports->count; i++)
		for (unsigned proto = PORT_TCP; proto <= PORT_UDP; proto++)
			if ((ports->range[i].proto & proto) != 0)
				(void)fprintf(out, " %s . %u-%u,", proto == PORT_TCP ? "tcp" : "udp",
					      ports->range[i].from, ports->range[i].to);
	(void)fprintf(out, " } accept\n");
}

/*
 * Whoever may reach the internet finds names, though the host's servers are where the internet is not, as in most
 * clouds.
 */
static void print_internet(FILE *out, const struct name_servers *servers)
{
	(void)fprintf(out, "\tchain nsbox-internet {\n");
	for (int i = 0; i < servers->n; i++)
		(void)fprintf(out, "\t\t%s daddr %s meta l4proto { tcp, udp } th dport %d accept\n",
			      strchr(servers->address[i], ':') != NULL ? "ip6" : "ip", servers->address[i],
			      RESOLV_PORT);
	(void)fprintf(out, "\t\tip daddr { %s } return\n\t\tip6 daddr { %s } return\n\t\tmeta nfproto ipv4 accept\n"
			   "\t\tip6 daddr 2000::/3 accept\n\t}\n", not_internet, not_internet_6);
}

/*
 * The mark has done its work here and is taken off, so that it means nothing to the routes. Replies to who has
 * reached a published port are always let out; of what is for the host itself nsbox-input decides.
 */
static void print_egress(FILE *out, const struct state *state)
{
	(void)fprintf(out,
		      "\tchain nsbox-leaving {\n\t\tct direction reply meta mark set 0 accept\n"
		      "\t\tfib daddr type local meta mark set 0 accept\n"
		      "\t\tmeta mark %#x meta mark set 0 accept\n"
		      "\t\tmeta mark %#x meta mark set 0 jump nsbox-internet\n",
		      MARK + CLASS_ALL, MARK + CLASS_INTERNET);
	for (uint32_t i = 0; i < state->chains; i++)
		if (!state->chain[i].gone) /* and if it is, its boxes reach nothing */
			(void)fprintf(out, "\t\tmeta mark %#x meta mark set 0 jump %s\n", MARK + CLASS_CHAIN + i,
				      state->chain[i].name);
	(void)fprintf(out, "\t\tmeta mark set 0 reject with icmpx admin-prohibited\n\t}\n"
			   "\tchain nsbox-egress {\n\t\ttype filter hook prerouting priority mangle; policy accept;\n"
			   "\t\tiifname \"" BRIDGE "\" jump nsbox-leaving\n\t}\n");
}

static void print_filters(FILE *out, const struct state *state, const struct ports *host_ports)
{
	(void)fprintf(out, "\tchain nsbox-to-host {\n\t\tct state established,related accept\n"
			   "\t\ticmp type echo-request accept\n\t\ticmpv6 type echo-request accept\n");
	print_host_ports(out, host_ports);
	(void)fprintf(out, "\t\treject with icmpx admin-prohibited\n\t}\n"
			   "\tchain nsbox-input {\n\t\ttype filter hook input priority filter; policy accept;\n"
			   "\t\tiifname \"" BRIDGE "\" jump nsbox-to-host\n\t}\n"
			   "\tchain nsbox-forward {\n\t\ttype filter hook forward priority filter; policy accept;\n"
			   "\t\tiifname \"" BRIDGE "\" oifname \"" BRIDGE "\" reject with icmpx admin-prohibited\n"
			   "\t\tiifname \"" BRIDGE "\" ct direction original ct status dnat "
			   "reject with icmpx admin-prohibited\n"
			   "\t\tiifname \"" BRIDGE "\" accept\n"
			   "\t\toifname \"" BRIDGE "\" ct state established,related accept\n"
			   "\t\toifname \"" BRIDGE "\" ct status dnat accept\n"
			   "\t\toifname \"" BRIDGE "\" drop\n");
	/* With br_netfilter this hook also sees frames that only cross a bridge of somebody else's. */
	if (state->forwarding_4 || state->forwarding_6)
		(void)fprintf(out, "\t\tmeta iifkind \"bridge\" meta oifkind \"bridge\" accept\n");
	/* Forwarding was off before it was needed for boxes: the host has become no router for anybody else. */
	if (state->forwarding_4)
		(void)fprintf(out, "\t\tmeta nfproto ipv4 drop\n");
	if (state->forwarding_6)
		(void)fprintf(out, "\t\tmeta nfproto ipv6 drop\n");
	(void)fprintf(out, "\t}\n");
}

/*
 * From the host only root reaches more of a box than what is published, or users with processes outside of boxes (and
 * with network = pasta) would.
 */
static void print_output(FILE *out)
{
	(void)fprintf(out, "\tchain nsbox-output {\n\t\ttype filter hook output priority filter; policy accept;\n"
			   "\t\toifname \"" BRIDGE "\" ct state established,related accept\n"
			   "\t\toifname \"" BRIDGE "\" ct status dnat accept\n"
			   "\t\toifname \"" BRIDGE "\" meta skuid != 0 reject with icmpx admin-prohibited\n\t}\n");
}

/*
 * A few groups of addresses go to the port itself and not through the bridge (IEEE 802.1D, 01:80:c2:00:00:0X), past
 * its rules: nothing is to be heard there.
 */
static void print_ports_of_bridge(FILE *out)
{
	(void)fprintf(out, "\tchain nsbox-port {\n\t\ttype filter hook prerouting priority raw; policy accept;\n"
			   "\t\tiifname \"" PORT_PREFIX "*\" drop\n\t}\n");
}

static void print_dnat(FILE *out, const char *match, const struct subnet *subnet)
{
	(void)fprintf(out, "\t\t%sip daddr != 127.0.0.0/8 fib daddr type local dnat ip to meta l4proto . th dport "
			   "map @" PUBLISHED_4 "\n", match);
	if (has_6(subnet))
		(void)fprintf(out, "\t\t%sip6 daddr != ::1 fib daddr type local dnat ip6 to meta l4proto . th dport "
				   "map @" PUBLISHED_6 "\n", match);
}

/*
 * Sources get ports of the range that is for that, and that nobody can publish: with one of its own choice a box
 * could take the host's port that is somebody else's, as far as one peer is concerned.
 */
static void print_masquerade(FILE *out, const char *family, const char *subnet)
{
	(void)fprintf(out, "\t\t%s saddr %s oifname != \"" BRIDGE "\" meta l4proto { tcp, udp } "
			   "masquerade to :%d-%d\n"
			   "\t\t%s saddr %s oifname != \"" BRIDGE "\" masquerade\n",
		      family, subnet, PORTS_SOURCE_FROM, PORTS_SOURCE_TO, family, subnet);
}

/* A published port is reached from elsewhere and from the host itself, but not from another box. */
static void print_nat(FILE *out, const struct state *state)
{
	(void)fprintf(out, "\tchain nsbox-publish {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n");
	print_dnat(out, "iifname != \"" BRIDGE "\" ", &state->subnet);
	(void)fprintf(out, "\t}\n\tchain nsbox-publish-own {\n"
			   "\t\ttype nat hook output priority -100; policy accept;\n");
	print_dnat(out, "", &state->subnet);
	(void)fprintf(out, "\t}\n\tchain nsbox-masquerade {\n"
			   "\t\ttype nat hook postrouting priority srcnat; policy accept;\n");
	print_masquerade(out, "ip", state->subnet4);
	if (has_6(&state->subnet))
		print_masquerade(out, "ip6", state->subnet6);
	(void)fprintf(out, "\t}\n");
}

void rules_print_end(FILE *out)
{
	/* To delete a table it has to be there. */
	(void)fprintf(out, "add table inet nsbox\ndelete table inet nsbox\n"
			   "add table bridge nsbox\ndelete table bridge nsbox\n");
}

void rules_print(FILE *out, const struct rules *rules, const char *chains)
{
	const struct state *state = &rules->state;

	rules_print_end(out);
	if (chains != NULL)
		(void)fprintf(out, "include \"%s\"\n", chains);
	print_bridge(out, state);
	(void)fprintf(out, "table inet nsbox {\n");
	print_map(out, AF_INET, rules);
	if (has_6(&state->subnet))
		print_map(out, AF_INET6, rules);
	print_internet(out, &rules->servers);
	print_egress(out, state);
	print_filters(out, state, &rules->host_ports);
	print_output(out);
	print_ports_of_bridge(out);
	print_nat(out, state);
	(void)fprintf(out, "}\n");
}
