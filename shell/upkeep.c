/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. What the helper does, and tells, by itself: an end, garbage, limits, the network. */
#include <unistd.h>

#include "places.h"
#include "shell/nssh.h"
#include "shell/start.h"

static int have_done(const char *request, const char *user, const char *object)
{
	struct fail f = { 0 };
	pid_t pid = start_request((const char *const[START_WORDS]){ request, user, object }, -1, &f);

	if (pid < 0)
		return complain(&f);
	return start_wait(pid) == 0 ? 0 : NSSH_FAILED; /* the helper has said why */
}

int collect_garbage(const char *user)
{
	return have_done("gc", user, NULL);
}

int end_box(const char *user, const char *box)
{
	return have_done("end", user, box);
}

int reset(const char *user, const char *what)
{
	return have_done("reset", user, what);
}

/* What only root may do is refused here already, in words for people. */
static int have_done_by_root(const char *request, const char *what)
{
	struct fail f = { 0 };

	if (geteuid() != 0) {
		(void)fail(&f, 0, "only root may %s", what);
		return complain(&f);
	}
	return have_done(request, NULL, NULL);
}

int reload_limits(void)
{
	return have_done_by_root("reload", "apply " NSBOX_CONF " to live boxes");
}

int net_up(void)
{
	return have_done_by_root("net-up", "bring the network of boxes up");
}

int net_down(void)
{
	return have_done_by_root("net-down", "take the network of boxes down");
}
