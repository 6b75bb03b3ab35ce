/* SPDX-License-Identifier: MIT */
/* runs as: root. Whether the rules for boxes are loaded, and which rules of others stand in their way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/check.h"

enum { DEADLINE_MS = 5000, RULES = 1 << 20, NAME = 64 };

/* A table as it goes by, and in it what is of interest. */
struct table {
	char family[8], name[NAME];
	char chain[NAME];   /* the one that goes by */
	char forward[NAME]; /* chains that drop what they do not know; "": there is none */
	char input[NAME];
	bool forward_knows, input_knows; /* something is said of our interfaces */
	bool docker, ufw;
};

struct rules {
	struct findings *findings;
	const struct policy *host;
	struct table table;
	bool inet, bridge; /* ours are there */
};

/* Which chain a rule about our interfaces ends in can only be told by the name; firewalls give names that tell. */
static void note_ours(struct table *table)
{
	bool input = strcasestr(table->chain, "input") != NULL;
	bool forward = strcasestr(table->chain, "forward") != NULL || strcasestr(table->chain, "docker") != NULL;

	table->input_knows |= input || !forward;
	table->forward_knows |= forward || !input;
}

/* firewalld accepts by policy, and rejects in the last rule. */
static void note_hook(struct table *table, const char *line)
{
	if (strstr(line, "policy drop;") == NULL && strcmp(table->name, "firewalld") != 0)
		return;
	if (strstr(line, " filter hook forward ") != NULL)
		memcpy(table->forward, table->chain, NAME);
	else if (strstr(line, " filter hook input ") != NULL)
		memcpy(table->input, table->chain, NAME);
}

static void say_forward(struct findings *findings, const struct table *t)
{
	const char *iptables = strcmp(t->family, "ip6") == 0 ? "ip6tables" : "iptables";
	char advice[4 * NAME + 128];

	if (t->docker)
		(void)snprintf(advice, sizeof advice, "`%s -I DOCKER-USER -i nsbox0 -j ACCEPT` and "
			       "`%s -I DOCKER-USER -o nsbox0 -j ACCEPT`", iptables, iptables);
	else if (t->ufw)
		(void)snprintf(advice, sizeof advice, "`ufw route allow in on nsbox0` and "
			       "`ufw route allow out on nsbox0`");
	else if (strcmp(t->name, "firewalld") == 0)
		(void)snprintf(advice, sizeof advice, "`firewall-cmd --permanent --zone=trusted "
			       "--add-interface=nsbox0` and `firewall-cmd --reload`");
	else
		(void)snprintf(advice, sizeof advice, "`nft insert rule %s %s %s iifname nsbox0 accept`, and the "
			       "same with oifname", t->family, t->name, t->forward);
	found_warning(findings, "chain %s of table %s %s drops what boxes send and get: accept it there too, for "
		      "example with %s", t->forward, t->family, t->name, advice);
}

static void say_input(struct findings *findings, const struct table *t)
{
	char advice[4 * NAME + 128];

	if (t->ufw)
		(void)snprintf(advice, sizeof advice, "`ufw allow in on nsbox0`");
	else
		(void)snprintf(advice, sizeof advice, "`nft insert rule %s %s %s iifname nsbox0 accept`", t->family,
			       t->name, t->input);
	found_warning(findings, "chain %s of table %s %s drops what boxes send to host_ports: accept it there too, "
		      "for example with %s; what host_ports does not name is rejected all the same", t->input,
		      t->family, t->name, advice);
}

static void judge_table(struct rules *rules)
{
	const struct table *t = &rules->table;
	bool ours = strcmp(t->name, "nsbox") == 0;
	bool four = strcmp(t->family, "ip") == 0;
	bool six = strcmp(t->family, "ip6") == 0 && strcmp(rules->host->subnet6, "none") != 0;
	bool inet = strcmp(t->family, "inet") == 0;

	rules->inet |= ours && inet;
	rules->bridge |= ours && strcmp(t->family, "bridge") == 0;
	if (ours || !(four || six || inet))
		return;
	if (t->forward[0] != '\0' && !t->forward_knows)
		say_forward(rules->findings, t);
	/* The zone that firewalld is told of is that of both. */
	if (t->input[0] != '\0' && !t->input_knows && strcmp(rules->host->host_ports, "none") != 0 &&
	    strcmp(t->name, "firewalld") != 0)
		say_input(rules->findings, t);
}

/* A line as nft lists it: tables begin at the margin, what is in them stands behind a tab, rules behind two. */
static void take_line(struct rules *rules, const char *line)
{
	struct table *table = &rules->table;

	if (line[0] == '}') {
		judge_table(rules);
	} else if (strncmp(line, "table ", 6) == 0) {
		*table = (struct table){ .name = "" };
		(void)sscanf(line, "table %7s %63s", table->family, table->name);
	} else if (strncmp(line, "\tchain ", 7) == 0) {
		(void)sscanf(line, "\tchain %63s", table->chain);
		table->docker |= strcmp(table->chain, "DOCKER-USER") == 0;
		table->ufw |= strncmp(table->chain, "ufw-", 4) == 0 || strncmp(table->chain, "ufw6-", 5) == 0;
	} else if (strncmp(line, "\t\ttype ", 7) == 0) {
		note_hook(table, line);
	} else if (strstr(line, "\"nsbox") != NULL) {
		note_ours(table);
	}
}

static void judge_rules(struct findings *findings, const struct policy *host, char *text)
{
	struct rules rules = { .findings = findings, .host = host };
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		take_line(&rules, line);
	if (rules.inet && rules.bridge)
		found_ok(findings, "the rules for boxes are loaded");
	else
		found_error(findings, "nft has no table %s nsbox: run `nssh --net-up` again",
			    rules.inet ? "bridge" : "inet");
}

void check_nft(struct findings *findings, const struct policy *host, char *nft)
{
	char terse[] = "-t", list[] = "list", ruleset[] = "ruleset"; /* our sets are large */
	char *argv[] = { nft, terse, list, ruleset, NULL };
	char *text = malloc(RULES);
	struct fail f;
	int status;

	if (text == NULL) {
		found_error(findings, "no memory");
		return;
	}
	text[0] = '\0';
	status = capture(argv, DEADLINE_MS, text, RULES, &f);
	if (status == 0) {
		judge_rules(findings, host, text);
	} else {
		text[strcspn(text, "\n")] = '\0';
		found_error(findings, "the rules of nft cannot be listed: %s", status < 0 ? f.text : text);
	}
	free(text);
}
