/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace; or the user. Which name servers a box can ask. */
#include "helper/net/resolv.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conf/fd.h"
#include "conf/ports.h"
#include "conf/subnet.h"

/* Words may have any length that a name can have. */
enum { WORD = 512 };

struct servers {
	char address[RESOLV_SERVERS][INET6_ADDRSTRLEN];
	int n;
	bool named;   /* the host has one at all; without, its resolver asks the host itself (resolv.conf(5)) */
	bool changed; /* not all are those of the host */
};

/* From where an address is of any use. */
enum reach { ANYWHERE, ON_HOST, ON_LINK, NOWHERE };

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line == '\n' ? line + 1 : line;
}

/* Takes the next word of a line off *at. False at its end; a word that is too long is no word that counts. */
static bool next_word(const char **at, char word[WORD])
{
	const char *start = *at + strspn(*at, " \t\r");
	size_t n = strcspn(start, " \t\r\n");

	*at = start + n;
	(void)snprintf(word, WORD, "%.*s", n < WORD ? (int)n : 0, start);
	return n > 0;
}

/* Is it a line of this keyword, which must start it? Then *at is behind that. */
static bool begins(const char **at, const char *keyword)
{
	size_t n = strlen(keyword);

	if (strncmp(*at, keyword, n) != 0 || strchr(" \t\r", (*at)[n]) == NULL || (*at)[n] == '\0')
		return false;
	*at += n;
	return true;
}

/* An address of no host means the host itself, as the resolver has it. */
static enum reach reach_4(struct in_addr address)
{
	uint32_t a = ntohl(address.s_addr);

	return a >> 24 == IN_LOOPBACKNET || a == INADDR_ANY ? ON_HOST : ANYWHERE;
}

/* A link of the host's is none of a box's, so that the name behind a percent sign need not be read. */
static enum reach reach_6(const struct in6_addr *address)
{
	struct in_addr mapped;

	if (IN6_IS_ADDR_LINKLOCAL(address))
		return ON_LINK;
	if (IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&mapped, &address->s6_addr[12], sizeof mapped);
		return reach_4(mapped);
	}
	return IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address) ? ON_HOST : ANYWHERE;
}

/* Also writes the address as everybody does. */
static enum reach judge(char *word, char address[INET6_ADDRSTRLEN])
{
	struct in_addr four;
	struct in6_addr six;

	if (inet_aton(word, &four) != 0) {
		(void)inet_ntop(AF_INET, &four, address, INET6_ADDRSTRLEN);
		return reach_4(four);
	}
	word[strcspn(word, "%")] = '\0';
	if (inet_pton(AF_INET6, word, &six) != 1)
		return NOWHERE;
	(void)inet_ntop(AF_INET6, &six, address, INET6_ADDRSTRLEN);
	return reach_6(&six);
}

/* Several resolvers on the loopback interface are one to a box. */
static void add(struct servers *servers, const char *address)
{
	for (int i = 0; i < servers->n; i++)
		if (strcmp(servers->address[i], address) == 0)
			return;
	if (servers->n < RESOLV_SERVERS)
		(void)snprintf(servers->address[servers->n++], INET6_ADDRSTRLEN, "%s", address);
}

static void add_stand_in(struct servers *servers, const char *stand_in)
{
	char word[WORD];

	servers->changed = true;
	while (next_word(&stand_in, word))
		add(servers, word);
}

static void take_servers(struct servers *servers, const char *text, const char *stand_in)
{
	char word[WORD], address[INET6_ADDRSTRLEN];

	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		const char *at = line;
		enum reach reach = NOWHERE;

		if (begins(&at, "nameserver") && next_word(&at, word))
			reach = judge(word, address);
		servers->named |= reach != NOWHERE;
		servers->changed |= reach == ON_LINK;
		if (reach == ANYWHERE)
			add(servers, address);
		else if (reach == ON_HOST)
			add_stand_in(servers, stand_in);
	}
	if (!servers->named)
		add_stand_in(servers, stand_in);
}

/* Is one of the servers a stub of systemd-resolved? */
static bool asks_resolved(const char *text)
{
	char word[WORD];

	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		const char *at = line;

		if (begins(&at, "nameserver") && next_word(&at, word) &&
		    (strcmp(word, "127.0.0.53") == 0 || strcmp(word, "127.0.0.54") == 0))
			return true;
	}
	return false;
}

/* Adds a line of the keyword and what is behind it, or nothing. */
static void put_line(char *text, size_t size, const char *keyword, const char *at, bool trusted)
{
	size_t start = strlen(text), used = start;
	bool some = false;
	char word[WORD];

	used += (size_t)snprintf(text + used, size - used, "%s", keyword);
	while (used < size && next_word(&at, word)) {
		/* What the host trusts is the way to its own servers. */
		if (word[0] == '\0' || (!trusted && strcmp(word, "trust-ad") == 0))
			continue;
		used += (size_t)snprintf(text + used, size - used, " %s", word);
		some = true;
	}
	if (used + 1 >= size || !some)
		text[start] = '\0';
	else
		memcpy(text + used, "\n", 2);
}

static void put_others(char *text, size_t size, const char *from, bool trusted)
{
	static const char *const keywords[] = { "search", "domain", "options", "sortlist" };

	for (const char *line = from; *line != '\0'; line = next_line(line))
		for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
			const char *at = line;

			if (begins(&at, keywords[i]))
				put_line(text, size, keywords[i], at, trusted);
		}
}

static const char out_of_reach[] =
	"No name server: the host's listen where no box can reach them, on its loopback interface or one link.";
static const char has_none[] = "No name server: the host has none but itself.";

void resolv_gateway(const char *host_ports, const char *subnet, char address[INET_ADDRSTRLEN])
{
	struct ports ports;
	struct subnet4 net;
	struct fail ignored;
	struct in_addr gateway;

	address[0] = '\0';
	if (ports_parse(host_ports, &ports, &ignored) < 0 || subnet4_parse(subnet, &net, &ignored) < 0)
		return; /* the values of a policy have been read before */
	if (!ports_have(&ports, RESOLV_PORT, PORT_UDP))
		return;
	gateway = subnet4_address(&net, 0);
	(void)inet_ntop(AF_INET, &gateway, address, INET_ADDRSTRLEN);
}

int resolv_text(const char *host, const char *upstream, const char *stand_in, char *text, size_t size)
{
	struct servers servers = { .n = 0 };
	const char *from = host;

	if (asks_resolved(host) && upstream[0] != '\0') {
		from = upstream;
		servers.changed = true;
	}
	take_servers(&servers, from, stand_in);
	(void)snprintf(text, size, "# The host's, as far as it serves a box.\n");
	for (int i = 0; i < servers.n; i++)
		put_line(text, size, "nameserver", servers.address[i], true);
	if (servers.n == 0)
		put_line(text, size, "#", servers.named ? out_of_reach : has_none, true);
	put_others(text, size, from, !servers.changed);
	return servers.n;
}

void resolv_read(const char *path, char *text, size_t size)
{
	OWN_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, size) < 0)
		text[0] = '\0';
}

void resolv_servers(struct name_servers *out)
{
	char host[RESOLV_TEXT], upstream[RESOLV_TEXT];
	struct servers servers = { .n = 0 };

	resolv_read("/etc/resolv.conf", host, sizeof host);
	resolv_read(RESOLV_UPSTREAM, upstream, sizeof upstream);
	take_servers(&servers, asks_resolved(host) && upstream[0] != '\0' ? upstream : host, "");
	memcpy(out->address, servers.address, sizeof out->address);
	out->n = servers.n;
}
