/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The box's resolv.conf, made from the host's. */
#include "tests/unit/unit.h"

#include "helper/net/resolv.h"

#define HEAD "# The host's, as far as it serves a box.\n"
#define LOST "# No name server: the host's listen where no box can reach them, on its loopback interface or one " \
	     "link.\n"
#define STUB "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lab.example\n"
#define GATEWAY "10.189.0.1"

static void makes(const char *host, const char *upstream, const char *stand_in, const char *expected)
{
	char text[RESOLV_TEXT], whole[RESOLV_TEXT];
	int servers = 0, n = resolv_text(host, upstream, stand_in, text, sizeof text);

	(void)snprintf(whole, sizeof whole, HEAD "%s", expected);
	assert_string_equal(text, whole);
	for (const char *at = text; (at = strstr(at, "\nnameserver ")) != NULL; at++)
		servers++;
	assert_int_equal(n, servers);
}

static void servers_elsewhere__stay(void **state)
{
	(void)state;
	makes("# by hand\nsearch lab.example example.com\nnameserver 10.1.0.53\nnameserver 2001:db8::53\n"
	      "options edns0 trust-ad\nsortlist 10.0.0.0\n; end\n", "nameserver 9.9.9.9\n", GATEWAY,
	      "nameserver 10.1.0.53\nnameserver 2001:db8::53\nsearch lab.example example.com\noptions edns0 trust-ad\n"
	      "sortlist 10.0.0.0\n");
}

static void resolved__is_passed_by(void **state)
{
	(void)state;
	makes(STUB, "# made by systemd-resolved\nnameserver 10.1.0.53\nsearch lab.example\n", GATEWAY,
	      "nameserver 10.1.0.53\nsearch lab.example\n");
	makes("nameserver 127.0.0.54\n", "nameserver 10.1.0.53\noptions trust-ad\n", "", "nameserver 10.1.0.53\n");
	makes(STUB, "nameserver 127.0.0.1\n", GATEWAY, "nameserver " GATEWAY "\n");
	makes(STUB, "# No DNS servers known.\nsearch .\n", "",
	      "# No name server: the host has none but itself.\nsearch .\n");
}

static void resolved_s_stub__needs_a_stand_in_where_it_says_no_more(void **state)
{
	(void)state;
	makes(STUB, "", GATEWAY, "nameserver " GATEWAY "\noptions edns0\nsearch lab.example\n");
	makes(STUB, "", "", LOST "options edns0\nsearch lab.example\n");
}

static void servers_on_loopback__are_replaced_once(void **state)
{
	(void)state;
	makes("nameserver 127.0.0.1\nnameserver ::1\nnameserver 10.1.0.53\nnameserver 0.0.0.0\n"
	      "nameserver ::ffff:127.0.0.1\nnameserver 127.1\noptions trust-ad\n", "nameserver 9.9.9.9\n", GATEWAY,
	      "nameserver " GATEWAY "\nnameserver 10.1.0.53\n");
	makes("nameserver ::\n", "", GATEWAY " fd6e::1", "nameserver " GATEWAY "\nnameserver fd6e::1\n");
	makes("nameserver 127.0.0.1\nnameserver 10.1.0.53\noptions rotate trust-ad\n", "", "",
	      "nameserver 10.1.0.53\noptions rotate\n");
}

/* resolv.conf(5): then the resolver asks the host itself. */
static void host_without_servers__is_asked_itself(void **state)
{
	(void)state;
	makes("", "", GATEWAY, "nameserver " GATEWAY "\n");
	makes("search lab.example", "", "", "# No name server: the host has none but itself.\nsearch lab.example\n");
	makes("nameserver ns.example\nnameserver\nnameserver \n", "", GATEWAY, "nameserver " GATEWAY "\n");
}

static void server_on_a_link__is_left_out(void **state)
{
	(void)state;
	makes("nameserver fe80::1%eth0\nnameserver 10.1.0.53\noptions trust-ad\n", "", "", "nameserver 10.1.0.53\n");
	makes("nameserver fe80::1%eth0\nnameserver fe80::2\n", "", GATEWAY, LOST);
}

static void three_servers__are_enough(void **state)
{
	(void)state;
	makes("nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.1\nnameserver 10.0.0.3\n"
	      "nameserver 10.0.0.4\n", "", "", "nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n");
	makes("nameserver fe80::1\nnameserver 127.0.0.1\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n", "", "",
	      "nameserver 10.0.0.1\nnameserver 10.0.0.2\n");
}

static void blanks__may_be_any(void **state)
{
	(void)state;
	makes("nameserver\t 10.1.0.53 # mine\r\nsearch\ta.example\t\tb.example \r\nnameserver 2001:DB8:0::53\r", "", "",
	      "nameserver 10.1.0.53\nnameserver 2001:db8::53\nsearch a.example b.example\n");
	/* The keyword starts the line, or it is none. */
	makes(" nameserver 10.0.0.9\nnameservers 10.0.0.9\nnameserver 10.0.0.1", "", "", "nameserver 10.0.0.1\n");
	makes("\n\r\n\nnameserver 10.0.0.1\n\noptions\noptions \r\n", "", "", "nameserver 10.0.0.1\n");
}

static void what_is_too_large__is_left_out_whole(void **state)
{
	static char host[4 * RESOLV_TEXT], word[600];
	char text[256];

	(void)state;
	memset(word, 'a', sizeof word - 1);
	(void)snprintf(host, sizeof host, "options %s rotate\n#%s\nnameserver %s\nnameserver 10.0.0.1\n", word, word,
		       word);
	makes(host, "", "", "nameserver 10.0.0.1\noptions rotate\n");
	(void)snprintf(host, sizeof host, "search ");
	for (int i = 0; i < RESOLV_TEXT / 2; i++)
		(void)strcpy(host + 7 + 3 * i, "a. ");
	(void)strcat(host, "\nnameserver 10.0.0.1\noptions rotate");
	makes(host, "", "", "nameserver 10.0.0.1\noptions rotate\n");
	/* Whatever room there is, it is not overrun. */
	for (size_t size = 1; size < sizeof text; size++) {
		memset(text, 'x', sizeof text);
		(void)resolv_text("nameserver 10.0.0.1\nsearch lab.example\noptions rotate\n", "", "", text, size);
		assert_true(strlen(text) < size);
		for (size_t i = size; i < sizeof text; i++)
			assert_int_equal(text[i], 'x');
	}
}

static void gateway__answers_where_the_host_s_port_is_open(void **state)
{
	char address[INET_ADDRSTRLEN];

	(void)state;
	resolv_gateway("none", "10.189.0.0/20", address);
	assert_string_equal(address, "");
	resolv_gateway("53/tcp 5353/udp", "10.189.0.0/20", address);
	assert_string_equal(address, "");
	resolv_gateway("123/udp 53/udp", "192.0.2.0/24", address);
	assert_string_equal(address, "192.0.2.1");
	resolv_gateway("50-60", "10.189.0.0/20", address);
	assert_string_equal(address, GATEWAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_elsewhere__stay),
		cmocka_unit_test(resolved__is_passed_by),
		cmocka_unit_test(resolved_s_stub__needs_a_stand_in_where_it_says_no_more),
		cmocka_unit_test(servers_on_loopback__are_replaced_once),
		cmocka_unit_test(host_without_servers__is_asked_itself),
		cmocka_unit_test(server_on_a_link__is_left_out),
		cmocka_unit_test(three_servers__are_enough),
		cmocka_unit_test(blanks__may_be_any),
		cmocka_unit_test(gateway__answers_where_the_host_s_port_is_open),
		cmocka_unit_test(what_is_too_large__is_left_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
