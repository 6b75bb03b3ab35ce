/* SPDX-License-Identifier: MIT */
/* runs as: the user. Runs a command in a box as if there were no box. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/wire.h"
#include "shell/attach.h"
#include "shell/nssh.h"
#include "shell/start.h"

/*
 * Makes a pipe between our descriptor fd and the command's: *far is the command's end. The pipe is theirs, or
 * opening /dev/stdout in the box would be refused.
 */
static int pump(struct flow *flow, int fd, const struct passwd *owner, int *far, struct fail *f)
{
	int ends[2];
	int mode = fd == STDIN_FILENO ? O_RDONLY : O_WRONLY;
	size_t piece;
	int ours = flow_end(fd, mode, &piece);

	if (ours < 0)
		return fail(f, errno, "open descriptor %d again", fd);
	if (mode == O_RDONLY)
		flow->from = ours;
	else
		flow->to = ours;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(f, errno, "pipe");
	int near = mode == O_RDONLY ? ends[1] : ends[0];

	*far = mode == O_RDONLY ? ends[0] : ends[1];
	if (mode == O_RDONLY) {
		flow->to = near;
	} else {
		flow->from = near;
		flow->piece = piece;
	}
	if (fcntl(near, F_SETFL, O_NONBLOCK) < 0 || fchown(*far, owner->pw_uid, owner->pw_gid) < 0)
		return fail(f, errno, "set up a pipe");
	return 0;
}

/* For another user's box: whatever is not a terminal goes through pipes of ours. */
static int pump_all(struct relay *relay, const char *user, unsigned ttys, int far[3], struct fail *f)
{
	const struct passwd *owner = getpwnam(user);

	if (owner == NULL)
		return fail(f, 0, "there is no user %s", user);
	for (int fd = 0; fd < 3; fd++)
		if ((ttys & 1U << fd) == 0 && pump(&relay->flows[PUMPED_IN + fd], fd, owner, &far[fd], f) < 0)
			return -1;
	return 0;
}

static size_t count(char *const *words)
{
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	return n;
}

/* nsbox-helper enter USER BOX TTYS [CMD...]. Free the array, not the words. */
static char **helper_words(const struct entry *entry, char ttys[2], struct fail *f)
{
	const char *head[] = { "nsbox-helper", "enter", entry->user, entry->box, ttys };
	size_t n = sizeof head / sizeof head[0];
	size_t words = count(entry->command);
	char **argv = calloc(n + words + 1, sizeof *argv);

	if (argv == NULL) {
		(void)fail(f, ENOMEM, "the command line");
		return NULL;
	}
	memcpy(argv, head, sizeof head);
	memcpy(argv + n, entry->command, words * sizeof *argv);
	return argv;
}

static int start_enter(struct relay *relay, const struct entry *entry, unsigned ttys, struct fail *f)
{
	char digit[2] = { (char)('0' + ttys), '\0' };
	int pair[2];
	struct start start = { .stdio = { -1, -1, -1 }, .signals = &relay->signals };
	char **argv = helper_words(entry, digit, f);
	int done = -1;

	if (argv == NULL)
		return -1;
	start.argv = argv;
	if (attach_directory(f) == 0 && (!entry->other || pump_all(relay, entry->user, ttys, start.stdio, f) == 0)) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
			(void)fail(f, errno, "socketpair");
		} else {
			relay->socket = pair[0];
			start.wire = pair[1];
			done = start_helper(&start, f) < 0 ? -1 : 0;
			(void)close(pair[1]);
		}
	}
	for (int i = 0; i < 3; i++)
		fd_close(&start.stdio[i]);
	free(argv);
	return done;
}

static int run(struct relay *relay, const struct entry *entry, struct fail *f)
{
	const struct server helper = {
		.name = "nsbox-helper", .shut = "ended without an answer", .tells = attach_tells(entry),
	};
	unsigned ttys = attach_ttys();

	if (signals_take(&relay->signals, f) < 0 || start_enter(relay, entry, ttys, f) < 0)
		return -1;
	return attach(relay, ttys, &helper, f);
}

int enter(const struct entry *entry)
{
	struct relay relay;
	struct fail f = { 0 };
	int done;

	relay_init(&relay);
	done = run(&relay, entry, &f);
	if (relay.outside && entry->login) {
		signals_return(&relay.signals);
		relay_close(&relay);
		return NSSH_OUTSIDE;
	}
	return attach_end(&relay, done, &f);
}
