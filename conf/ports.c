/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Lists of ports: the values of publish and host_ports, and the ports of one user. */
#include "conf/ports.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "conf/policy.h"

enum { PORT_MOST = 65535 };

static const char blanks[] = " \t";

static int no_port(struct fail *f)
{
	return fail(f, 0, "has a word that is no port like 8080 and no range like 8000-8010");
}

/* Reads one port without sign or leading zero, and moves *at behind it. */
static int read_port(const char **at, uint16_t *out, struct fail *f)
{
	unsigned port = 0;
	size_t digits = strspn(*at, "0123456789");

	if (digits == 0)
		return no_port(f);
	if (**at == '0' || digits > 5)
		return fail(f, 0, "has a port that is not in 1..65535");
	for (; isdigit((unsigned char)**at); (*at)++)
		port = port * 10 + (unsigned)(**at - '0');
	if (port > PORT_MOST)
		return fail(f, 0, "has a port that is not in 1..65535");
	*out = (uint16_t)port;
	return 0;
}

/*
 * What stands behind the numbers, length bytes up to the next blank: "/tcp", "/udp", or nothing, which leaves *out.
 */
static int read_proto(const char *at, size_t length, uint8_t *out, struct fail *f)
{
	if (length == 0)
		return 0;
	if (at[0] != '/')
		return no_port(f);
	if (length == 4 && memcmp(at, "/tcp", 4) == 0)
		*out = PORT_TCP;
	else if (length == 4 && memcmp(at, "/udp", 4) == 0)
		*out = PORT_UDP;
	else
		return fail(f, 0, "has a protocol other than /tcp and /udp");
	return 0;
}

static bool overlap(uint16_t from, uint16_t to, uint16_t other_from, uint16_t other_to)
{
	return from <= other_to && other_from <= to;
}

/* Appends a range; that a port stands twice is most likely a slip, and nft would refuse it too. */
static int add(struct ports *ports, uint16_t from, uint16_t to, uint8_t proto, struct fail *f)
{
	if (ports->count == PORTS_RANGES)
		return fail(f, 0, "has more than %d words", PORTS_RANGES);
	for (int i = 0; i < ports->count; i++)
		if ((ports->range[i].proto & proto) != 0 &&
		    overlap(from, to, ports->range[i].from, ports->range[i].to))
			return fail(f, 0, "says port %d twice",
				    from > ports->range[i].from ? from : ports->range[i].from);
	ports->range[ports->count].from = from;
	ports->range[ports->count].to = to;
	ports->range[ports->count].proto = proto;
	ports->count++;
	return 0;
}

/* One word; *at is moved behind it. */
static int read_word(const char **at, struct ports *ports, struct fail *f)
{
	uint16_t from, to;
	uint8_t proto = PORT_BOTH;
	size_t length;

	if (read_port(at, &from, f) < 0)
		return -1;
	to = from;
	if (**at == '-') {
		(*at)++;
		if (read_port(at, &to, f) < 0)
			return -1;
	}
	if (to < from)
		return fail(f, 0, "has a range that ends before it begins");
	length = strcspn(*at, blanks);
	if (read_proto(*at, length, &proto, f) < 0)
		return -1;
	*at += length;
	return add(ports, from, to, proto, f);
}

int ports_parse(const char *text, struct ports *out, struct fail *f)
{
	const char *at = text + strspn(text, blanks);
	struct ports ports = { .count = 0 };

	if (*at == '\0')
		return fail(f, 0, "is empty");
	/* Blanks take what is over: others keep it as text. */
	if (strlen(text) >= PORTS_TEXT)
		return fail(f, 0, "is longer than %d bytes", PORTS_TEXT - 1);
	if (strcmp(text, "none") == 0)
		at += strlen(at);
	for (; *at != '\0'; at += strspn(at, blanks))
		if (read_word(&at, &ports, f) < 0)
			return -1;
	*out = ports;
	return 0;
}

static bool is_source(uint64_t from, uint64_t to)
{
	return from <= PORTS_SOURCE_TO && to >= PORTS_SOURCE_FROM;
}

int ports_parse_publish(const char *text, struct ports *out, struct fail *f)
{
	struct ports ports;
	unsigned sum = 0;

	if (strchr(text, '/') != NULL)
		return fail(f, 0, "names a protocol; each port is for TCP and UDP");
	if (ports_parse(text, &ports, f) < 0)
		return -1;
	if (ports.count > PUBLISH_RANGES)
		return fail(f, 0, "has more than %d words", PUBLISH_RANGES);
	for (int i = 0; i < ports.count; i++)
		if (is_source(ports.range[i].from, ports.range[i].to))
			return fail(f, 0, "has ports from %d to %d, where connections to other hosts have theirs",
				    PORTS_SOURCE_FROM, PORTS_SOURCE_TO);
	for (int i = 0; i < ports.count; i++)
		sum += (unsigned)(ports.range[i].to - ports.range[i].from) + 1;
	if (sum > PUBLISH_PORTS)
		return fail(f, 0, "has more than %d ports", PUBLISH_PORTS);
	*out = ports;
	return 0;
}

/* The uid's share of the ports from ports_from on, as the only range. Returns 1 if there is no room for it. */
static int put_block(const struct policy *policy, uid_t uid, struct ports *ports)
{
	uint64_t from;

	if (policy->ports_per_user == POLICY_NONE)
		return 0;
	if (uid < PORTS_FIRST_UID)
		return 1;
	/* At most 65535 + 1000 * 2^32. */
	from = policy->ports_from + policy->ports_per_user * (uid - PORTS_FIRST_UID);
	if (from + policy->ports_per_user - 1 > PORT_MOST || is_source(from, from + policy->ports_per_user - 1))
		return 1;
	ports->range[0].from = (uint16_t)from;
	ports->range[0].to = (uint16_t)(from + policy->ports_per_user - 1);
	ports->range[0].proto = PORT_BOTH;
	ports->count = 1;
	return 0;
}

/* The ranges of publish do not overlap each other: the block, grown by one of them, reaches into no other. */
static int put_published(struct ports *ports, const struct ports *published, struct fail *f)
{
	bool block = ports->count > 0;
	uint16_t first = block ? ports->range[0].from : 0;
	uint16_t last = block ? ports->range[0].to : 0;

	for (int i = 0; i < published->count; i++) {
		uint16_t from = published->range[i].from;
		uint16_t to = published->range[i].to;

		if (!block || !overlap(from, to, first, last)) {
			if (add(ports, from, to, PORT_BOTH, f) < 0)
				return -1;
			continue;
		}
		if (from < ports->range[0].from)
			ports->range[0].from = from;
		if (to > ports->range[0].to)
			ports->range[0].to = to;
	}
	return 0;
}

int ports_of_user(const struct policy *policy, uid_t uid, struct ports *out, struct fail *f)
{
	struct ports ports = { .count = 0 };
	struct ports published;
	int left_out = put_block(policy, uid, &ports);

	if (ports_parse_publish(policy->publish, &published, f) < 0 || put_published(&ports, &published, f) < 0)
		return -1;
	*out = ports;
	return left_out;
}

void ports_text(const struct ports *ports, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < ports->count && used < size; i++) {
		used += (size_t)snprintf(text + used, size - used, "%s%d", i > 0 ? "," : "", ports->range[i].from);
		if (ports->range[i].to != ports->range[i].from && used < size)
			used += (size_t)snprintf(text + used, size - used, "-%d", ports->range[i].to);
	}
}

bool ports_have(const struct ports *ports, uint16_t port, uint8_t proto)
{
	uint8_t missing = proto;

	for (int i = 0; i < ports->count; i++)
		if (port >= ports->range[i].from && port <= ports->range[i].to)
			missing = (uint8_t)(missing & ~ports->range[i].proto);
	return missing == 0;
}
