/* SPDX-License-Identifier: MIT */
/* runs as: root. What nssh --check makes of firewalls, and of the network that is up: the files are taken in whole. */
#include "tests/unit/unit.h"

#include "shell/check_network.c"
#include "shell/check_nft.c"
#include "tests/unit/conf_file.h"

/* What was found, a line each. */
static char said[8192];

static void __attribute__((format(printf, 2, 0))) say(const char *kind, const char *format, va_list ap)
{
	size_t used = strlen(said);

	used += (size_t)snprintf(said + used, sizeof said - used, "%s: ", kind);
	used += (size_t)vsnprintf(said + used, sizeof said - used, format, ap);
	(void)snprintf(said + used, sizeof said - used, "\n");
}

#define FOUND(kind)                                                                     \
	void found_##kind(struct findings *findings, const char *format, ...)           \
	{                                                                               \
		va_list ap;                                                             \
                                                                                        \
		(void)findings;                                                         \
		va_start(ap, format);                                                   \
		say(#kind, format, ap);                                                 \
		va_end(ap);                                                             \
	}

FOUND(ok)
FOUND(warning)
FOUND(error)

int capture(char *const argv[], int milliseconds, char *text, size_t size, struct fail *f)
{
	(void)argv;
	(void)milliseconds;
	(void)text;
	(void)size;
	return fail(f, 0, "not here");
}

void policies_each(const struct config *config, check_policy *each, void *context)
{
	(void)config;
	(void)each;
	(void)context;
}

#define OURS "table inet nsbox {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n" \
	     "table bridge nsbox {\n}\n"
#define LOADED "ok: the rules for boxes are loaded\n"

static void judges(const char *rules, const char *host_ports, const char *subnet6, const char *expected)
{
	char text[4096], ports[64], six[64];
	struct policy host = { .host_ports = ports, .subnet6 = six };

	(void)snprintf(text, sizeof text, "%s", rules);
	(void)snprintf(ports, sizeof ports, "%s", host_ports);
	(void)snprintf(six, sizeof six, "%s", subnet6);
	said[0] = '\0';
	judge_rules(NULL, &host, text);
	assert_string_equal(said, expected);
}

#define TABLE(family, name, chains) "table " family " " name " {\n\tset s {\n\t\ttype ipv4_addr\n\t}\n" chains "}\n"
#define CHAIN(name, rules) "\n\tchain " name " {\n" rules "\t}\n"
#define BASE(name, hook, policy, rules) \
	CHAIN(name, "\t\ttype filter hook " hook " priority filter; policy " policy ";\n" rules)
#define OTHER(family, table, chain) "warning: chain " chain " of table " family " " table " drops what boxes send and get: " \
	"accept it there too, for example with "

static void own_tables__must_be_there(void **state)
{
	(void)state;
	judges(OURS, "none", "none", LOADED);
	judges("", "none", "none", "error: nft has no table inet nsbox: run `nssh --net-up` again\n");
	judges("table inet nsbox {\n}\n", "none", "none", "error: nft has no table bridge nsbox: run `nssh --net-up` again\n");
}

static void chains_that_drop__are_told_with_what_to_do(void **state)
{
	(void)state;
	judges(OURS TABLE("ip", "filter", BASE("FORWARD", "forward", "drop", "\t\tjump DOCKER-USER\n") CHAIN("DOCKER-USER", "")),
	       "none", "none", OTHER("ip", "filter", "FORWARD") "`iptables -I DOCKER-USER -i nsbox0 -j ACCEPT` and "
	       "`iptables -I DOCKER-USER -o nsbox0 -j ACCEPT`\n" LOADED);
	judges(TABLE("ip6", "filter", CHAIN("ufw6-before-forward", "") BASE("FORWARD", "forward", "drop", "")) OURS, "none",
	       "fd6e::/64", OTHER("ip6", "filter", "FORWARD") "`ufw route allow in on nsbox0` and `ufw route allow out on "
	       "nsbox0`\n" LOADED);
	judges(OURS TABLE("inet", "firewalld", BASE("filter_INPUT", "input", "accept", "\t\treject\n")
	       BASE("filter_FORWARD", "forward", "accept", "\t\treject\n")), "53", "none",
	       OTHER("inet", "firewalld", "filter_FORWARD") "`firewall-cmd --permanent --zone=trusted "
	       "--add-interface=nsbox0` and `firewall-cmd --reload`\n" LOADED);
	judges(OURS TABLE("inet", "mine", BASE("fwd", "forward", "drop", "")), "none", "none",
	       OTHER("inet", "mine", "fwd") "`nft insert rule inet mine fwd iifname nsbox0 accept`, and the same with oifname\n"
	       LOADED);
}

static void input_that_drops__matters_to_host_ports(void **state)
{
	static const char rules[] = OURS TABLE("ip", "filter", BASE("INPUT", "input", "drop", "\t\tudp dport 53 accept\n"));

	(void)state;
	judges(rules, "none", "none", LOADED);
	judges(rules, "53", "none", "warning: chain INPUT of table ip filter drops what boxes send to host_ports: accept it there "
	       "too, for example with `nft insert rule ip filter INPUT iifname nsbox0 accept`; what host_ports does not name "
	       "is rejected all the same\n" LOADED);
	judges(OURS TABLE("ip", "filter", BASE("INPUT", "input", "drop", "\t\tiifname \"nsbox0\" accept\n")
	       BASE("FORWARD", "forward", "accept", "")), "53", "none", LOADED);
}

static void what_lets_boxes_through__is_left_alone(void **state)
{
	(void)state;
	judges(OURS TABLE("ip", "filter", BASE("FORWARD", "forward", "drop", "\t\tjump DOCKER-USER\n")
	       CHAIN("DOCKER-USER", "\t\tiifname \"nsbox0\" counter packets 0 bytes 0 accept\n")), "none", "none", LOADED);
	judges(OURS TABLE("ip", "filter", BASE("FORWARD", "forward", "accept", "") BASE("OUTPUT", "output", "drop", "")), "53",
	       "none", LOADED);
	judges(OURS TABLE("ip6", "filter", BASE("FORWARD", "forward", "drop", "")), "none", "none", LOADED);
	judges(OURS TABLE("bridge", "filter", BASE("FORWARD", "forward", "drop", "")), "none", "none", LOADED);
	/* A comment is no chain, and a chain of another table none of this one. */
	judges(OURS TABLE("ip", "a", CHAIN("FORWARD", "\t\taccept comment \"type filter hook forward policy drop;\"\n"))
	       TABLE("ip", "b", BASE("OUTPUT", "output", "drop", "")), "53", "none", LOADED);
}

static void compares(const struct place *place, const char *conf, const struct state *up, const char *expected)
{
	struct config *config = read_good(place, conf);
	struct net_check check = { .config = config, .up = *up };
	struct fail f = { 0 };

	GOOD(policy_host(config, &check.host, &f));
	said[0] = '\0';
	judge_up(&check);
	assert_string_equal(said, expected);
	policy_free(&check.host);
	config_free(config);
}

#define DIFFERS(key, conf, up) \
	"warning: " NSBOX_CONF " says " key " = " conf ", but what is up has " up ": run `nssh --net-up` again\n"

static void network_made_of_the_same__is_left_alone(void **state)
{
	const struct state up = { .subnet4 = "10.189.0.0/20", .subnet6 = "fd6e:7362:6f78::/64", .host_ports = "none" };
	const struct state other = { .subnet4 = "10.189.0.0/20", .subnet6 = "none", .host_ports = "53 8000-8010/tcp",
				     .chain = { { .name = "lab" }, { .name = "campus" } }, .chains = 2 };

	compares(*state, "[default]\n", &up, "");
	compares(*state, "[default]\nsubnet6 = none\nhost_ports = 53 8000-8010/tcp\negress = campus\n[user:ada]\n"
		 "egress = internet\n", &other, "");
}

static void network_made_of_something_else__is_told(void **state)
{
	const struct state up = { .subnet4 = "10.189.0.0/20", .subnet6 = "fd6e::/64", .host_ports = "53",
				  .chain = { { .name = "campus" } }, .chains = 1 };
	char expected[1024];

	(void)snprintf(expected, sizeof expected, DIFFERS("subnet", "10.1.0.0/24", "10.189.0.0/20")
		       DIFFERS("subnet6", "none", "fd6e::/64") DIFFERS("host_ports", "53/udp", "53")
		       "warning: %s:7: what is up has no egress camp: make that chain in /etc/nsbox.nft, and run "
		       "`nssh --net-up` again\n", NSBOX_CONF);
	compares(*state, "[default]\nsubnet = 10.1.0.0/24\nsubnet6 = none\nhost_ports = 53/udp\negress = none\n"
		 "[user:ada]\negress = camp\n", &up, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_tables__must_be_there),
		cmocka_unit_test(chains_that_drop__are_told_with_what_to_do),
		cmocka_unit_test(input_that_drops__matters_to_host_ports),
		cmocka_unit_test(what_lets_boxes_through__is_left_alone),
		TEST(network_made_of_the_same__is_left_alone),
		TEST(network_made_of_something_else__is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
