/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. /etc/resolv.conf of the host, which DHCP writes, and that of systemd-resolved, made into one for a
 * box.
 */
#include "tests/fuzz/fuzz.h"

#include <arpa/inet.h>

#include "helper/net/resolv.h"

enum { TEXT = 4096 };

/* One that is not the stand-in is no address of the host itself. */
static void check_server(const char *address, const char *stand_in)
{
	struct in_addr four;
	struct in6_addr six;
	bool is_four = inet_pton(AF_INET, address, &four) == 1;

	HOLDS(is_four || inet_pton(AF_INET6, address, &six) == 1);
	if (strcmp(address, stand_in) == 0)
		return;
	HOLDS(!is_four || (ntohl(four.s_addr) >> 24 != 127 && four.s_addr != 0));
	HOLDS(is_four || (!IN6_IS_ADDR_LOOPBACK(&six) && !IN6_IS_ADDR_LINKLOCAL(&six)));
}

static int count_servers(char *text, const char *stand_in)
{
	static const char keyword[] = "nameserver ";
	int n = 0;

	for (char *line; (line = strsep(&text, "\n")) != NULL;)
		if (strncmp(line, keyword, strlen(keyword)) == 0) {
			check_server(line + strlen(keyword), stand_in);
			n++;
		}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = 256 + 8 * next_byte(&data, &size);
	const char *stand_in = next_byte(&data, &size) % 2 != 0 ? "10.189.0.1" : "";
	char *host = next_text(&data, &size), *upstream = next_text(&data, &size), *text = malloc(room);
	int n;

	HOLDS(text != NULL);
	n = resolv_text(host, upstream, stand_in, text, room);
	HOLDS(n >= 0 && n <= RESOLV_SERVERS && strlen(text) < room);
	HOLDS(count_servers(text, stand_in) == n);
	free(host);
	free(upstream);
	free(text);
	return 0;
}
