/* SPDX-License-Identifier: MIT */
/* runs as: root. The bridge that boxes are ports of: nsbox0. */
#include "helper/net/bridge.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "helper/net/netlink.h"

enum { MTU_DEFAULT = 1500, UPLINKS_MOST = 32, TRIES = 20 };

static int take_attribute(const struct nlattr *a, void *context)
{
	struct bridge *b = context;

	if (mnl_attr_get_type(a) == IFLA_ADDRESS && mnl_attr_get_payload_len(a) == MAC_SIZE)
		memcpy(b->mac, mnl_attr_get_payload(a), MAC_SIZE);
	if (mnl_attr_get_type(a) == IFLA_MTU && mnl_attr_validate(a, MNL_TYPE_U32) == 0)
		b->mtu = mnl_attr_get_u32(a);
	return MNL_CB_OK;
}

static int take_link(const struct nlmsghdr *h, void *context)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(h);
	struct bridge *b = context;

	b->index = (unsigned)link->ifi_index;
	b->up = (link->ifi_flags & IFF_UP) != 0;
	(void)mnl_attr_parse(h, sizeof *link, take_attribute, b);
	return MNL_CB_STOP;
}

int bridge_look(int socket, struct bridge *out, struct fail *f)
{
	struct bridge found = { 0 };
	struct batch b = BATCH(2048);

	(void)batch_add(&b, RTM_GETLINK, 0, sizeof(struct ifinfomsg), "look at the bridge " BRIDGE, 0);
	mnl_attr_put_strz(b.last, IFLA_IFNAME, BRIDGE);
	if (batch_ask(&b, socket, take_link, &found, f) < 0)
		return -1;
	*out = found;
	return 0;
}

/*
 * A MAC address that is said stays; else the bridge would take the lowest of its ports', and change it with them. It
 * is said when the bridge is made and not again: each time, the kernel would forget the boxes it knows behind it. No
 * spanning tree and no multicast snooping: there is nothing behind a port but one box.
 */
static void put_link(struct batch *b, uint32_t mtu)
{
	uint8_t mac[MAC_SIZE];
	struct nlattr *info, *data;

	(void)batch_add(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg),
			"make the bridge " BRIDGE, EEXIST);
	address_mac(0, mac);
	mnl_attr_put_strz(b->last, IFLA_IFNAME, BRIDGE);
	mnl_attr_put(b->last, IFLA_ADDRESS, sizeof mac, mac);
	info = mnl_attr_nest_start(b->last, IFLA_LINKINFO);
	mnl_attr_put_strz(b->last, IFLA_INFO_KIND, "bridge");
	mnl_attr_nest_end(b->last, info);

	struct ifinfomsg *link = batch_add(b, RTM_NEWLINK, 0, sizeof *link, "bring the bridge " BRIDGE " up", 0);

	link->ifi_flags = link->ifi_change = IFF_UP;
	mnl_attr_put_strz(b->last, IFLA_IFNAME, BRIDGE);
	mnl_attr_put_u32(b->last, IFLA_MTU, mtu);
	info = mnl_attr_nest_start(b->last, IFLA_LINKINFO);
	mnl_attr_put_strz(b->last, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(b->last, IFLA_INFO_DATA);
	mnl_attr_put_u32(b->last, IFLA_BR_STP_STATE, 0);
	mnl_attr_put_u8(b->last, IFLA_BR_MCAST_SNOOPING, 0);
	mnl_attr_nest_end(b->last, data);
	mnl_attr_nest_end(b->last, info);
}

/* Without duplicate address detection: until a box is there the bridge has no carrier, and it would never end. */
static void put_address(struct batch *b, unsigned index, int family, unsigned prefix, const void *address,
			size_t size)
{
	struct ifaddrmsg *a = batch_add(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof *a,
					"set an address of the bridge " BRIDGE, EEXIST);

	a->ifa_family = (uint8_t)family;
	a->ifa_prefixlen = (uint8_t)prefix;
	a->ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0;
	a->ifa_index = index;
	mnl_attr_put(b->last, IFA_LOCAL, size, address);
	mnl_attr_put(b->last, IFA_ADDRESS, size, address);
}

int bridge_judge(int socket, struct fail *f)
{
	struct bridge there;
	uint8_t mac[MAC_SIZE];

	if (bridge_look(socket, &there, f) < 0)
		return f->code == ENODEV ? 0 : -1;
	address_mac(0, mac);
	if (memcmp(there.mac, mac, sizeof mac) != 0)
		return fail(f, 0,
			    "there is an interface " BRIDGE " already, and it is not nsbox's: give it another name");
	return 0;
}

int bridge_up(int socket, const struct subnet *subnet, uint32_t mtu, struct fail *f)
{
	struct batch link = BATCH(1024), addresses = BATCH(1024);
	struct in_addr four = address_4(subnet, 0);
	struct in6_addr six = address_6(subnet, 0);
	unsigned index;

	put_link(&link, mtu);
	if (batch_run(&link, socket, f) < 0)
		return -1;
	index = netlink_index(socket, BRIDGE);
	put_address(&addresses, index, AF_INET, subnet->four.prefix, &four, sizeof four);
	if (has_6(subnet))
		put_address(&addresses, index, AF_INET6, subnet->six.prefix, &six, sizeof six);
	return batch_run(&addresses, socket, f);
}

int bridge_down(int socket, struct fail *f)
{
	struct batch b = BATCH(2048);

	(void)batch_add(&b, RTM_DELLINK, 0, sizeof(struct ifinfomsg), "remove the bridge " BRIDGE, ENODEV);
	mnl_attr_put_strz(b.last, IFLA_IFNAME, BRIDGE);
	return batch_run(&b, socket, f);
}

/* Where the default routes of the host lead. */
struct uplinks {
	unsigned index[UPLINKS_MOST];
	unsigned count;
};

static int take_interface(const struct nlattr *a, void *context)
{
	struct uplinks *u = context;

	if (mnl_attr_get_type(a) == RTA_OIF && mnl_attr_validate(a, MNL_TYPE_U32) == 0 && u->count < UPLINKS_MOST)
		u->index[u->count++] = mnl_attr_get_u32(a);
	return MNL_CB_OK;
}

static int take_route(const struct nlmsghdr *h, void *context)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(h);

	if (route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST)
		(void)mnl_attr_parse(h, sizeof *route, take_interface, context);
	return MNL_CB_OK;
}

static int find_uplinks(int socket, uint8_t family, struct uplinks *u, struct fail *f)
{
	struct batch b = BATCH(2048);
	struct rtmsg *route = batch_add(&b, RTM_GETROUTE, NLM_F_DUMP, sizeof *route, "read the routes", 0);

	route->rtm_family = family;
	return batch_ask(&b, socket, take_route, u, f);
}

static int link_mtu(int socket, unsigned index, uint32_t *mtu, struct fail *f)
{
	struct bridge link = { 0 };
	struct batch b = BATCH(2048);
	struct ifinfomsg *asked = batch_add(&b, RTM_GETLINK, 0, sizeof *asked, "look at the host's interface", 0);

	asked->ifi_index = (int)index;
	if (batch_ask(&b, socket, take_link, &link, f) < 0)
		return -1;
	*mtu = link.mtu;
	return 0;
}

/* While the host comes up its routes change: then they are read again. */
static int find_all_uplinks(int socket, struct uplinks *u, struct fail *f)
{
	int tries = TRIES, done;

	do {
		u->count = 0;
		done = find_uplinks(socket, AF_INET, u, f);
		if (done == 0)
			done = find_uplinks(socket, AF_INET6, u, f);
	} while (done < 0 && f->code == EINTR && --tries > 0);
	return done;
}

int bridge_uplink_mtu(int socket, uint32_t *mtu, struct fail *f)
{
	struct uplinks u;
	uint32_t least = 0, one;

	if (find_all_uplinks(socket, &u, f) < 0)
		return -1;
	for (unsigned i = 0; i < u.count; i++) {
		if (link_mtu(socket, u.index[i], &one, f) < 0) {
			if (f->code == ENODEV)
				continue; /* gone meanwhile */
			return -1;
		}
		if (least == 0 || one < least)
			least = one;
	}
	*mtu = least == 0 ? MTU_DEFAULT : least;
	return 0;
}
