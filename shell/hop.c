/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. What nssh does there, by the owner's other boxes themselves. */
#include "shell/hop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/fd.h"
#include "shell/attach.h"
#include "shell/hop_boxes.h"
#include "shell/hop_request.h"
#include "shell/list.h"

/* A box has 0.3 s for its own end, then it is the kernel's to end; who serves us has 5 s for a request. */
enum { ANSWER_MS = 10000, END_MS = 10000 };

static int find(const struct entry *entry, char box[WIRE_BOX], struct fail *f)
{
	if (strcmp(entry->box, "-") == 0)
		return hop_latest(entry->inside, box, f);
	if (strcmp(entry->box, entry->inside) == 0)
		return fail(f, 0, "this is box %s already", entry->inside);
	(void)snprintf(box, WIRE_BOX, "%s", entry->box);
	return hop_connect(entry->box, f);
}

static int run(struct relay *relay, const struct entry *entry, struct fail *f)
{
	char box[WIRE_BOX], name[WIRE_BOX + 4];
	const struct server whom = {
		.name = name,
		.shut = "lets nobody in now: it is ending, or has as many hops or processes as it may",
		.tells = attach_tells(entry),
	};
	unsigned ttys = attach_ttys();

	if (signals_take(&relay->signals, f) < 0)
		return -1;
	relay->socket = find(entry, box, f);
	if (relay->socket < 0)
		return -1;
	(void)snprintf(name, sizeof name, "box %s", box);
	if (hop_ask_enter(relay->socket, entry, ttys, f) < 0 && f->code != EPIPE)
		return -1;
	return attach(relay, ttys, &whom, f);
}

int hop(const struct entry *entry)
{
	struct relay relay;
	struct fail f = { 0 };
	int done;

	relay_init(&relay);
	relay.hop = true;
	done = run(&relay, entry, &f);
	return attach_end(&relay, done, &f);
}

int hop_list(const char *own, bool json)
{
	OWN_ROWS struct rows rows = { .fields = list_fields, .count = LIST_FIELDS };
	struct fail f = { 0 };

	return hop_boxes(&rows, true, &f) < 0 ? complain(&f) : list_show(&rows, own, json);
}

/* Has a box answer something that is no command. Returns the socket, or -1. */
static int have_answered(enum hop_kind kind, const char *box, struct fail *f)
{
	OWN_FD int socket = hop_connect(box, f);
	struct answer a;
	int none[WIRE_FDS];

	if (socket < 0 || (hop_ask(socket, kind, f) < 0 && f->code != EPIPE))
		return -1;
	if (wire_receive(socket, clock_ms() + ANSWER_MS, &a, none, f) < 0)
		return fail_in(f, "box %s", box);
	for (unsigned i = 0; i < a.fds; i++)
		fd_close(&none[i]);
	if (a.kind == ANSWER_REFUSED)
		return fail(f, 0, "%s", a.text);
	return a.kind == ANSWER_ENDED ? fd_give(&socket) : fail(f, EPROTO, "box %s", box);
}

/* The end of the socket is that of the box: nothing else closes it. */
static int wait_end(int socket, const char *box, struct fail *f)
{
	int64_t deadline = clock_ms() + END_MS;
	struct pollfd end = { .fd = socket, .events = POLLIN };

	while (poll(&end, 1, deadline_left(deadline)) < 0 && errno == EINTR)
		;
	return end.revents != 0 ? 0 : fail(f, 0, "box %s takes long to end", box);
}

int hop_end(const char *box)
{
	struct fail f = { 0 };
	OWN_FD int socket = have_answered(HOP_END, box, &f);

	if (socket < 0 || wait_end(socket, box, &f) < 0)
		return complain(&f);
	return tell("Box %s has ended.\n", box);
}

int hop_reset_home(const char *own)
{
	struct fail f = { 0 };
	OWN_FD int socket = have_answered(HOP_RESET_HOME, own, &f);

	if (socket < 0)
		return complain(&f);
	return tell("The home of your boxes begins anew when the last of them has ended.\n");
}
