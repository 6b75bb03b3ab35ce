/* SPDX-License-Identifier: MIT */
/* runs as: root. /run/nsbox/net/up: what the bridge and the rules were made with, which is what logins go by. */
#include "helper/net/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"

enum { STATE_TEXT = 8192, NAP_MS = 2 };

static const char *const words[] = { [CLASS_ALL] = "all", [CLASS_INTERNET] = "internet", [CLASS_NONE] = "none" };

uint32_t state_class(const struct state *state, const char *egress)
{
	for (uint32_t class = CLASS_ALL; class <= CLASS_NONE; class++)
		if (strcmp(words[class], egress) == 0)
			return class;
	for (uint32_t i = 0; i < state->chains; i++)
		if (!state->chain[i].gone && strcmp(state->chain[i].name, egress) == 0)
			return CLASS_CHAIN + i;
	return 0;
}

int state_add_chain(struct state *state, const char *egress, bool gone, struct fail *f)
{
	unsigned i = 0;

	if (state_class(state, egress) != 0)
		return 0;
	while (i < state->chains && strcmp(state->chain[i].name, egress) != 0)
		i++;
	if (i == CHAINS_MOST)
		return fail(f, E2BIG, "more than %d chains for egress (`nssh --net-down` forgets old ones)",
			    CHAINS_MOST);
	(void)snprintf(state->chain[i].name, CHAIN_NAME, "%s", egress);
	state->chain[i].gone = gone;
	if (i == state->chains)
		state->chains++;
	return 0;
}

static int format(const struct state *s, char *text, size_t size)
{
	text[0] = '\0';
	if (field_put(text, size, "subnet", s->subnet4, '\n') < 0 ||
	    field_put(text, size, "subnet6", s->subnet6, '\n') < 0 ||
	    field_put(text, size, "host_ports", s->host_ports, '\n') < 0 ||
	    field_put_number(text, size, "forwarding_4", s->forwarding_4, '\n') < 0 ||
	    field_put_number(text, size, "forwarding_6", s->forwarding_6, '\n') < 0)
		return -1;
	for (unsigned i = 0; i < s->chains; i++)
		if (field_put(text, size, s->chain[i].gone ? "gone" : "chain", s->chain[i].name, '\n') < 0)
			return -1;
	return 0;
}

static int take_text(const char *value, char *to, size_t size)
{
	return (size_t)snprintf(to, size, "%s", value) < size ? 0 : -1;
}

static int take_bool(const char *value, bool *to)
{
	uint64_t number;

	if (field_number(value, 1, &number) < 0)
		return -1;
	*to = number != 0;
	return 0;
}

static int take(struct state *s, const char *key, const char *value, struct fail *f)
{
	if (strcmp(key, "subnet") == 0)
		return take_text(value, s->subnet4, sizeof s->subnet4);
	if (strcmp(key, "subnet6") == 0)
		return take_text(value, s->subnet6, sizeof s->subnet6);
	if (strcmp(key, "host_ports") == 0)
		return take_text(value, s->host_ports, sizeof s->host_ports);
	if (strcmp(key, "forwarding_4") == 0)
		return take_bool(value, &s->forwarding_4);
	if (strcmp(key, "forwarding_6") == 0)
		return take_bool(value, &s->forwarding_6);
	if ((strcmp(key, "chain") != 0 && strcmp(key, "gone") != 0) || strlen(value) >= CHAIN_NAME)
		return -1;
	return state_add_chain(s, value, key[0] == 'g', f);
}

int state_read(int directory, struct state *out, struct fail *f)
{
	char text[STATE_TEXT], *at = text, *key, *value;
	struct state s = { .chains = 0 };
	OWN_FD int fd = openat(directory, "up", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int got;

	if (fd < 0 || fd_read_text(fd, text, sizeof text) < 0)
		return fail(f, errno, "read what the network of boxes is (up)");
	while ((got = field_next(&at, &key, &value)) == 1)
		if (take(&s, key, value, f) < 0)
			break;
	if (got != 0 || subnet_parse(s.subnet4, s.subnet6, &s.subnet, f) < 0)
		return fail(f, 0, "what the network of boxes is (up) cannot be read");
	*out = s;
	return 0;
}

int state_write(int directory, const struct state *state, struct fail *f)
{
	char text[STATE_TEXT];

	if (format(state, text, sizeof text) < 0)
		return fail(f, E2BIG, "write what the network of boxes is");

	OWN_FD int fd = openat(directory, "up.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0 || renameat(directory, "up.new", directory, "up") != 0)
		return fail(f, errno, "write what the network of boxes is");
	return 0;
}

int state_remove(int directory, struct fail *f)
{
	if (unlinkat(directory, "up", 0) != 0 && errno != ENOENT)
		return fail(f, errno, "forget what the network of boxes was");
	return 0;
}

static int lock_file(int directory, const char *name, int operation, int64_t deadline, struct fail *f)
{
	OWN_FD int lock = openat(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (lock < 0)
		return fail(f, errno, "open the lock of the network");
	while (flock(lock, operation | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(f, errno, "lock the network");
		if (deadline_nap(deadline, NAP_MS) < 0)
			return fail(f, ETIMEDOUT, "wait for the lock of the network");
	}
	return fd_give(&lock);
}

int state_lock(int directory, enum network_lock which, int64_t deadline, struct fail *f)
{
	int gate, lock;

	if (which == LOCK_PORTS)
		return lock_file(directory, "lock.ports", LOCK_EX, deadline, f);
	/*
	 * All pass a gate that whoever wants all of it closes: logins, one after the other, would keep it out for
	 * ever.
	 */
	gate = lock_file(directory, "lock.gate", which == LOCK_ALL ? LOCK_EX : LOCK_SH, deadline, f);
	if (gate < 0)
		return -1;
	lock = lock_file(directory, "lock", which == LOCK_ALL ? LOCK_EX : LOCK_SH, deadline, f);
	fd_close(&gate); /* nobody else has a copy */
	return lock;
}
