/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. Serves one who comes from another box of the same user. */

/*
 * nsbox-hop BOX SHELL HOME USER, started by the box's init for each connection (helper/hop.h). It is as much, and as
 * little, as any other process of the box. What it reads was written by its own user, on whose behalf it acts; a
 * request that makes no sense ends it, and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper/hop/hop.h"
#include "helper/init/sweep.h"

int answer(enum answer_kind kind, int status, const struct box *box, const int *fds, unsigned n, struct fail *f)
{
	struct answer a = { .version = WIRE_VERSION, .kind = kind, .fds = n, .status = status };

	(void)snprintf(a.box, sizeof a.box, "%s", box->name);
	if (kind == ANSWER_REFUSED)
		(void)snprintf(a.text, sizeof a.text, "%s",
			       f->plain[0] != '\0' ? f->plain : "The box could not do what it was asked for.");
	return wire_send(HOP_SOCKET, &a, fds, f);
}

/*
 * The signals of init that end the box come here too and are blocked: this is the one process that goes with the box
 * and not before it. Only the asking side may make it go earlier.
 */
static int end_box(const struct box *box, struct fail *f)
{
	struct pollfd asking = { .fd = HOP_SOCKET, .events = POLLIN };

	if (answer(ANSWER_ENDED, 0, box, NULL, 0, f) < 0)
		return -1;
	if (kill(1, SIGTERM) != 0)
		return fail(f, errno, "ask init to end the box");
	while (poll(&asking, 1, -1) < 0 && errno == EINTR)
		;
	return 0;
}

static int reset_home(const struct box *box, struct fail *f)
{
	if (news_send(NEWS_RESET, f) < 0)
		return fail_plain(f, "The host did not take the request; try again, or from outside of a box.");
	return answer(ANSWER_ENDED, 0, box, NULL, 0, f);
}

static int serve(struct asked *asked, const struct box *box, struct fail *f)
{
	switch ((enum hop_kind)asked->request.kind) {
	case HOP_ENTER:
		return enter_run(asked, box, f);
	case HOP_END:
		return end_box(box, f);
	case HOP_RESET_HOME:
		return reset_home(box, f);
	}
	return fail(f, EPROTO, "a request of kind %u", asked->request.kind);
}

static int prepare(struct fail *f)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)prctl(PR_SET_NAME, "nsbox-hop", 0, 0, 0); /* it was executed by its descriptor, which has no name */
	if (fcntl(HOP_SOCKET, F_SETFD, FD_CLOEXEC) != 0 || fcntl(HOP_NEWS, F_SETFD, FD_CLOEXEC) != 0)
		return fail(f, errno, "find the descriptors of nsbox-hop");
	return 0;
}

int main(int argc, char *argv[])
{
	__attribute__((cleanup(asked_cleanup))) struct asked asked = ASKED_EMPTY;
	struct fail f = { 0 }, ignored;

	if (argc != 5)
		return 2;

	const struct box box = { .name = argv[1], .shell = argv[2], .home = argv[3], .user = argv[4] };

	if (prepare(&f) == 0 && asked_receive(&asked, &f) == 0 && serve(&asked, &box, &f) == 0)
		return 0;
	ignored = f;
	(void)answer(ANSWER_REFUSED, 0, &box, NULL, 0, &ignored);
	return 1;
}
