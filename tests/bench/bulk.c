/* SPDX-License-Identifier: MIT */
/*
 * runs as: root, or the user in a box, in the disposable host. How much goes through a TCP connection.
 *
 *   bulk serve PORT
 *       for all who come, one after the other
 *   bulk send|receive ADDRESS PORT SECONDS
 *       as fast as it goes for so long; prints the megabytes a second that arrived at the other end, or here
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/clock.h"

enum { CHUNK = 128 * 1024 };

static char chunk[CHUNK];

static struct sockaddr_in at(const char *address, const char *port)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };

	must(inet_pton(AF_INET, address, &name.sin_addr) == 1, address);
	return name;
}

/* Until nobody takes any more, or the time has come. */
static void give(int to, double end_us)
{
	while (clock_us() < end_us && send(to, chunk, sizeof chunk, MSG_NOSIGNAL) > 0)
		;
}

/* Until nothing comes any more, or the time has come. Returns the bytes. */
static uint64_t take(int from, double end_us)
{
	uint64_t bytes = 0;
	ssize_t n;

	while (clock_us() < end_us && (n = recv(from, chunk, sizeof chunk, 0)) > 0)
		bytes += (uint64_t)n;
	return bytes;
}

/* The first byte says what the client does. Who sends is told at the end how much has come. */
static void serve_one(int client)
{
	uint64_t bytes;
	char what;

	if (recv(client, &what, 1, 0) != 1)
		return;
	if (what == 'r') {
		give(client, 1e300);
		return;
	}
	bytes = take(client, 1e300);
	(void)send(client, &bytes, sizeof bytes, MSG_NOSIGNAL);
}

static void serve(const char *port) __attribute__((noreturn));
static void serve(const char *port)
{
	struct sockaddr_in name = at("0.0.0.0", port);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	must(bind(listener, (struct sockaddr *)&name, sizeof name) == 0 && listen(listener, 5) == 0, "listen");
	for (;;) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		must(client >= 0, "accept");
		serve_one(client);
		(void)close(client);
	}
}

static uint64_t pass(int server, bool sends, double end_us)
{
	uint64_t bytes = 0;

	must(send(server, sends ? "s" : "r", 1, 0) == 1, "send");
	if (!sends)
		return take(server, end_us);
	give(server, end_us);
	(void)shutdown(server, SHUT_WR);
	must(recv(server, &bytes, sizeof bytes, MSG_WAITALL) == sizeof bytes, "receive");
	return bytes;
}

int main(int argc, char **argv)
{
	struct sockaddr_in name;
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	double began;
	uint64_t bytes;

	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(argv[2]);
	must(argc == 5, "bulk send|receive ADDRESS PORT SECONDS");
	name = at(argv[2], argv[3]);
	must(connect(server, (struct sockaddr *)&name, sizeof name) == 0, "connect");
	began = clock_us();
	bytes = pass(server, strcmp(argv[1], "send") == 0, began + atof(argv[4]) * 1e6);
	(void)printf("%.0f\n", (double)bytes / (clock_us() - began));
	return 0;
}
