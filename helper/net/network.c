/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The network of one box, whatever kind it is, from its beginning to its end. */
#include "helper/net/network.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/log.h"
#include "helper/net/resolv.h"

/* pasta's own answers are for hosts that have no other: they take the place of the host's first server (pasta(1)). */
static bool only_loopback_servers(void)
{
	char host[RESOLV_TEXT], upstream[RESOLV_TEXT], text[RESOLV_TEXT];

	resolv_read("/etc/resolv.conf", host, sizeof host);
	resolv_read(RESOLV_UPSTREAM, upstream, sizeof upstream);
	return resolv_text(host, upstream, "", text, sizeof text) == 0 &&
	       resolv_text(host, upstream, PASTA_DNS, text, sizeof text) > 0;
}

int network_claim(struct network_of_box *n, const struct policy *policy, const struct owner *owner, unsigned number,
		  int proc, int64_t deadline, struct fail *f)
{
	n->kind = policy->network;
	switch (n->kind) {
	case NETWORK_NONE:
	case NETWORK_HOST:
		return 0;
	case NETWORK_NAT:
		return net_claim(&n->net, policy, owner->uid, number, proc, deadline, f);
	case NETWORK_PASTA:
		n->dns = only_loopback_servers();
		return pasta_namespace(proc, owner, &n->pasta, f);
	}
	return -1;
}

int network_enter(const struct network_of_box *n, struct fail *f)
{
	if (n->kind == NETWORK_PASTA && setns(n->pasta.netns, CLONE_NEWNET) != 0)
		return fail(f, errno, "enter the box's network namespace");
	return 0;
}

static int raise_loopback(struct fail *f)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	OWN_FD int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (any < 0 || ioctl(any, SIOCSIFFLAGS, &lo) != 0)
		return fail(f, errno, "bring the loopback interface up");
	return 0;
}

int network_build(const struct network_of_box *n, struct fail *f)
{
	if (n->kind == NETWORK_HOST)
		return 0;
	if (raise_loopback(f) < 0)
		return -1;
	return n->kind == NETWORK_NAT ? net_build(&n->net, f) : 0;
}

/* The ports this box is to have; none that are elsewhere. */
static int choose_ports(struct network_of_box *n, const struct policy *policy, uid_t uid, bool elsewhere,
			struct fail *f)
{
	int left_out = elsewhere ? 0 : ports_of_user(policy, uid, &n->ports, f);

	if (left_out > 0)
		log_error("event=ports uid=%u error=\"ports_per_user has none for this uid\"", uid);
	return left_out < 0 ? -1 : 0;
}

static int start_pasta(struct network_of_box *n, const struct owner *owner, const struct cgroup *cgroup, bool v2,
		       int64_t deadline, struct fail *f)
{
	char ports[WIRE_PORTS] = "-";
	const struct pasta_box box = { .owner = owner, .cgroup = cgroup, .v2 = v2, .ports = ports, .dns = n->dns };

	if (n->ports.count > 0)
		ports_text(&n->ports, ports, sizeof ports);
	return pasta_start(&n->pasta, &box, deadline, f);
}

static int open_once(struct network_of_box *n, const struct owner *owner, const struct cgroup *cgroup, bool v2,
		     int64_t deadline, struct fail *f)
{
	if (n->kind == NETWORK_PASTA)
		return start_pasta(n, owner, cgroup, v2, deadline, f);
	if (n->ports.count == 0)
		return 0;
	return net_publish(&n->net, &n->ports, f);
}

int network_open(struct network_of_box *n, const struct policy *policy, const struct owner *owner, bool elsewhere,
		 const struct cgroup *cgroup, bool v2, int64_t deadline, struct fail *f)
{
	int done;

	if (n->kind != NETWORK_NAT && n->kind != NETWORK_PASTA)
		return 0;
	if (choose_ports(n, policy, owner->uid, elsewhere, f) < 0)
		return -1;
	done = open_once(n, owner, cgroup, v2, deadline, f);
	if (done == 0 || n->ports.count == 0 || (f->code != EEXIST && f->code != EADDRINUSE))
		return done;
	log_error("event=ports uid=%u error=\"%s\"", owner->uid, f->text);
	n->ports.count = 0;
	return open_once(n, owner, cgroup, v2, deadline, f);
}

void network_note(const struct network_of_box *n, struct record *record)
{
	static const char *const words[] = {
		[NETWORK_NONE] = "none", [NETWORK_HOST] = "host", [NETWORK_NAT] = "nat", [NETWORK_PASTA] = "pasta",
	};

	(void)snprintf(record->network, sizeof record->network, "%s", words[n->kind]);
	(void)snprintf(record->address, sizeof record->address, "-");
	(void)snprintf(record->ports, sizeof record->ports, "-");
	if (n->kind == NETWORK_NAT)
		net_note(&n->net, record);
	if (n->ports.count > 0)
		ports_text(&n->ports, record->ports, sizeof record->ports);
}

void network_cleanup(struct network_of_box *n, bool done, uid_t uid, unsigned number)
{
	net_cleanup(&n->net, done, uid, number, n->ports.count > 0);
	pasta_close(&n->pasta);
}
