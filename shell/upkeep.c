/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. What the helper does without telling anything: collecting garbage, new limits. */
#include <unistd.h>

#include "places.h"
#include "shell/nssh.h"
#include "shell/start.h"

static int have_done(const char *request, const char *user)
{
	struct fail f = { 0 };
	pid_t pid = start_request(request, user, -1, &f);

	if (pid < 0)
		return complain(&f);
	return start_wait(pid) == 0 ? 0 : NSSH_FAILED; /* the helper has said why */
}

int collect_garbage(const char *user)
{
	return have_done("gc", user);
}

int reload_limits(void)
{
	struct fail f = { 0 };

	if (geteuid() != 0) {
		(void)fail(&f, 0, "only root may apply %s to live boxes", NSBOX_CONF);
		return complain(&f);
	}
	return have_done("reload", NULL);
}
