/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The pair of interfaces between a box and the bridge. */
#include "helper/net/veth.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/fd.h"
#include "helper/net/netlink.h"

enum { INSIDE_INDEX = 2 }; /* of eth0: 1 is the loopback's */

/* Without addresses that it would make itself: no neighbour discovery is needed, and none is let through. */
static void put_no_link_local(struct nlmsghdr *h)
{
	struct nlattr *families = mnl_attr_nest_start(h, IFLA_AF_SPEC);
	struct nlattr *six = mnl_attr_nest_start(h, AF_INET6);

	mnl_attr_put_u8(h, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(h, six);
	mnl_attr_nest_end(h, families);
}

static void put_end(struct nlmsghdr *h, const char *name, uint32_t mtu, uint8_t first, unsigned slot)
{
	uint8_t mac[MAC_SIZE];

	address_mac(slot, mac);
	mac[3] = first; /* the two ends of a pair differ here */
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	mnl_attr_put_u32(h, IFLA_MTU, mtu);
	mnl_attr_put(h, IFLA_ADDRESS, sizeof mac, mac);
}

static void put_pair(struct batch *b, const struct veth *v)
{
	char port[IFNAMSIZ];
	struct ifinfomsg *peer;
	struct nlattr *info, *data, *inside;

	address_port(v->slot, port);
	(void)batch_add(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg),
			"make the box's interfaces", 0);
	put_end(b->last, port, v->mtu, 0xff, v->slot);
	mnl_attr_put_u32(b->last, IFLA_GROUP, v->group);
	info = mnl_attr_nest_start(b->last, IFLA_LINKINFO);
	mnl_attr_put_strz(b->last, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(b->last, IFLA_INFO_DATA);
	inside = mnl_attr_nest_start(b->last, VETH_INFO_PEER);
	peer = mnl_nlmsg_put_extra_header(b->last, sizeof *peer);
	peer->ifi_index = INSIDE_INDEX;
	put_end(b->last, "eth0", v->mtu, 0, v->slot);
	/* Process 1 of our PID namespace: ourselves. */
	mnl_attr_put_u32(b->last, IFLA_NET_NS_PID, 1);
	mnl_attr_nest_end(b->last, inside);
	mnl_attr_nest_end(b->last, data);
	mnl_attr_nest_end(b->last, info);
}

/*
 * The port of the bridge: it talks to no other port, is sent nothing but what is for its one MAC address, and teaches
 * the bridge nothing (see bridge(8) on isolated, learning and flood).
 */
static void put_port(struct batch *b, unsigned index, unsigned bridge)
{
	static const uint16_t off[] = {
		IFLA_BRPORT_LEARNING, IFLA_BRPORT_UNICAST_FLOOD, IFLA_BRPORT_MCAST_FLOOD, IFLA_BRPORT_BCAST_FLOOD,
	};
	struct ifinfomsg *link = batch_add(b, RTM_NEWLINK, 0, sizeof *link, "make the box a port of the bridge", 0);
	struct nlattr *info, *data;

	link->ifi_index = (int)index;
	mnl_attr_put_u32(b->last, IFLA_MASTER, bridge);
	link = batch_add(b, RTM_NEWLINK, 0, sizeof *link, "set the box's port of the bridge", 0);
	link->ifi_index = (int)index;
	link->ifi_flags = link->ifi_change = IFF_UP;
	put_no_link_local(b->last);
	info = mnl_attr_nest_start(b->last, IFLA_LINKINFO);
	mnl_attr_put_strz(b->last, IFLA_INFO_SLAVE_KIND, "bridge");
	data = mnl_attr_nest_start(b->last, IFLA_INFO_SLAVE_DATA);
	mnl_attr_put_u8(b->last, IFLA_BRPORT_ISOLATED, 1);
	for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
		mnl_attr_put_u8(b->last, off[i], 0);
	mnl_attr_nest_end(b->last, data);
	mnl_attr_nest_end(b->last, info);
}

static void put_neighbour(struct batch *b, unsigned index, const void *address, size_t size, unsigned mac_of)
{
	uint8_t mac[MAC_SIZE];
	struct ndmsg *n = batch_add(b, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, sizeof *n, "set a neighbour", 0);

	n->ndm_family = size == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	n->ndm_ifindex = (int)index;
	n->ndm_state = NUD_PERMANENT;
	address_mac(mac_of, mac);
	mnl_attr_put(b->last, NDA_DST, size, address);
	mnl_attr_put(b->last, NDA_LLADDR, sizeof mac, mac);
}

/* Which port the box's MAC address is behind: nobody learns it. */
static void put_forwarding(struct batch *b, unsigned port, unsigned slot)
{
	uint8_t mac[MAC_SIZE];
	struct ndmsg *n = batch_add(b, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, sizeof *n,
				    "tell the bridge where the box is", 0);

	n->ndm_family = AF_BRIDGE;
	n->ndm_ifindex = (int)port;
	n->ndm_state = NUD_NOARP; /* static, in the words of bridge(8) */
	n->ndm_flags = NTF_MASTER;
	address_mac(slot, mac);
	mnl_attr_put(b->last, NDA_LLADDR, sizeof mac, mac);
}

int veth_attach(const struct veth *v, int host, struct fail *f)
{
	struct batch b = BATCH(2048);
	struct in_addr four = address_4(&v->subnet, v->slot);
	struct in6_addr six = address_6(&v->subnet, v->slot);
	char name[IFNAMSIZ];
	unsigned port;

	address_port(v->slot, name);
	port = netlink_index(host, name);
	if (port == 0)
		return fail(f, ENODEV, "the interface %s", name);
	put_port(&b, port, v->bridge);
	put_forwarding(&b, port, v->slot);
	put_neighbour(&b, v->bridge, &four, sizeof four, v->slot);
	if (has_6(&v->subnet))
		put_neighbour(&b, v->bridge, &six, sizeof six, v->slot);
	return batch_run(&b, host, f);
}

/* The address alone, without a network around it: everything but the box itself is behind the gateway. */
static void put_address(struct batch *b, const void *address, size_t size)
{
	struct ifaddrmsg *a = batch_add(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *a,
					"set the box's address", 0);

	a->ifa_family = size == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	a->ifa_prefixlen = (uint8_t)(size * 8);
	a->ifa_flags = a->ifa_family == AF_INET6 ? IFA_F_NODAD : 0;
	a->ifa_index = INSIDE_INDEX;
	mnl_attr_put(b->last, IFA_LOCAL, size, address);
	mnl_attr_put(b->last, IFA_ADDRESS, size, address);
}

static void put_route(struct batch *b, const void *gateway, size_t size)
{
	struct rtmsg *r = batch_add(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof *r,
				    "set the box's default route", 0);

	r->rtm_family = size == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	r->rtm_table = RT_TABLE_MAIN;
	r->rtm_protocol = RTPROT_STATIC;
	r->rtm_scope = RT_SCOPE_UNIVERSE;
	r->rtm_type = RTN_UNICAST;
	r->rtm_flags = RTNH_F_ONLINK;
	mnl_attr_put(b->last, RTA_GATEWAY, size, gateway);
	mnl_attr_put_u32(b->last, RTA_OIF, INSIDE_INDEX);
}

static void put_family(struct batch *b, const void *address, const void *gateway, size_t size)
{
	put_address(b, address, size);
	put_neighbour(b, INSIDE_INDEX, gateway, size, 0);
	put_route(b, gateway, size);
}

static int set_box_end(const struct veth *v, struct fail *f)
{
	struct batch b = BATCH(2048);
	const struct in_addr four = address_4(&v->subnet, v->slot), gateway = address_4(&v->subnet, 0);
	const struct in6_addr six = address_6(&v->subnet, v->slot), gateway6 = address_6(&v->subnet, 0);
	OWN_FD int box = netlink_open(NETLINK_ROUTE, f);

	if (box < 0)
		return -1;

	struct ifinfomsg *link = batch_add(&b, RTM_NEWLINK, 0, sizeof *link, "bring the box's interface up", 0);

	link->ifi_index = INSIDE_INDEX;
	link->ifi_flags = link->ifi_change = IFF_UP;
	put_no_link_local(b.last);
	put_family(&b, &four, &gateway, sizeof four);
	if (has_6(&v->subnet))
		put_family(&b, &six, &gateway6, sizeof six);
	return batch_run(&b, box, f);
}

int veth_make(const struct veth *veth, int host, struct fail *f)
{
	struct batch pair = BATCH(2048);

	put_pair(&pair, veth);
	if (batch_run(&pair, host, f) < 0)
		return -1;
	return set_box_end(veth, f) < 0 ? -1 : veth_attach(veth, host, f);
}

static void put_no_neighbour(struct batch *b, unsigned index, const void *address, size_t size)
{
	struct ndmsg *n = batch_add(b, RTM_DELNEIGH, 0, sizeof *n, "forget a neighbour", ENOENT);

	n->ndm_family = size == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	n->ndm_ifindex = (int)index;
	mnl_attr_put(b->last, NDA_DST, size, address);
}

int veth_remove(int host, const struct subnet *subnet, unsigned slot, struct fail *f)
{
	struct batch b = BATCH(2048);
	const struct in_addr four = address_4(subnet, slot);
	const struct in6_addr six = address_6(subnet, slot);
	unsigned bridge = netlink_index(host, BRIDGE);
	char name[IFNAMSIZ];

	address_port(slot, name);
	(void)batch_add(&b, RTM_DELLINK, 0, sizeof(struct ifinfomsg), "remove the box's interfaces", ENODEV);
	mnl_attr_put_strz(b.last, IFLA_IFNAME, name);
	if (bridge != 0)
		put_no_neighbour(&b, bridge, &four, sizeof four);
	if (bridge != 0 && has_6(subnet))
		put_no_neighbour(&b, bridge, &six, sizeof six);
	return batch_run(&b, host, f);
}
