/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The networks of boxes. */
#include "conf/subnet.h"

#include <arpa/inet.h>

#include "tests/unit/unit.h"

static void subnet4__has_a_base_and_a_prefix(void **state)
{
	struct subnet4 subnet;
	struct fail f = { 0 };

	(void)state;
	GOOD(subnet4_parse("10.189.0.0/20", &subnet, &f));
	assert_int_equal(subnet.base, 0x0abd0000);
	assert_int_equal(subnet.prefix, 20);
	GOOD(subnet4_parse("192.168.0.0/16", &subnet, &f));
	GOOD(subnet4_parse("100.64.7.248/29", &subnet, &f));
	GOOD(subnet4_parse("223.255.255.0/24", &subnet, &f));
}

static void bad4(const char *text, const char *words)
{
	struct subnet4 subnet = { .base = 12345 };
	struct fail f = { 0 };

	assert_int_equal(subnet4_parse(text, &subnet, &f), -1);
	assert_int_equal(subnet.base, 12345);
	if (strcmp(f.text, words) != 0)
		flunk("%s: %s\n(not: %s)\n", text, f.text, words);
}

static void subnet4__bad_is_refused_in_words(void **state)
{
	static const char no_address[] = "is not an address of IPv4 before the prefix";
	static const char no_number[] = "has a prefix that is no number";
	static const char no_unicast[] = "is no network of unicast addresses that can be routed";

	(void)state;
	bad4("", "has no prefix, as in 10.189.0.0/20");
	bad4("none", "has no prefix, as in 10.189.0.0/20");
	bad4("10.189.0.0", "has no prefix, as in 10.189.0.0/20");
	bad4("/20", no_address);
	bad4("10.189.0/20", no_address);
	bad4("10.189.0.00/20", no_address);
	bad4(" 10.189.0.0/20", no_address);
	bad4("10.189.0.0 /20", no_address);
	bad4("0x0abd0000/20", no_address);
	bad4("fd6e::/64", no_address);
	bad4("10.189.0.0000000000000000000000000000000000000000000000000000000000/20", no_address);
	bad4("10.189.0.0/", no_number);
	bad4("10.189.0.0/020", no_number);
	bad4("10.189.0.0/+20", no_number);
	bad4("10.189.0.0/20 ", no_number);
	bad4("10.189.0.0/20/20", no_number);
	bad4("10.189.0.0/4294967316", no_number);
	bad4("10.189.0.0/255.255.240.0", no_number);
	bad4("10.0.0.0/8", "is too large a network: the prefix is less than /16");
	bad4("10.189.0.0/15", "is too large a network: the prefix is less than /16");
	bad4("10.189.0.0/30", "is too small a network: the prefix is more than /29");
	bad4("10.189.0.1/20", "has bits behind the prefix; the network is 10.189.0.0/20");
	bad4("10.189.8.0/20", "has bits behind the prefix; the network is 10.189.0.0/20");
	bad4("0.0.0.0/16", no_unicast);
	bad4("127.1.0.0/16", no_unicast);
	bad4("169.254.0.0/16", no_unicast);
	bad4("224.0.0.0/16", no_unicast);
	bad4("255.255.255.0/24", no_unicast);
}

static void subnet4__slots_fill_it_between_the_bridge_and_the_last_address(void **state)
{
	struct subnet4 subnet;
	struct fail f = { 0 };

	(void)state;
	GOOD(subnet4_parse("10.189.0.0/20", &subnet, &f));
	assert_int_equal(subnet4_slots(&subnet), 4093);
	assert_int_equal(subnet4_address(&subnet, 0).s_addr, inet_addr("10.189.0.1"));
	assert_int_equal(subnet4_address(&subnet, 1).s_addr, inet_addr("10.189.0.2"));
	assert_int_equal(subnet4_address(&subnet, 255).s_addr, inet_addr("10.189.1.0"));
	assert_int_equal(subnet4_address(&subnet, 4093).s_addr, inet_addr("10.189.15.254"));
	GOOD(subnet4_parse("10.0.0.0/29", &subnet, &f));
	assert_int_equal(subnet4_slots(&subnet), 5);
	GOOD(subnet4_parse("10.0.0.0/16", &subnet, &f));
	assert_int_equal(subnet4_slots(&subnet), 65533);
}

static void address6_is(const struct subnet6 *subnet, uint32_t slot, const char *want)
{
	struct in6_addr address = subnet6_address(subnet, slot);
	char text[INET6_ADDRSTRLEN];

	assert_non_null(inet_ntop(AF_INET6, &address, text, sizeof text));
	assert_string_equal(text, want);
}

static void subnet6__has_a_base_and_a_prefix_or_is_none(void **state)
{
	struct subnet6 subnet;
	struct fail f = { 0 };

	(void)state;
	GOOD(subnet6_parse("fd6e:7362:6f78::/64", &subnet, &f));
	assert_int_equal(subnet.prefix, 64);
	address6_is(&subnet, 0, "fd6e:7362:6f78::1");
	address6_is(&subnet, 1, "fd6e:7362:6f78::2");
	address6_is(&subnet, 65533, "fd6e:7362:6f78::fffe");
	GOOD(subnet6_parse("2001:DB8:0:0:1:2:3:0/112", &subnet, &f));
	address6_is(&subnet, 255, "2001:db8::1:2:3:100");
	GOOD(subnet6_parse("none", &subnet, &f));
	assert_int_equal(subnet.prefix, 0);
}

static void bad6(const char *text, const char *words)
{
	struct subnet6 subnet = { .prefix = 12345 };
	struct fail f = { 0 };

	assert_int_equal(subnet6_parse(text, &subnet, &f), -1);
	assert_int_equal(subnet.prefix, 12345);
	if (strcmp(f.text, words) != 0)
		flunk("%s: %s\n(not: %s)\n", text, f.text, words);
}

static void subnet6__bad_is_refused_in_words(void **state)
{
	static const char no_unicast[] = "is no network of unicast addresses that can be routed";

	(void)state;
	bad6("fd6e::", "has no prefix, as in fd6e:7362:6f78::/64");
	bad6("10.0.0.0/24", "is not an address of IPv6 before the prefix");
	bad6("fd6e::%lo/64", "is not an address of IPv6 before the prefix");
	bad6("fd6e::/064", "has a prefix that is no number");
	bad6("fd6e::/63", "is too large a network: the prefix is less than /64");
	bad6("fd6e::/113", "is too small a network: the prefix is more than /112");
	bad6("fd6e::/128", "is too small a network: the prefix is more than /112");
	bad6("fd6e::1/64", "has bits behind the prefix; the network is fd6e::/64");
	bad6("fd6e::c000:0/97", "has bits behind the prefix; the network is fd6e::8000:0/97");
	bad6("::/64", no_unicast);
	bad6("::ffff:10.0.0.0/112", no_unicast);
	bad6("fe80::/64", no_unicast);
	bad6("ff02::/64", no_unicast);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subnet4__has_a_base_and_a_prefix),
		cmocka_unit_test(subnet4__bad_is_refused_in_words),
		cmocka_unit_test(subnet4__slots_fill_it_between_the_bridge_and_the_last_address),
		cmocka_unit_test(subnet6__has_a_base_and_a_prefix_or_is_none),
		cmocka_unit_test(subnet6__bad_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
