/* SPDX-License-Identifier: MIT */
/* runs as: root. nssh --net-up and --net-down: the bridge, the rules, forwarding. */
#include "helper/net/up.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/policy.h"
#include "helper/fields.h"
#include "helper/log.h"
#include "helper/net/bridge.h"
#include "helper/net/forwarding.h"
#include "helper/net/netlink.h"
#include "helper/net/rules.h"
#include "helper/net/slot.h"
#include "helper/net/state.h"
#include "helper/process.h"
#include "helper/rundir.h"
#include "helper/run_program.h"
#include "helper/users.h"
#include "places.h"

enum { LOCK_MS = 20000, NFT_MS = 60000, SAID = 8192 };

/* All that the story holds. */
struct changing {
	int proc, directory, lock, socket;
	struct state now, next;
	bool was_up;
	struct ports host_ports;
	struct published *published;
	unsigned count;
};

static void changing_cleanup(struct changing *c)
{
	free(c->published);
	fd_close(&c->socket);
	rundir_unlock(&c->lock);
	fd_close(&c->directory);
	fd_close(&c->proc);
}

#define CHANGING __attribute__((cleanup(changing_cleanup))) struct changing
#define CHANGING_EMPTY { .proc = -1, .directory = -1, .lock = -1, .socket = -1 }

/* Like netlink_open_host, but for good: settings in /proc/sys/net are those of the namespace we are in. */
static int enter_host(int proc, struct fail *f)
{
	OWN_FD int there = openat(proc, "1/ns/net", O_RDONLY | O_CLOEXEC);

	if (there < 0 || setns(there, CLONE_NEWNET) != 0)
		return fail(f, errno, "enter the host's network namespace");
	return 0;
}

static int begin(struct changing *c, struct fail *f)
{
	c->proc = process_open_proc(f);
	if (c->proc < 0 || enter_host(c->proc, f) < 0)
		return -1;
	c->directory = slot_directory(true, f);
	if (c->directory < 0)
		return -1;
	c->lock = state_lock(c->directory, true, clock_ms() + LOCK_MS, f);
	if (c->lock < 0)
		return -1;
	c->socket = netlink_open(NETLINK_ROUTE, f);
	if (c->socket < 0)
		return -1;
	c->was_up = state_read(c->directory, &c->now, f) == 0;
	return c->was_up || f->code == ENOENT ? 0 : -1;
}

static int count_slot(void *context, unsigned slot, uid_t uid, unsigned number, struct fail *f)
{
	(void)slot;
	(void)uid;
	(void)number;
	(void)f;
	++*(unsigned *)context;
	return 0;
}

/* --- what nsbox.conf wants --------------------------------------------------------------------------------- */

struct wish {
	struct state *state;
	bool wanted;
	bool failed;
	struct fail *f;
};

static void note_network(void *context, unsigned line, const char *value)
{
	struct wish *w = context;

	(void)line;
	if (strcmp(value, "nat") == 0)
		w->wanted = true;
}

static void note_egress(void *context, unsigned line, const char *value)
{
	struct wish *w = context;

	(void)line;
	if (!w->failed && state_add_chain(w->state, value, w->f) < 0)
		w->failed = true;
}

/* The values of the host, the chains of all sections, and whether anybody has such a network at all. */
static int wish(const struct config *config, const struct policy *host, struct changing *c, bool *wanted, struct fail *f)
{
	struct state *s = &c->next;
	struct wish w = { .state = s, .wanted = host->network == NETWORK_NAT, .f = f };

	config_values(config, KEY_network, note_network, &w);
	config_values(config, KEY_egress, note_egress, &w);
	if (w.failed)
		return -1;
	*wanted = w.wanted;
	if ((size_t)snprintf(s->subnet4, sizeof s->subnet4, "%s", host->subnet) >= sizeof s->subnet4 ||
	    (size_t)snprintf(s->subnet6, sizeof s->subnet6, "%s", host->subnet6) >= sizeof s->subnet6 ||
	    (size_t)snprintf(s->host_ports, sizeof s->host_ports, "%s", host->host_ports) >= sizeof s->host_ports)
		return fail(f, E2BIG, "subnet, subnet6 or host_ports");
	if (!forwarding_has_6(c->proc))
		(void)snprintf(s->subnet6, sizeof s->subnet6, "none");
	if (subnet_parse(s->subnet4, s->subnet6, &s->subnet, f) < 0)
		return -1;
	return ports_parse(s->host_ports, &c->host_ports, f);
}

static int read_wish(struct changing *c, bool *wanted, struct fail *f)
{
	struct config *config = NULL;
	struct policy host;
	int done;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, f) < 0)
		return -1;
	done = policy_host(config, &host, f);
	if (done == 0) {
		done = wish(config, &host, c, wanted, f);
		policy_free(&host);
	}
	config_free(config);
	return done;
}

/* --- the boxes that are there ------------------------------------------------------------------------------ */

/* As the record has them: "20000-20009,8080". */
static int ports_of_text(const char *text, struct ports *out, struct fail *f)
{
	char words[WIRE_PORTS];

	(void)snprintf(words, sizeof words, "%s", text);
	for (char *c = words; *c != '\0'; c++)
		if (*c == ',')
			*c = ' ';
	return ports_parse(words, out, f);
}

static int note_box(void *context, const struct record *record, int pidfd, struct fail *f)
{
	struct changing *c = context;
	struct published *more;

	(void)pidfd;
	if (record->slot == 0 || strcmp(record->ports, "-") == 0)
		return 0;
	more = realloc(c->published, (c->count + 1) * sizeof *more);
	if (more == NULL)
		return fail(f, ENOMEM, "remember the ports of boxes");
	c->published = more;
	more[c->count].slot = record->slot;
	if (ports_of_text(record->ports, &more[c->count].ports, f) < 0)
		return fail_in(f, "ports of box %s", record->box);
	c->count++;
	return 0;
}

static int note_user(void *context, int proc, int run, uid_t uid, struct fail *f)
{
	(void)uid;
	return boxes_each(proc, run, note_box, context, f);
}

/* Addresses follow from the subnet: those of live boxes would be others' with another. */
static int keep_subnet(struct changing *c, struct fail *f)
{
	unsigned boxes = 0;

	if (!c->was_up || (strcmp(c->now.subnet4, c->next.subnet4) == 0 && strcmp(c->now.subnet6, c->next.subnet6) == 0))
		return 0;
	if (slots_each(c->directory, count_slot, &boxes, f) < 0)
		return -1;
	if (boxes > 0)
		return fail(f, EBUSY, "%u box%s an address of %s and %s: subnet and subnet6 can change only without boxes", boxes,
			    boxes == 1 ? " has" : "es have", c->now.subnet4, c->now.subnet6);
	return bridge_down(c->socket, f);
}

/* --- the rules --------------------------------------------------------------------------------------------- */

static const char *find_nft(void)
{
	static const char *const places[] = { "/usr/sbin/nft", "/sbin/nft", "/usr/local/sbin/nft", "/usr/bin/nft" };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* The admin's chains are part of what root loads: nobody else may write them. */
static int judge_chains(bool *there, struct fail *f)
{
	struct stat st;

	*there = lstat(NSBOX_CHAINS, &st) == 0;
	if (!*there)
		return errno == ENOENT ? 0 : fail(f, errno, "look at " NSBOX_CHAINS);
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022) != 0)
		return fail(f, EPERM, NSBOX_CHAINS " must be a file that root owns and nobody else may write");
	return 0;
}

/* nft speaks of lines and chains, which is for the admin who runs this. */
static int load(int directory, struct fail *f)
{
	char said[SAID], path[] = NSBOX_RUN "/net/rules";
	const char *nft = find_nft();
	char *const argv[] = { (char *)"nft", (char *)"-f", path, NULL };

	(void)directory;
	if (nft == NULL)
		return fail(f, ENOENT, "find nft, which sets the rules of the network of boxes (install nftables)");
	if (run_program_heard(nft, argv, clock_ms() + NFT_MS, said, sizeof said, f) == 0)
		return 0;
	(void)dprintf(STDERR_FILENO, "%s", said);
	return -1;
}

static FILE *open_rules(int directory)
{
	int fd = openat(directory, "rules", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (file == NULL)
		fd_close(&fd);
	return file;
}

static int close_rules(FILE *file, struct fail *f)
{
	bool bad = ferror(file) != 0;

	if (fclose(file) != 0 || bad)
		return fail(f, errno, "write " NSBOX_RUN "/net/rules");
	return 0;
}

static int set_rules(const struct changing *c, struct fail *f)
{
	bool chains;
	FILE *file;

	if (judge_chains(&chains, f) < 0)
		return -1;
	if (!chains && c->next.chains > 0)
		return fail(f, ENOENT, "egress = %s: there is no " NSBOX_CHAINS " with that chain", c->next.chain[0]);
	file = open_rules(c->directory);
	if (file == NULL)
		return fail(f, errno, "write " NSBOX_RUN "/net/rules");
	rules_print(file, &c->next, &c->host_ports, chains ? NSBOX_CHAINS : NULL, c->published, c->count);
	return close_rules(file, f) < 0 ? -1 : load(c->directory, f);
}

static int remove_rules(const struct changing *c, struct fail *f)
{
	FILE *file = open_rules(c->directory);

	if (file == NULL)
		return fail(f, errno, "write " NSBOX_RUN "/net/rules");
	rules_print_end(file);
	if (close_rules(file, f) < 0 || load(c->directory, f) < 0)
		return -1;
	(void)unlinkat(c->directory, "rules", 0);
	return 0;
}

/* --- the two stories --------------------------------------------------------------------------------------- */

static int take_down(struct changing *c, const struct state *state, struct fail *f)
{
	struct fail first = { 0 };

	/* No step keeps the next one from its turn. */
	if (state_remove(c->directory, f) < 0)
		first = *f;
	if (bridge_down(c->socket, f) < 0)
		first = *f;
	if (remove_rules(c, f) < 0)
		first = *f;
	if (forwarding_off(c->proc, state->forwarding_4, state->forwarding_6, f) < 0)
		first = *f;
	if (first.text[0] == '\0')
		return 0;
	*f = first;
	return -1;
}

/* The rules come before the bridge, and the bridge before logins that go by `up`: nothing is open meanwhile. */
static int bring_up(struct changing *c, struct fail *f)
{
	bool switched_4 = false, switched_6 = false;
	uint32_t mtu;

	c->next.forwarding_4 = c->was_up && c->now.forwarding_4;
	c->next.forwarding_6 = c->was_up && c->now.forwarding_6;
	if (forwarding_on(c->proc, &switched_4, &switched_6, f) < 0)
		return -1;
	c->next.forwarding_4 = c->next.forwarding_4 || switched_4;
	c->next.forwarding_6 = c->next.forwarding_6 || switched_6;
	if (set_rules(c, f) < 0 || bridge_uplink_mtu(c->socket, &mtu, f) < 0 ||
	    bridge_up(c->socket, &c->next.subnet, mtu, f) < 0)
		return -1;
	return state_write(c->directory, &c->next, f);
}

int net_up(bool *wanted, struct fail *f)
{
	CHANGING c = CHANGING_EMPTY;
	struct fail ignored;

	if (begin(&c, f) < 0 || read_wish(&c, wanted, f) < 0)
		return -1;
	if (!*wanted && !c.was_up)
		return 0;
	*wanted = true;
	if (keep_subnet(&c, f) < 0 || users_each(0, true, note_user, &c, f) < 0)
		return -1;
	if (bring_up(&c, f) == 0)
		return 0;
	if (!c.was_up)
		(void)take_down(&c, &c.next, &ignored);
	return -1;
}

int net_down(struct fail *f)
{
	CHANGING c = CHANGING_EMPTY;
	unsigned boxes = 0;

	if (begin(&c, f) < 0 || slots_each(c.directory, count_slot, &boxes, f) < 0)
		return -1;
	if (boxes > 0)
		return fail(f, EBUSY, "%u box%s an address: end them first (nssh -l)", boxes, boxes == 1 ? " has" : "es have");
	return take_down(&c, &c.now, f);
}
