/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The network of one box (network = nat), from its claim to its end. */
#include "helper/net/net.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "conf/fd.h"
#include "helper/log.h"
#include "helper/net/bridge.h"
#include "helper/net/conntrack.h"
#include "helper/net/netlink.h"
#include "helper/net/published.h"
#include "helper/net/slot.h"
#include "helper/net/state.h"
#include "helper/rundir.h"

enum { LOCK_MS = 5000 };

static int not_up(struct fail *f)
{
	(void)fail_in(f, "the network of boxes is not up (run `nssh --net-up`)");
	return fail_plain(f, "The network of boxes is not up on this host; please tell the administrator.");
}

/* Both sockets are opened while we are still in a namespace from which the host's can be entered. */
static int open_sockets(struct net *n, int proc, struct fail *f)
{
	n->route = netlink_open_host(proc, NETLINK_ROUTE, f);
	if (n->route < 0)
		return -1;
	n->filter = netlink_open_host(proc, NETLINK_NETFILTER, f);
	return n->filter < 0 ? -1 : 0;
}

static int find_class(struct net *n, const struct state *state, const char *egress, struct fail *f)
{
	n->veth.group = state_class(state, egress);
	return n->veth.group != 0 ? 0 : fail(f, 0, "egress = %s is no chain that the rules know", egress);
}

/* What logins go by is there, and so is what it speaks of. */
static int look(struct net *n, struct state *state, const char *egress, int64_t deadline, struct fail *f)
{
	struct bridge bridge;

	n->directory = slot_directory(false, f);
	if (n->directory < 0)
		return -1;
	n->lock = state_lock(n->directory, LOCK_BOX, deadline, f);
	if (n->lock < 0 || state_read(n->directory, state, f) < 0 || bridge_look(n->route, &bridge, f) < 0)
		return -1;
	if (!bridge.up)
		return fail(f, ENETDOWN, "the bridge " BRIDGE);
	n->veth.bridge = bridge.index;
	n->veth.mtu = bridge.mtu;
	n->veth.subnet = state->subnet;
	return tables_look(n->filter, f) < 0 ? -1 : find_class(n, state, egress, f);
}

int net_claim(struct net *net, const struct policy *policy, uid_t uid, unsigned number, int proc, int64_t deadline,
	      struct fail *f)
{
	struct state state;
	int slot;

	if (open_sockets(net, proc, f) < 0)
		return -1;
	if (look(net, &state, policy->egress, deadline, f) < 0)
		return f->code == ETIMEDOUT ? -1 : not_up(f);
	slot = slot_claim(net->directory, subnet_slots(&state.subnet), uid, number, f);
	if (slot < 0)
		return -1;
	net->veth.slot = (unsigned)slot;
	return 0;
}

int net_build(const struct net *net, struct fail *f)
{
	return veth_make(&net->veth, net->route, f);
}

/* One at a time: a map that is changed while it is read may show an element twice, or not at all. */
static int lock_ports(int directory, struct fail *f)
{
	return state_lock(directory, LOCK_PORTS, clock_ms() + LOCK_MS, f);
}

int net_publish(const struct net *net, const struct ports *ports, struct fail *f)
{
	int lock = lock_ports(net->directory, f);
	int done = lock < 0 ? -1 : published_add(net->filter, &net->veth.subnet, net->veth.slot, ports, f);

	rundir_unlock(&lock);
	return done;
}

void net_note(const struct net *net, struct record *record)
{
	record->slot = net->veth.slot;
	address_text(&net->veth.subnet, net->veth.slot, record->address, sizeof record->address);
}

static int remove_ports(int directory, int filter, const struct subnet *subnet, unsigned slot, struct fail *f)
{
	int lock = lock_ports(directory, f);
	int done = lock < 0 ? -1 : published_remove(filter, subnet, slot, f);

	rundir_unlock(&lock);
	return done;
}

/* The claim is last: until then nobody else has the address. */
static int release(int directory, int route, int filter, unsigned slot, uid_t uid, unsigned number, bool published,
		   struct fail *f)
{
	struct state state;

	if (state_read(directory, &state, f) == 0) {
		if (published && remove_ports(directory, filter, &state.subnet, slot, f) < 0)
			return -1;
		if (veth_remove(route, &state.subnet, slot, f) < 0 ||
		    conntrack_forget(filter, &state.subnet, slot, f) < 0)
			return -1;
	} else if (f->code != ENOENT) {
		return -1;
	}
	return slot_release(directory, slot, uid, number, f);
}

void net_cleanup(struct net *n, bool done, uid_t uid, unsigned number, bool published)
{
	struct fail f;

	if (!done && n->veth.slot != 0 &&
	    release(n->directory, n->route, n->filter, n->veth.slot, uid, number, published, &f) < 0)
		log_error("event=open uid=%u error=\"%s\"", uid, f.text);
	fd_close(&n->route);
	fd_close(&n->filter);
	rundir_unlock(&n->lock);
	fd_close(&n->directory);
}

int net_release(int proc, unsigned slot, uid_t uid, unsigned number, bool published, struct fail *f)
{
	OWN_FD int directory = slot_directory(false, f);
	OWN_FD int route = directory < 0 ? -1 : netlink_open_host(proc, NETLINK_ROUTE, f);
	OWN_FD int filter = route < 0 ? -1 : netlink_open_host(proc, NETLINK_NETFILTER, f);
	int lock, done;

	if (filter < 0)
		return directory < 0 && f->code == ENOENT ? 0 : -1;
	/* Not while the rules are made anew: they would bring back what is taken away here. */
	lock = state_lock(directory, LOCK_BOX, clock_ms() + LOCK_MS, f);
	if (lock < 0)
		return -1;
	done = release(directory, route, filter, slot, uid, number, published, f);
	rundir_unlock(&lock);
	return done;
}

/* Whose claims are looked for, and which of them are good. */
struct claims {
	int proc;
	uid_t uid;
	const unsigned *live;
	int count;
};

static int judge(void *context, unsigned slot, uid_t uid, unsigned number, struct fail *f)
{
	const struct claims *c = context;

	if (uid != c->uid)
		return 0;
	for (int i = 0; i < c->count; i++)
		if (c->live[i] == number)
			return 0;
	return net_release(c->proc, slot, uid, number, true, f);
}

int net_collect(int proc, uid_t uid, const unsigned *live, int count, struct fail *f)
{
	struct claims c = { .proc = proc, .uid = uid, .live = live, .count = count };
	OWN_FD int directory = slot_directory(false, f);

	if (directory < 0)
		return f->code == ENOENT ? 0 : -1;
	return slots_each(directory, judge, &c, f);
}
