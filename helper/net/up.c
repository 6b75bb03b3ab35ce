/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --net-up and --net-down: the bridge, the rules, forwarding. */
#include "helper/net/up.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/log.h"
#include "helper/net/bridge.h"
#include "helper/net/forwarding.h"
#include "helper/net/load.h"
#include "helper/net/netlink.h"
#include "helper/net/slot.h"
#include "helper/net/state.h"
#include "helper/net/veth.h"
#include "helper/net/wish.h"
#include "helper/process.h"
#include "helper/rundir.h"
#include "helper/users.h"

enum { LOCK_MS = 20000 };

/* All that the story holds. */
struct changing {
	int proc, directory, lock, socket;
	struct state now;
	bool was_up;
	unsigned boxes; /* that have a slot */
	unsigned bridge; /* its index */
	struct rules next;
};

static void changing_cleanup(struct changing *c)
{
	free(c->next.published);
	fd_close(&c->socket);
	rundir_unlock(&c->lock);
	fd_close(&c->directory);
	fd_close(&c->proc);
}

#define CHANGING __attribute__((cleanup(changing_cleanup))) struct changing
#define CHANGING_EMPTY { .proc = -1, .directory = -1, .lock = -1, .socket = -1 }

/* Like netlink_open_host, but for good: settings in /proc/sys/net are those of the namespace we are in. */
static int enter_host(int proc, struct fail *f)
{
	OWN_FD int there = openat(proc, "1/ns/net", O_RDONLY | O_CLOEXEC);

	if (there < 0 || setns(there, CLONE_NEWNET) != 0)
		return fail(f, errno, "enter the host's network namespace");
	return 0;
}

static int count_slot(void *context, unsigned slot, uid_t uid, unsigned number, struct fail *f)
{
	(void)slot;
	(void)uid;
	(void)number;
	(void)f;
	++*(unsigned *)context;
	return 0;
}

static int begin(struct changing *c, struct fail *f)
{
	c->proc = process_open_proc(f);
	if (c->proc < 0 || enter_host(c->proc, f) < 0)
		return -1;
	c->directory = slot_directory(true, f);
	if (c->directory < 0)
		return -1;
	c->lock = state_lock(c->directory, LOCK_ALL, clock_ms() + LOCK_MS, f);
	if (c->lock < 0)
		return -1;
	c->socket = netlink_open(NETLINK_ROUTE, f);
	if (c->socket < 0)
		return -1;
	c->was_up = state_read(c->directory, &c->now, f) == 0;
	if (!c->was_up && f->code != ENOENT)
		log_error("event=net-up error=\"%s\"", f->text); /* and it is made anew, or removed */
	return slots_each(c->directory, count_slot, &c->boxes, f);
}

/* As the record has them: "20000-20009,8080". */
static int ports_of_text(const char *text, struct ports *out, struct fail *f)
{
	char words[WIRE_PORTS];

	(void)snprintf(words, sizeof words, "%s", text);
	for (char *c = words; *c != '\0'; c++)
		if (*c == ',')
			*c = ' ';
	return ports_parse(words, out, f);
}

static int note_box(void *context, const struct record *record, int pidfd, struct fail *f)
{
	struct rules *rules = context;
	struct published *more;

	(void)pidfd;
	if (record->slot == 0 || strcmp(record->ports, "-") == 0)
		return 0;
	more = realloc(rules->published, (rules->count + 1) * sizeof *more);
	if (more == NULL)
		return fail(f, ENOMEM, "remember the ports of boxes");
	rules->published = more;
	more[rules->count].slot = record->slot;
	if (ports_of_text(record->ports, &more[rules->count].ports, f) < 0)
		return fail_in(f, "ports of box %s", record->box);
	rules->count++;
	return 0;
}

static int note_user(void *context, int proc, int run, uid_t uid, struct fail *f)
{
	(void)uid;
	return boxes_each(proc, run, note_box, context, f);
}

/* Addresses follow from the subnet: those of live boxes would be others' with another. */
static int keep_subnet(struct changing *c, struct fail *f)
{
	if (!c->was_up ||
	    (strcmp(c->now.subnet4, c->next.state.subnet4) == 0 &&
	     strcmp(c->now.subnet6, c->next.state.subnet6) == 0))
		return 0;
	if (c->boxes > 0)
		return fail(f, 0, "%u box%s an address of %s and %s: subnet and subnet6 can change only "
			    "without boxes", c->boxes, c->boxes == 1 ? " has" : "es have", c->now.subnet4,
			    c->now.subnet6);
	return bridge_down(c->socket, f);
}

static int take_down(struct changing *c, const struct state *state, struct fail *f)
{
	struct fail first = { 0 };

	/* No step keeps the next one from its turn. */
	if (state_remove(c->directory, f) < 0)
		first = *f;
	if (bridge_down(c->socket, f) < 0)
		first = *f;
	if (rules_remove(c->directory, f) < 0)
		first = *f;
	if (forwarding_off(c->proc, state->forwarding_4, state->forwarding_6, f) < 0)
		first = *f;
	if (first.text[0] == '\0')
		return 0;
	*f = first;
	return -1;
}

static int attach_box(void *context, unsigned slot, uid_t uid, unsigned number, struct fail *f)
{
	struct changing *c = context;
	struct veth veth = { .slot = slot, .bridge = c->bridge, .subnet = c->next.state.subnet };

	(void)uid;
	(void)number;
	/* One that is ending has no interface any more. */
	return veth_attach(&veth, c->socket, f) < 0 && f->code != ENODEV ? -1 : 0;
}

/* The bridge may have been down, or gone: boxes that live are its ports again. */
static int attach_boxes(struct changing *c, struct fail *f)
{
	c->bridge = netlink_index(c->socket, BRIDGE);
	return slots_each(c->directory, attach_box, c, f);
}

/*
 * The rules come before the bridge, and the bridge before logins that go by `up`: nothing is open meanwhile. `up`
 * also says that it was us who switched forwarding on, so it is written before.
 */
static int bring_up(struct changing *c, struct fail *f)
{
	struct state *next = &c->next.state;
	uint32_t mtu;

	if (forwarding_is_off(c->proc, &next->forwarding_4, &next->forwarding_6, f) < 0)
		return -1;
	next->forwarding_4 = next->forwarding_4 || (c->was_up && c->now.forwarding_4);
	next->forwarding_6 = next->forwarding_6 || (c->was_up && c->now.forwarding_6);
	if (rules_set(c->directory, &c->next, f) < 0 || bridge_uplink_mtu(c->socket, &mtu, f) < 0 ||
	    bridge_up(c->socket, &next->subnet, mtu, f) < 0)
		return -1;
	if (attach_boxes(c, f) < 0 || state_write(c->directory, next, f) < 0)
		return -1;
	return forwarding_on(c->proc, f);
}

/* Boxes keep their class, so a chain keeps its number as long as the network is up: at first all count as gone. */
static int keep_classes(struct changing *c, struct fail *f)
{
	for (unsigned i = 0; c->was_up && i < c->now.chains; i++)
		if (state_add_chain(&c->next.state, c->now.chain[i].name, true, f) < 0)
			return -1;
	return 0;
}

int net_up(bool *wanted, struct fail *f)
{
	CHANGING c = CHANGING_EMPTY;
	struct fail ignored;

	if (begin(&c, f) < 0 || keep_classes(&c, f) < 0 ||
	    wish_read(forwarding_has_6(c.proc), &c.next.state, &c.next.host_ports, wanted, f) < 0)
		return -1;
	if (!*wanted && !c.was_up)
		return 0;
	*wanted = true;
	resolv_servers(&c.next.servers);
	if (bridge_judge(c.socket, f) < 0 || keep_subnet(&c, f) < 0 || users_each(0, true, note_user, &c.next, f) < 0)
		return -1;
	if (bring_up(&c, f) == 0)
		return 0;
	/* Where boxes live, half of it is better than nothing; what is missing keeps new ones out. */
	if (!c.was_up && c.boxes == 0)
		(void)take_down(&c, &c.next.state, &ignored);
	return -1;
}

int net_down(struct fail *f)
{
	CHANGING c = CHANGING_EMPTY;

	if (begin(&c, f) < 0)
		return -1;
	if (c.boxes > 0)
		return fail(f, 0, "%u box%s an address: end them first (`nssh -l`; `nssh --gc` collects dead ones)",
			    c.boxes, c.boxes == 1 ? " has" : "es have");
	return take_down(&c, &c.now, f);
}
