/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Whether this host has the network that nsbox.conf promises boxes. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/ports.h"
#include "conf/subnet.h"
#include "helper/net/resolv.h"
#include "places.h"
#include "shell/check.h"
#include "shell/percent.h"

#define BRIDGE "nsbox0"
#define UP NSBOX_RUN "/net/up"
#define AGAIN "run `nssh --net-up` again"

enum { UP_TEXT = 65536 };

struct net_check {
	struct findings *findings;
	const struct config *config;
	struct policy host;  /* of the keys that are the same for all */
	bool nat, pasta;     /* somebody may get such a box */
	const char *up;      /* what the network that is up was made of, in lines of key=value */
};

/* A check_policy. Who gets a box by another section only brings no more than the group's own section says. */
static void note_policy(void *context, const struct policy *policy, unsigned group)
{
	struct net_check *check = context;

	if (!policy->enable && policy->line[KEY_network] < group)
		return;
	check->nat |= policy->network == NETWORK_NAT;
	check->pasta |= policy->network == NETWORK_PASTA;
}

/* Where programs are that only an administrator puts there. */
static bool find_program(const char *name, char path[64])
{
	static const char *const places[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		(void)snprintf(path, 64, "%s/%s", places[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* The value of the first such line of the file. */
static bool up_value(const char *up, const char *key, char *value, size_t size)
{
	size_t n = strlen(key);

	for (const char *line = up; line[0] != '\0'; line += strcspn(line, "\n"), line += line[0] == '\n')
		if (strncmp(line, key, n) == 0 && line[n] == '=') {
			(void)snprintf(value, size, "%.*s", (int)strcspn(line + n + 1, "\n"), line + n + 1);
			return true;
		}
	return false;
}

static bool same_subnet(const char *a, const char *b)
{
	struct subnet4 x, y;
	struct fail ignored;

	return subnet4_parse(a, &x, &ignored) == 0 && subnet4_parse(b, &y, &ignored) == 0 && x.base == y.base &&
	       x.prefix == y.prefix;
}

static bool same_subnet6(const char *a, const char *b)
{
	struct subnet6 x, y;
	struct fail ignored;

	return subnet6_parse(a, &x, &ignored) == 0 && subnet6_parse(b, &y, &ignored) == 0 && x.prefix == y.prefix &&
	       (x.prefix == 0 || memcmp(&x.base, &y.base, sizeof x.base) == 0);
}

static bool same_ports(const char *a, const char *b)
{
	struct ports x, y;
	struct fail ignored;

	if (ports_parse(a, &x, &ignored) < 0 || ports_parse(b, &y, &ignored) < 0 || x.count != y.count)
		return false;
	for (int i = 0; i < x.count; i++)
		if (x.range[i].from != y.range[i].from || x.range[i].to != y.range[i].to ||
		    x.range[i].proto != y.range[i].proto)
			return false;
	return true;
}

static void judge_same(const struct net_check *check, const char *key, const char *conf,
		       bool (*same)(const char *a, const char *b))
{
	char value[1024];

	if (up_value(check->up, key, value, sizeof value) && !same(value, conf))
		found_warning(check->findings, "%s says %s = %s, but what is up has %s: " AGAIN, NSBOX_CONF, key, conf,
			      value);
}

/* Is there a line "egress=NAME:GROUP"? */
static bool up_has_class(const char *up, const char *name)
{
	char start[64];
	size_t n = (size_t)snprintf(start, sizeof start, "\negress=%s", name);

	for (const char *at = up; (at = strstr(at, start)) != NULL; at++)
		if (strchr(":\n", at[n]) != NULL)
			return true;
	return false;
}

/* A config_value, of the key egress. */
static void judge_class(void *context, unsigned line, const char *value)
{
	const struct net_check *check = context;

	if (strcmp(value, "all") == 0 || strcmp(value, "internet") == 0 || strcmp(value, "none") == 0 ||
	    up_has_class(check->up, value))
		return;
	found_warning(check->findings, "%s:%u: what is up has no egress %s: make that chain in /etc/nsbox.nft, and "
		      AGAIN, NSBOX_CONF, line, value);
}

/* With nothing to compare, nothing is wrong. */
static void judge_up(struct net_check *check, const char *up)
{
	check->up = up;
	judge_same(check, "subnet", check->host.subnet, same_subnet);
	judge_same(check, "subnet6", check->host.subnet6, same_subnet6);
	judge_same(check, "host_ports", check->host.host_ports, same_ports);
	config_values(check->config, KEY_egress, judge_class, check);
}

/* Returns whether the network is up, as far as the caller may know. */
static bool check_up(struct net_check *check)
{
	char text[UP_TEXT + 1] = "\n";
	OWN_FD int fd = open(UP, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		found_error(check->findings, "the network of boxes is not up: run `nssh --net-up`, or `systemctl enable "
			    "--now nsbox-net`");
		return false;
	}
	if (if_nametoindex(BRIDGE) == 0) {
		found_error(check->findings, "there is no interface " BRIDGE ": " AGAIN);
		return false;
	}
	if (fd >= 0 && fd_read_text(fd, text + 1, UP_TEXT) >= 0 && percent_decode(text))
		judge_up(check, text);
	else if (geteuid() == 0)
		found_error(check->findings, UP " cannot be read: " AGAIN);
	return true;
}

static void check_nat(struct net_check *check)
{
	char nft[64];
	bool installed = find_program("nft", nft), up;

	if (!installed)
		found_error(check->findings, "network = nat needs nft: install the package nftables");
	up = check_up(check);
	if (up && installed && geteuid() == 0)
		check_nft(check->findings, &check->host, nft);
}

static void check_pasta(struct net_check *check)
{
	char path[64];

	if (find_program("pasta", path))
		found_ok(check->findings, "pasta is %s", path);
	else
		found_error(check->findings, "network = pasta needs pasta: install the package passt");
}

static void read_text(const char *path, char *text, size_t size)
{
	OWN_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, size) < 0)
		text[0] = '\0';
}

/* Will names be found in boxes? */
static void check_names(const struct net_check *check)
{
	char host[RESOLV_TEXT], upstream[RESOLV_TEXT], made[RESOLV_TEXT], address[INET_ADDRSTRLEN];
	const struct policy *keys = &check->host;

	read_text("/etc/resolv.conf", host, sizeof host);
	read_text(RESOLV_UPSTREAM, upstream, sizeof upstream);
	resolv_gateway(keys->host_ports, keys->subnet, address);
	if (check->nat && resolv_text(host, upstream, address, made, sizeof made) == 0) {
		resolv_gateway("53", keys->subnet, address);
		found_warning(check->findings, "boxes with network = nat have no name server, since that of the host is on "
			      "its loopback interface: let it listen at %s too and set host_ports = 53", address);
	}
	if (check->pasta && resolv_text(host, upstream, "", made, sizeof made) == 0)
		found_warning(check->findings, "boxes with network = pasta have no name server, since that of the host is "
			      "on its loopback interface: name another in /etc/resolv.conf");
}

void check_network(struct findings *findings)
{
	struct net_check check = { .findings = findings };
	struct config *config;
	struct fail f;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, &f) < 0)
		return; /* said already */
	check.config = config;
	policies_each(config, note_policy, &check);
	if ((check.nat || check.pasta) && policy_host(config, &check.host, &f) < 0) {
		found_error(findings, "%s", f.text);
	} else if (check.nat || check.pasta) {
		if (check.nat)
			check_nat(&check);
		if (check.pasta)
			check_pasta(&check);
		check_names(&check);
		policy_free(&check.host);
	}
	config_free(config);
}
