/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. The kernel's answers about connections, links, routes and ports, from a socket on which the input
 * waits.
 */
#include "tests/fuzz/fuzz.h"

#include <sys/socket.h>

#include "helper/net/bridge.h"
#include "helper/net/conntrack.h"
#include "helper/net/published.h"

static int pair[2];
static struct subnet subnet;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct fail f;

	(void)argc;
	(void)argv;
	HOLDS(subnet_parse("10.189.0.0/20", "fd6e:7362:6f78::/64", &subnet, &f) == 0);
	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0;
}

/* Datagrams of "LENGTH-LOW LENGTH-HIGH BYTES"; the kernel sends none that is empty. */
static void send_all(const uint8_t *data, size_t size)
{
	while (size > 0) {
		size_t length = next_byte(&data, &size) | next_byte(&data, &size) << 8;

		length = length < size ? length : size;
		if (length == 0 || send(pair[0], data, length, 0) != (ssize_t)length)
			return;
		data += length;
		size -= length;
	}
}

/* What is left of questions and answers. */
static void drain(void)
{
	static uint8_t room[1 << 16];

	for (int i = 0; i < 2; i++)
		while (recv(pair[i], room, sizeof room, MSG_TRUNC) >= 0)
			;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned what = next_byte(&data, &size) % 4;
	struct bridge bridge;
	struct fail f = { 0 };
	int done = 0;

	send_all(data, size);
	switch (what) {
	case 0:
		done = conntrack_forget(pair[1], &subnet, 7, &f);
		break;
	case 1:
		done = bridge_look(pair[1], &bridge, &f);
		break;
	case 2:
		done = published_remove(pair[1], &subnet, 7, &f);
		break;
	case 3:
		done = tables_look(pair[1], &f);
		break;
	}
	HOLDS(done >= 0 || is_said(&f));
	drain();
	return 0;
}
