/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Whether this host has the network that nsbox.conf promises boxes. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/net/address.h"
#include "helper/net/resolv.h"
#include "helper/net/state.h"
#include "places.h"
#include "shell/check.h"

#define NET NSBOX_RUN "/net"
#define AGAIN "run `nssh --net-up` again"

struct net_check {
	struct findings *findings;
	const struct config *config;
	struct policy host;  /* of the keys that are the same for all */
	bool nat, pasta;     /* somebody may get such a box */
	struct state up;     /* what the network that is up was made of */
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
	static const char *const places[] = { "/usr/sbin", "/usr/local/sbin", "/usr/bin", "/sbin", "/bin" };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		(void)snprintf(path, 64, "%s/%s", places[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static void judge_same(const struct net_check *check, const char *key, const char *conf, const char *up)
{
	if (strcmp(conf, up) != 0)
		found_warning(check->findings, "%s says %s = %s, but what is up has %s: " AGAIN, NSBOX_CONF, key,
			      conf, up);
}

static bool host_has_6(void)
{
	char text[8];

	resolv_read("/proc/sys/net/ipv6/conf/default/disable_ipv6", text, sizeof text);
	return text[0] == '0';
}

/* A config_value, of the key egress. */
static void judge_egress(void *context, unsigned line, const char *value)
{
	const struct net_check *check = context;

	if (state_class(&check->up, value) == 0)
		found_warning(check->findings, "%s:%u: what is up has no egress %s: make that chain in "
			      "/etc/nsbox.nft, and " AGAIN, NSBOX_CONF, line, value);
}

static void judge_up(struct net_check *check)
{
	judge_same(check, "subnet", check->host.subnet, check->up.subnet4);
	/* Without IPv6 the host can give boxes none. */
	if (strcmp(check->up.subnet6, "none") != 0 || host_has_6())
		judge_same(check, "subnet6", check->host.subnet6, check->up.subnet6);
	judge_same(check, "host_ports", check->host.host_ports, check->up.host_ports);
	config_values(check->config, KEY_egress, judge_egress, check);
}

/* Scripts that harden a host switch it off. */
static void check_forwarding(struct findings *findings, const char *family)
{
	char path[64], text[8];

	(void)snprintf(path, sizeof path, "/proc/sys/net/%s/conf/" BRIDGE "/forwarding", family);
	resolv_read(path, text, sizeof text);
	if (text[0] == '0')
		found_error(findings, "net.%s.conf." BRIDGE ".forwarding is 0, and boxes reach nothing: " AGAIN,
			    family);
}

/* Returns whether the network is up. */
static bool check_up(struct net_check *check)
{
	struct fail f;
	OWN_FD int directory = open(NET, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0 || state_read(directory, &check->up, &f) < 0) {
		if (directory < 0 || f.code == ENOENT)
			found_error(check->findings, "the network of boxes is not up: run `nssh --net-up`, or "
				    "`systemctl enable --now nsbox-net`");
		else
			found_error(check->findings, NET ": %s: " AGAIN, f.text);
		return false;
	}
	if (if_nametoindex(BRIDGE) == 0) {
		found_error(check->findings, "there is no interface " BRIDGE ": " AGAIN);
		return false;
	}
	found_ok(check->findings, "up: %s, %s", check->up.subnet4, check->up.subnet6);
	judge_up(check);
	check_forwarding(check->findings, "ipv4");
	if (has_6(&check->up.subnet))
		check_forwarding(check->findings, "ipv6");
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

/* Will names be found in boxes? */
static void check_names(const struct net_check *check)
{
	char host[RESOLV_TEXT], upstream[RESOLV_TEXT], made[RESOLV_TEXT], address[INET_ADDRSTRLEN];
	const struct policy *keys = &check->host;

	resolv_read("/etc/resolv.conf", host, sizeof host);
	resolv_read(RESOLV_UPSTREAM, upstream, sizeof upstream);
	resolv_gateway(keys->host_ports, keys->subnet, address);
	if (check->nat && resolv_text(host, upstream, address, made, sizeof made) == 0) {
		resolv_gateway("53", keys->subnet, address);
		found_warning(check->findings, "boxes with network = nat have no name server, since that of the host "
			      "is on its loopback interface: let it listen at %s too and set host_ports = 53",
			      address);
	}
	if (check->pasta && resolv_text(host, upstream, "", made, sizeof made) == 0)
		found_warning(check->findings, "boxes with network = pasta have no name server, since that of the "
			      "host is on its loopback interface: name another in /etc/resolv.conf");
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
