/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Lists of ports, and those of one user. */
#include "conf/ports.h"

#include "conf/policy.h"
#include "helper/wire.h"
#include "tests/unit/unit.h"

static void range_is(const struct ports *ports, int i, unsigned from, unsigned to, unsigned proto)
{
	assert_true(i < ports->count);
	assert_int_equal(ports->range[i].from, from);
	assert_int_equal(ports->range[i].to, to);
	assert_int_equal(ports->range[i].proto, proto);
}

static void list__has_ports_ranges_and_protocols(void **state)
{
	struct ports ports;
	struct fail f = { 0 };

	(void)state;
	GOOD(ports_parse(" 53 123/udp\t8000-8010/tcp 65535 ", &ports, &f));
	assert_int_equal(ports.count, 4);
	range_is(&ports, 0, 53, 53, PORT_BOTH);
	range_is(&ports, 1, 123, 123, PORT_UDP);
	range_is(&ports, 2, 8000, 8010, PORT_TCP);
	range_is(&ports, 3, 65535, 65535, PORT_BOTH);
	GOOD(ports_parse("1-65535", &ports, &f));
	range_is(&ports, 0, 1, 65535, PORT_BOTH);
	GOOD(ports_parse("80/tcp 80/udp", &ports, &f));
	assert_int_equal(ports.count, 2);
	GOOD(ports_parse("none", &ports, &f));
	assert_int_equal(ports.count, 0);
}

static void bad(int (*parse)(const char *, struct ports *, struct fail *), const char *text, const char *words)
{
	struct ports ports = { .count = 12345 };
	struct fail f = { 0 };

	assert_int_equal(parse(text, &ports, &f), -1);
	assert_int_equal(ports.count, 12345);
	if (strcmp(f.text, words) != 0)
		flunk("%s: %s\n(not: %s)\n", text, f.text, words);
}

static void bad_list__is_refused_in_words(void **state)
{
	static const char no_port[] = "has a word that is no port like 8080 and no range like 8000-8010";
	static const char *const words[] = { "http", "80 none", "80,81", "80-", "-80", "80--81", "+80", "80 - 81", "80x", "80-81-82",
					     "/tcp", "80\v" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		bad(ports_parse, words[i], no_port);
	bad(ports_parse, "", "is empty");
	bad(ports_parse, " \t", "is empty");
	bad(ports_parse, "0", "has a port that is not in 1..65535");
	bad(ports_parse, "0x50", "has a port that is not in 1..65535");
	bad(ports_parse, "080", "has a port that is not in 1..65535");
	bad(ports_parse, "65536", "has a port that is not in 1..65535");
	bad(ports_parse, "80-65536", "has a port that is not in 1..65535");
	bad(ports_parse, "4294967376", "has a port that is not in 1..65535");
	bad(ports_parse, "81-80", "has a range that ends before it begins");
	bad(ports_parse, "80/", "has a protocol other than /tcp and /udp");
	bad(ports_parse, "80/sctp", "has a protocol other than /tcp and /udp");
	bad(ports_parse, "80/TCP", "has a protocol other than /tcp and /udp");
	bad(ports_parse, "80/tcp/udp", "has a protocol other than /tcp and /udp");
}

static void port__stands_once_for_each_protocol(void **state)
{
	(void)state;
	bad(ports_parse, "80 80", "says port 80 twice");
	bad(ports_parse, "80-90 85-95", "says port 85 twice");
	bad(ports_parse, "85-95 80-90", "says port 85 twice");
	bad(ports_parse, "80-90 90", "says port 90 twice");
	bad(ports_parse, "80/udp 80", "says port 80 twice");
	bad(ports_parse, "1-65535 7/tcp", "says port 7 twice");
}

/* "1 2 3 ..." of n words. */
static void many(char *text, size_t size, int n)
{
	size_t used = 0;

	for (int i = 1; i <= n; i++)
		used += (size_t)snprintf(text + used, size - used, "%d ", i);
}

static void list__has_room_for_32_words(void **state)
{
	char text[200], blanks[PORTS_TEXT + 1];
	struct ports ports;
	struct fail f = { 0 };

	(void)state;
	many(text, sizeof text, 32);
	GOOD(ports_parse(text, &ports, &f));
	assert_int_equal(ports.count, 32);
	many(text, sizeof text, 33);
	bad(ports_parse, text, "has more than 32 words");
	memset(blanks, ' ', sizeof blanks);
	blanks[PORTS_TEXT - 2] = '7';
	blanks[PORTS_TEXT - 1] = '\0';
	GOOD(ports_parse(blanks, &ports, &f));
	blanks[PORTS_TEXT - 1] = '8';
	blanks[PORTS_TEXT] = '\0';
	bad(ports_parse, blanks, "is longer than 511 bytes");
}

static void publish__has_limits_and_no_protocols(void **state)
{
	char text[200];
	struct ports ports;
	struct fail f = { 0 };

	(void)state;
	GOOD(ports_parse_publish("80 9000-9998", &ports, &f));
	assert_int_equal(ports.count, 2);
	GOOD(ports_parse_publish("none", &ports, &f));
	assert_int_equal(ports.count, 0);
	bad(ports_parse_publish, "80 9000-9999", "has more than 1000 ports");
	bad(ports_parse_publish, "80/tcp", "names a protocol; each port is for TCP and UDP");
	many(text, sizeof text, 16);
	GOOD(ports_parse_publish(text, &ports, &f));
	many(text, sizeof text, 17);
	bad(ports_parse_publish, text, "has more than 16 words");
}

/* What ports_of_user makes of these keys, as text; the return value must be this. */
static void user_has(uid_t uid, uint64_t per_user, const char *publish, int result, const char *want)
{
	char words[200];
	char text[WIRE_PORTS];
	struct policy policy = { .ports_per_user = per_user, .ports_from = 20000, .publish = words };
	struct ports ports;
	struct fail f = { 0 };

	(void)snprintf(words, sizeof words, "%s", publish);
	assert_int_equal(ports_of_user(&policy, uid, &ports, &f), result);
	ports_text(&ports, text, sizeof text);
	assert_string_equal(text, want);
}

static void user__has_a_block_and_what_is_published(void **state)
{
	(void)state;
	user_has(1000, POLICY_NONE, "none", 0, "");
	user_has(1000, 10, "none", 0, "20000-20009");
	user_has(1001, 10, "none", 0, "20010-20019");
	user_has(1001, 1, "none", 0, "20001");
	user_has(1001, POLICY_NONE, "8080 9000-9001", 0, "8080,9000-9001");
	user_has(0, POLICY_NONE, "8080", 0, "8080");
	user_has(1000, 10, "8080 9000-9001", 0, "20000-20009,8080,9000-9001");
}

static void published__in_the_block_counts_once(void **state)
{
	(void)state;
	user_has(1000, 10, "20000", 0, "20000-20009");
	user_has(1000, 10, "20003-20009 80", 0, "20000-20009,80");
	user_has(1000, 10, "20005-20012", 0, "20000-20012");
	user_has(1000, 10, "19990-20000 20009-20010", 0, "19990-20010");
	user_has(1000, 10, "19100-19999 20010", 0, "20000-20009,19100-19999,20010");
	user_has(1000, 10, "19990-20100", 0, "19990-20100");
}

static void block__that_does_not_fit_is_left_out_and_told(void **state)
{
	(void)state;
	user_has(999, 10, "8080", 1, "8080");
	user_has(0, 10, "none", 1, "");
	user_has(5552, 10, "none", 0, "65520-65529");
	user_has(5553, 10, "none", 1, "");
	user_has(1000 + 65535 - 20000, 1, "none", 0, "65535");
	user_has(1001 + 65535 - 20000, 1, "none", 1, "");
	user_has(4294967294, 1000, "none", 1, "");
	user_has(65534, 1000, "22", 1, "22");
}

static void longest_text__fits_into_an_answer(void **state)
{
	char publish[200] = "";
	char text[WIRE_PORTS];
	size_t used = 0;
	struct policy policy = { .ports_per_user = 2, .ports_from = 20000, .publish = publish };
	struct ports ports;
	struct fail f = { 0 };

	(void)state;
	for (int i = 0; i < PUBLISH_RANGES; i++)
		used += (size_t)snprintf(publish + used, sizeof publish - used, "%d-%d ", 62000 + 10 * i, 62001 + 10 * i);
	assert_int_equal(ports_of_user(&policy, 1000, &ports, &f), 0);
	assert_int_equal(ports.count, PUBLISH_RANGES + 1);
	ports_text(&ports, text, sizeof text);
	assert_int_equal(strlen(text), (PUBLISH_RANGES + 1) * 12 - 1);
	assert_string_equal(text + strlen(text) - 12, ",62150-62151");
}

static void text__is_cut_to_its_room(void **state)
{
	struct ports ports;
	struct fail f = { 0 };
	char text[8] = "xxxxxxx";

	(void)state;
	GOOD(ports_parse("8000-8010 9000", &ports, &f));
	ports_text(&ports, text, 1);
	assert_string_equal(text, "");
	ports_text(&ports, text, sizeof text);
	assert_string_equal(text, "8000-80");
}

static void have__wants_all_protocols(void **state)
{
	struct ports ports;
	struct fail f = { 0 };

	(void)state;
	GOOD(ports_parse("53/tcp 53/udp 123/udp 80-81", &ports, &f));
	assert_true(ports_have(&ports, 53, PORT_UDP));
	assert_true(ports_have(&ports, 53, PORT_BOTH));
	assert_true(ports_have(&ports, 81, PORT_BOTH));
	assert_true(ports_have(&ports, 123, PORT_UDP));
	assert_false(ports_have(&ports, 123, PORT_BOTH));
	assert_false(ports_have(&ports, 82, PORT_TCP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list__has_ports_ranges_and_protocols),
		cmocka_unit_test(bad_list__is_refused_in_words),
		cmocka_unit_test(port__stands_once_for_each_protocol),
		cmocka_unit_test(list__has_room_for_32_words),
		cmocka_unit_test(publish__has_limits_and_no_protocols),
		cmocka_unit_test(user__has_a_block_and_what_is_published),
		cmocka_unit_test(published__in_the_block_counts_once),
		cmocka_unit_test(block__that_does_not_fit_is_left_out_and_told),
		cmocka_unit_test(longest_text__fits_into_an_answer),
		cmocka_unit_test(text__is_cut_to_its_room),
		cmocka_unit_test(have__wants_all_protocols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
