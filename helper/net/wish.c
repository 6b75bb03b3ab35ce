/* SPDX-License-Identifier: MIT */
/* runs as: root. What nsbox.conf wants the network of boxes to be. */
#include "helper/net/wish.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/policy.h"
#include "places.h"

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
	if (!w->failed && state_add_chain(w->state, value, false, w->f) < 0)
		w->failed = true;
}

/* The values of the host, the chains of all sections, and whether anybody has such a network at all. */
static int fill(const struct config *config, const struct policy *host, struct state *s, bool *wanted, struct fail *f)
{
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
	return 0;
}

int wish_read(bool six, struct state *state, struct ports *host_ports, bool *wanted, struct fail *f)
{
	struct config *config = NULL;
	struct policy host;
	int done;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, f) < 0)
		return -1;
	done = policy_host(config, &host, f);
	if (done == 0) {
		done = fill(config, &host, state, wanted, f);
		policy_free(&host);
	}
	config_free(config);
	if (done < 0)
		return -1;
	if (!six)
		(void)snprintf(state->subnet6, sizeof state->subnet6, "none");
	return subnet_parse(state->subnet4, state->subnet6, &state->subnet, f) < 0
		? -1 : ports_parse(state->host_ports, host_ports, f);
}
