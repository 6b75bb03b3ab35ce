/* SPDX-License-Identifier: MIT */
/* runs as: root. One value of nsbox.conf: the first byte is its key. */
#include "tests/fuzz/fuzz.h"

#include "conf/escape.h"
#include "conf/io_max.h"
#include "conf/policy.h"
#include "conf/ports.h"
#include "conf/subnet.h"
#include "conf/value.h"

enum { TEXT = 4096 };

/* What was taken comes out as a text that is taken, and comes out as itself. */
static void key_comes_back(enum key key, const char *text)
{
	struct policy policy = { 0 };
	struct fail f = { 0 };
	char once[TEXT], twice[TEXT];

	if (key_set(&policy, key, text, 7, &f) < 0) {
		HOLDS(is_said(&f) && policy.line[key] == 0);
		return;
	}
	HOLDS(policy.line[key] == 7);
	key_text(&policy, key, 0, once, sizeof once);
	key_clear(&policy, key);
	HOLDS(key_set(&policy, key, once, 8, &f) == 0);
	key_text(&policy, key, 0, twice, sizeof twice);
	HOLDS(strcmp(once, twice) == 0);
	key_clear(&policy, key);
}

static void check_ports(const struct ports *ports)
{
	char text[TEXT];

	HOLDS(ports->count >= 0 && ports->count <= PORTS_RANGES);
	for (int i = 0; i < ports->count; i++) {
		HOLDS(ports->range[i].from >= 1 && ports->range[i].from <= ports->range[i].to);
		HOLDS(ports->range[i].proto != 0 && (ports->range[i].proto & ~PORT_BOTH) == 0);
		for (int j = 0; j < i; j++)
			HOLDS(ports->range[i].from > ports->range[j].to ||
			      ports->range[j].from > ports->range[i].to ||
			      (ports->range[i].proto & ports->range[j].proto) == 0);
	}
	ports_text(ports, text, sizeof text);
	HOLDS(strspn(text, "0123456789,-") == strlen(text));
}

static void check_subnets(const char *text)
{
	struct subnet4 four;
	struct subnet6 six;
	struct fail f;

	if (subnet4_parse(text, &four, &f) == 0) {
		HOLDS(four.prefix >= 16 && four.prefix <= 29 && (four.base & (UINT32_MAX >> four.prefix)) == 0);
		HOLDS(subnet4_address(&four, subnet4_slots(&four)).s_addr != subnet4_address(&four, 0).s_addr);
	}
	if (subnet6_parse(text, &six, &f) == 0)
		HOLDS(six.prefix == 0 || (six.prefix >= 64 && six.prefix <= 112));
}

static void check_io_max(const char *text)
{
	struct io_max max;
	struct fail f;

	if (io_max_parse(text, &max, &f) < 0)
		return;
	HOLDS(max.path[0] == '/' && memchr(max.path, '\0', sizeof max.path) != NULL);
	HOLDS(max.rbps != 0 && max.wbps != 0 && max.riops != 0 && max.wiops != 0);
}

/* Into every size of room, some of them too small. */
static void check_escape(const char *text, size_t room)
{
	char *out = malloc(room + 1);

	HOLDS(out != NULL);
	escape_text(out, room + 1, text);
	HOLDS(is_tame(out) && strchr(out, '\n') == NULL && strlen(out) <= room);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum key key = next_byte(&data, &size) % KEY_COUNT;
	char *text = text_of(data, size);
	struct ports ports;
	struct fail f;

	key_comes_back(key, text);
	if (ports_parse(text, &ports, &f) == 0)
		check_ports(&ports);
	if (ports_parse_publish(text, &ports, &f) == 0)
		check_ports(&ports);
	check_subnets(text);
	check_io_max(text);
	check_escape(text, size % 32);
	check_escape(text, 4 * size);
	free(text);
	return 0;
}
