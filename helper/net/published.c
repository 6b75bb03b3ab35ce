/* SPDX-License-Identifier: MIT */
/* runs as: root. Our tables of nftables: are they there, and which ports lead where. */
#include "helper/net/published.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "helper/net/netlink.h"

/*
 * A user has at most 2000 ports (conf/ports.h), with two protocols and two families each; an element takes 64 bytes
 * of a message at most. An attribute is no longer than 16 bits can say, and so are many messages.
 */
enum { TRIES = 20 };
enum {
	ELEMENT_ROOM = 64, MESSAGE_ELEMENTS = 800, MESSAGES_MOST = 12,
	ROOM = MESSAGES_MOST * (MESSAGE_ELEMENTS + 4) * ELEMENT_ROOM
};

/* The key of an element: each part of a concatenation fills whole words of 32 bits. */
struct key {
	uint8_t protocol, pad1[3];
	uint16_t port, pad2;
};

/* One family's map, and the address in it. */
struct target {
	const char *map;
	size_t size;
	uint8_t address[sizeof(struct in6_addr)];
};

static int targets(const struct subnet *subnet, unsigned slot, struct target t[2])
{
	const struct in_addr four = address_4(subnet, slot);
	const struct in6_addr six = address_6(subnet, slot);

	t[0] = (struct target){ PUBLISHED_4, sizeof four, { 0 } };
	memcpy(t[0].address, &four, sizeof four);
	t[1] = (struct target){ PUBLISHED_6, sizeof six, { 0 } };
	memcpy(t[1].address, &six, sizeof six);
	return has_6(subnet) ? 2 : 1;
}

static void add(struct batch *b, uint16_t type, uint16_t flags, uint8_t family, const char *what)
{
	struct nfgenmsg *header = batch_add(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, sizeof *header,
					    what, 0);

	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
}

/* What stands between a beginning and an end is done as a whole, or not at all. */
static void add_mark(struct batch *b, uint16_t type)
{
	struct nfgenmsg *header = batch_add(b, type, 0, sizeof *header, NULL, 0);

	header->nfgen_family = AF_UNSPEC;
	header->version = NFNETLINK_V0;
	header->res_id = htons(NFNL_SUBSYS_NFTABLES);
}

static int ignore(const struct nlmsghdr *h, void *unused)
{
	(void)h;
	(void)unused;
	return MNL_CB_STOP;
}

static int look(int socket, uint8_t family, struct fail *f)
{
	struct batch b = BATCH(256);

	add(&b, NFT_MSG_GETTABLE, 0, family, "look at the table nsbox of nftables");
	mnl_attr_put_strz(b.last, NFTA_TABLE_NAME, "nsbox");
	return batch_ask(&b, socket, ignore, NULL, f);
}

int tables_look(int socket, struct fail *f)
{
	return look(socket, NFPROTO_INET, f) < 0 || look(socket, NFPROTO_BRIDGE, f) < 0 ? -1 : 0;
}

/* Elements in the making: which map, what happens to them. */
struct elements {
	struct batch *b;
	uint16_t type; /* NFT_MSG_NEWSETELEM or DELSETELEM */
	const struct target *target;
	struct nlattr *list;
	unsigned count;
};

static void end_message(struct elements *e)
{
	if (e->list != NULL)
		mnl_attr_nest_end(e->b->last, e->list);
	e->list = NULL;
	e->count = 0;
}

static void begin_message(struct elements *e)
{
	add(e->b, e->type, e->type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0, NFPROTO_INET,
	    e->type == NFT_MSG_NEWSETELEM ? "publish the box's ports" : "take the box's ports back");
	mnl_attr_put_strz(e->b->last, NFTA_SET_ELEM_LIST_TABLE, "nsbox");
	mnl_attr_put_strz(e->b->last, NFTA_SET_ELEM_LIST_SET, e->target->map);
	e->list = mnl_attr_nest_start(e->b->last, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static void put_value(struct nlmsghdr *h, uint16_t type, const void *value, size_t size)
{
	struct nlattr *data = mnl_attr_nest_start(h, type);

	mnl_attr_put(h, NFTA_DATA_VALUE, size, value);
	mnl_attr_nest_end(h, data);
}

static void put_element(struct elements *e, const struct key *key)
{
	struct nlattr *element;

	if (e->count == MESSAGE_ELEMENTS)
		end_message(e);
	if (e->list == NULL)
		begin_message(e);
	element = mnl_attr_nest_start(e->b->last, NFTA_LIST_ELEM);
	put_value(e->b->last, NFTA_SET_ELEM_KEY, key, sizeof *key);
	put_value(e->b->last, NFTA_SET_ELEM_DATA, e->target->address, e->target->size);
	mnl_attr_nest_end(e->b->last, element);
	e->count++;
}

static void put_ports(struct elements *e, const struct ports *ports)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP };

	for (int i = 0; i < ports->count; i++)
		for (unsigned port = ports->range[i].from; port <= ports->range[i].to; port++)
			for (size_t p = 0; p < sizeof protocols; p++)
				put_element(e, &(struct key){ .protocol = protocols[p],
							      .port = htons((uint16_t)port) });
	end_message(e);
}

int published_add(int socket, const struct subnet *subnet, unsigned slot, const struct ports *ports, struct fail *f)
{
	struct target t[2];
	int families = targets(subnet, slot, t), done;
	struct batch b = { .room = malloc(ROOM) };

	if (b.room == NULL)
		return fail(f, ENOMEM, "publish the box's ports");
	add_mark(&b, NFNL_MSG_BATCH_BEGIN);
	for (int i = 0; i < families; i++)
		put_ports(&(struct elements){ .b = &b, .type = NFT_MSG_NEWSETELEM, .target = &t[i] }, ports);
	add_mark(&b, NFNL_MSG_BATCH_END);
	done = batch_run(&b, socket, f);
	free(b.room);
	/* What the kernel calls an element that is there with another address. */
	if (done < 0 && f->code == EBUSY)
		f->code = EEXIST;
	return done;
}

/* Elements of a map whose address is the target's go into e, to be deleted. */
struct search {
	struct elements e;
	struct key key;
	bool is_ours;
};

static int take_value(const struct nlattr *a, void *context)
{
	const struct nlattr **value = context;

	if (mnl_attr_get_type(a) == NFTA_DATA_VALUE)
		*value = a;
	return MNL_CB_OK;
}

static int take_part(const struct nlattr *a, void *context)
{
	struct search *s = context;
	const struct nlattr *value = NULL;
	uint16_t type = mnl_attr_get_type(a);

	if (type != NFTA_SET_ELEM_KEY && type != NFTA_SET_ELEM_DATA)
		return MNL_CB_OK;
	(void)mnl_attr_parse_nested(a, take_value, &value);
	if (value == NULL)
		return MNL_CB_OK;

	const void *bytes = mnl_attr_get_payload(value);
	size_t size = mnl_attr_get_payload_len(value);

	if (type == NFTA_SET_ELEM_KEY && size == sizeof s->key)
		memcpy(&s->key, bytes, sizeof s->key);
	if (type == NFTA_SET_ELEM_DATA)
		s->is_ours = size == s->e.target->size && memcmp(bytes, s->e.target->address, size) == 0;
	return MNL_CB_OK;
}

static int take_element(const struct nlattr *a, void *context)
{
	struct search *s = context;

	s->is_ours = false;
	(void)mnl_attr_parse_nested(a, take_part, s);
	if (s->is_ours && s->e.b->count < MESSAGES_MOST)
		put_element(&s->e, &s->key);
	return MNL_CB_OK;
}

static int take_list(const struct nlattr *a, void *context)
{
	return mnl_attr_get_type(a) == NFTA_SET_ELEM_LIST_ELEMENTS ? mnl_attr_parse_nested(a, take_element, context)
								   : MNL_CB_OK;
}

static int take_elements(const struct nlmsghdr *h, void *context)
{
	return mnl_attr_parse(h, sizeof(struct nfgenmsg), take_list, context);
}

static int find(int socket, struct search *s, struct fail *f)
{
	struct batch b = BATCH(256);
	int done;

	add(&b, NFT_MSG_GETSETELEM, NLM_F_DUMP, NFPROTO_INET, "read which ports lead to boxes");
	mnl_attr_put_strz(b.last, NFTA_SET_ELEM_LIST_TABLE, "nsbox");
	mnl_attr_put_strz(b.last, NFTA_SET_ELEM_LIST_SET, s->e.target->map);
	done = batch_ask(&b, socket, take_elements, s, f);
	end_message(&s->e);
	return done < 0 && f->code == ENOENT ? 0 : done;
}

/* Returns 1 if there were some, 0 if there were none, -1. */
static int remove_found(int socket, const struct target *t, int families, void *room, struct fail *f)
{
	struct batch b = { .room = room };

	add_mark(&b, NFNL_MSG_BATCH_BEGIN);
	for (int i = 0; i < families; i++)
		if (find(socket, &(struct search){ .e = { .b = &b, .type = NFT_MSG_DELSETELEM, .target = &t[i] } },
			 f) < 0)
			return -1;
	if (b.count == 1)
		return 0;
	add_mark(&b, NFNL_MSG_BATCH_END);
	return batch_run(&b, socket, f) < 0 ? -1 : 1;
}

int published_remove(int socket, const struct subnet *subnet, unsigned slot, struct fail *f)
{
	struct target t[2];
	int families = targets(subnet, slot, t), done, tries = TRIES;
	void *room = malloc(ROOM);

	if (room == NULL)
		return fail(f, ENOMEM, "take the box's ports back");
	/*
	 * More than fit into the room are found by the next reading; the last one finds nothing. EINTR: nft has
	 * changed it.
	 */
	do
		done = remove_found(socket, t, families, room, f);
	while ((done > 0 || (done < 0 && f->code == EINTR)) && --tries > 0);
	free(room);
	return done < 0 ? -1 : 0;
}
