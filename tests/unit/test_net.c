/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Arithmetic and bookkeeping in the network of boxes: addresses, slots, classes, what is up. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "helper/net/address.h"
#include "helper/net/rules.h"
#include "helper/net/slot.h"
#include "helper/net/state.h"
#include "helper/wire.h"

static struct subnet subnet_of(const char *four, const char *six)
{
	struct subnet s;
	struct fail f = { 0 };

	GOOD(subnet_parse(four, six, &s, &f));
	return s;
}

static void has_address(const struct subnet *s, unsigned slot, const char *wanted)
{
	char text[WIRE_ADDRESS];

	address_text(s, slot, text, sizeof text);
	assert_string_equal(text, wanted);
}

static void addresses__follow_from_the_slot(void **state)
{
	const struct subnet s = subnet_of("10.189.0.0/20", "fd6e:7362:6f78::/64"),
			    only = subnet_of("10.1.0.0/16", "none");

	(void)state;
	has_address(&s, 0, "10.189.0.1,fd6e:7362:6f78::1");
	has_address(&s, 1, "10.189.0.2,fd6e:7362:6f78::2");
	has_address(&s, 255, "10.189.1.0,fd6e:7362:6f78::100");
	has_address(&s, subnet4_slots(&s.four), "10.189.15.254,fd6e:7362:6f78::ffe");
	has_address(&only, subnet4_slots(&only.four), "10.1.255.254");
	assert_false(has_6(&only));
}

static void names_and_hardware_addresses__follow_from_the_slot(void **state)
{
	static const uint8_t wanted[MAC_SIZE] = { 0x02, 0x6e, 0x73, 0, 0xff, 0xfd };
	uint8_t mac[MAC_SIZE];
	char name[IFNAMSIZ];

	(void)state;
	address_mac(65533, mac);
	assert_memory_equal(mac, wanted, MAC_SIZE);
	address_port(65533, name);
	assert_string_equal(name, "nsbox-65533");
}

static void slots__are_taken_from_the_lowest_and_given_back(void **state)
{
	const struct folder *folder = *state;
	struct fail f = { 0 };

	assert_int_equal(slot_claim(folder->dir, 3, 2000, 1, &f), 1);
	assert_int_equal(slot_claim(folder->dir, 3, 2001, 1, &f), 2);
	assert_int_equal(slot_claim(folder->dir, 3, 2001, 2, &f), 3);
	assert_int_equal(slot_claim(folder->dir, 3, 2002, 1, &f), -1);
	assert_int_equal(f.code, ENOSPC);
	assert_string_not_equal(f.plain, "");
	GOOD(slot_release(folder->dir, 2, 2001, 1, &f));
	GOOD(slot_release(folder->dir, 2, 2001, 1, &f));
	assert_int_equal(slot_claim(folder->dir, 3, 2002, 1, &f), 2);
	/* It is not theirs any more. */
	GOOD(slot_release(folder->dir, 2, 2001, 1, &f));
	assert_int_equal(slot_claim(folder->dir, 3, 2003, 1, &f), -1);
}

static int count_up(void *context, unsigned slot, uid_t uid, unsigned number, struct fail *f)
{
	(void)f;
	*(unsigned *)context += slot * 100 + (unsigned)uid + number;
	return 0;
}

static void slots__are_read_and_strange_files_passed_over(void **state)
{
	const struct folder *folder = *state;
	struct fail f = { 0 };
	unsigned sum = 0;

	assert_int_equal(slot_claim(folder->dir, 9, 2000, 7, &f), 1);
	assert_int_equal(symlinkat("nothing", folder->dir, "2"), 0);
	assert_int_equal(symlinkat("2000/1/1", folder->dir, "3"), 0);
	assert_int_equal(symlinkat("2000/1", folder->dir, "03"), 0);
	write_text(folder->dir, "up", "");
	GOOD(slots_each(folder->dir, count_up, &sum, &f));
	assert_int_equal(sum, 100 + 2000 + 7);
	/* But what has the name of a slot is taken. */
	assert_int_equal(slot_claim(folder->dir, 9, 2000, 8, &f), 4);
}

static struct state one_that_is_up(void)
{
	struct state s = { .subnet4 = "10.189.0.0/20", .subnet6 = "none", .host_ports = "53 8000-8010/tcp",
			   .forwarding_4 = true };
	struct fail f = { 0 };

	GOOD(subnet_parse(s.subnet4, s.subnet6, &s.subnet, &f));
	GOOD(state_add_chain(&s, "lab", false, &f));
	GOOD(state_add_chain(&s, "old", true, &f));
	GOOD(state_add_chain(&s, "campus", false, &f));
	return s;
}

static void what_is_up__is_read_as_it_was_written(void **state)
{
	const struct folder *folder = *state;
	struct state s = one_that_is_up(), back;
	struct fail f = { 0 };

	assert_int_equal(state_read(folder->dir, &back, &f), -1);
	assert_int_equal(f.code, ENOENT);
	GOOD(state_write(folder->dir, &s, &f));
	GOOD(state_read(folder->dir, &back, &f));
	assert_string_equal(back.subnet4, s.subnet4);
	assert_string_equal(back.subnet6, s.subnet6);
	assert_string_equal(back.host_ports, s.host_ports);
	assert_true(back.forwarding_4);
	assert_false(back.forwarding_6);
	assert_int_equal(back.chains, 3);
	assert_true(back.chain[1].gone);
	GOOD(state_remove(folder->dir, &f));
	GOOD(state_remove(folder->dir, &f));
}

static void what_is_up__is_refused_if_it_is_not_ours(void **state)
{
	static const char *const bad[] = { "", "subnet=10.189.0.0%2F20\n", "nonsense",
		"subnet=10.189.0.0/20\nsubnet6=none\nmore=1\n",
		"subnet=10.189.0.0/20\nsubnet6=none\nforwarding_4=2\n" };
	const struct folder *folder = *state;
	struct state back;
	struct fail f = { 0 };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		write_text(folder->dir, "up", bad[i]);
		assert_int_equal(state_read(folder->dir, &back, &f), -1);
		assert_int_not_equal(f.code, ENOENT);
	}
	assert_int_equal(unlinkat(folder->dir, "up", 0), 0);
}

static void chain__keeps_its_class_when_others_go_and_come(void **state)
{
	struct state s = one_that_is_up();
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(state_class(&s, "all"), CLASS_ALL);
	assert_int_equal(state_class(&s, "internet"), CLASS_INTERNET);
	assert_int_equal(state_class(&s, "none"), CLASS_NONE);
	assert_int_equal(state_class(&s, "lab"), CLASS_CHAIN);
	assert_int_equal(state_class(&s, "old"), 0);
	assert_int_equal(state_class(&s, "campus"), CLASS_CHAIN + 2);
	GOOD(state_add_chain(&s, "fresh", false, &f));
	GOOD(state_add_chain(&s, "old", false, &f));
	assert_int_equal(state_class(&s, "old"), CLASS_CHAIN + 1);
	assert_int_equal(state_class(&s, "fresh"), CLASS_CHAIN + 3);
	for (unsigned i = s.chains; i < CHAINS_MOST; i++) {
		char name[CHAIN_NAME];

		(void)snprintf(name, sizeof name, "c%u", i);
		GOOD(state_add_chain(&s, name, false, &f));
	}
	assert_int_equal(state_add_chain(&s, "one_more", false, &f), -1);
	assert_int_equal(f.code, E2BIG);
}

/* What nft makes of them is for tests on a host; here, that each thing said is in them, and nothing that is gone. */
static void rules__have_what_was_asked_for(void **state)
{
	static const char *const wanted[] = {
		"\"nsbox-1\" . 02:6e:73:00:00:01 . 10.189.0.2,", "\"nsbox-1023\" . 02:6e:73:00:03:ff . 10.189.4.0,",
		" 16 : 0x6e780010,", "meta mark 0x6e780010 meta mark set 0 jump lab\n", " tcp . 8000-8010,",
		" udp . 53-53,", "tcp . 20001 : 10.189.0.8, udp . 20001 : 10.189.0.8,",
		"ip daddr 192.0.2.53 meta l4proto { tcp, udp } th dport 53",
		"meta nfproto ipv4 drop", "include \"/etc/chains\"",
	};
	static const char *const absent[] = { "jump old", "ip6 saddr", "meta nfproto ipv6 drop", "udp . 8000" };
	struct published box = { .slot = 7, .ports = { .range = { { 20000, 20001, PORT_BOTH } }, .count = 1 } };
	struct rules rules = { .state = one_that_is_up(), .servers = { .address = { "192.0.2.53" }, .n = 1 },
			       .published = &box, .count = 1 };
	struct fail f = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	GOOD(ports_parse(rules.state.host_ports, &rules.host_ports, &f));
	rules_print(out, &rules, "/etc/chains");
	assert_int_equal(fclose(out), 0);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (strstr(text, wanted[i]) == NULL)
			flunk("the rules have no %s\n", wanted[i]);
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		if (strstr(text, absent[i]) != NULL)
			flunk("the rules have %s\n", absent[i]);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses__follow_from_the_slot),
		cmocka_unit_test(names_and_hardware_addresses__follow_from_the_slot),
		IN_FOLDER(slots__are_taken_from_the_lowest_and_given_back),
		IN_FOLDER(slots__are_read_and_strange_files_passed_over),
		IN_FOLDER(what_is_up__is_read_as_it_was_written),
		IN_FOLDER(what_is_up__is_refused_if_it_is_not_ours),
		cmocka_unit_test(chain__keeps_its_class_when_others_go_and_come),
		cmocka_unit_test(rules__have_what_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
