/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. The process that becomes the command of who comes from another box. */
#include <errno.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helper/execute.h"
#include "helper/hop/hop.h"

/*
 * The hang-up comes with the end of nsbox-hop, whichever way that came. Before the byte: without one there is none.
 */
static int follow(int start, struct fail *f)
{
	char byte;

	if (prctl(PR_SET_PDEATHSIG, SIGHUP, 0, 0, 0) != 0)
		return fail(f, errno, "tie the command to nsbox-hop");
	return read(start, &byte, 1) == 1 ? 0 : fail(f, 0, "who asked is gone");
}

static int take_stdio(const struct asked *asked, int slave, struct fail *f)
{
	if (execute_session(slave, f) < 0)
		return -1;
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(asked->stdio[fd] >= 0 ? asked->stdio[fd] : slave, fd) != fd)
			return fail(f, errno, "take descriptor %d", fd);
	return 0;
}

static rlim_t least(rlim_t a, rlim_t b)
{
	return a < b ? a : b; /* RLIM_INFINITY is the greatest of all */
}

/* Those of the asking side, as far as this box can give them: it may have stricter ones. */
static int set_limits(const struct hop_request *request, struct fail *f)
{
	for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit own, wanted = request->limits[i];

		if (getrlimit((__rlimit_resource_t)i, &own) != 0)
			return fail(f, errno, "read limit %u", i);
		wanted.rlim_max = least(wanted.rlim_max, own.rlim_max);
		wanted.rlim_cur = least(wanted.rlim_cur, wanted.rlim_max);
		if (setrlimit((__rlimit_resource_t)i, &wanted) != 0)
			return fail(f, errno, "set limit %u", i);
	}
	return 0;
}

static int set_up(const struct asked *asked, const struct box *box, int slave, struct fail *f)
{
	sigset_t none;

	if (take_stdio(asked, slave, f) < 0)
		return -1;
	/*
	 * Each login has keys of its own; without CONFIG_KEYS there are none (keyctl(2)). Where the seccomp filter
	 * that we have from init says no, what is executed can neither add a key nor find one in the keyring that
	 * init has.
	 */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM)
		return fail(f, errno, "join a new session keyring");
	if (environment_set(asked, box, f) < 0 || set_limits(&asked->request, f) < 0)
		return -1;
	(void)umask(asked->request.umask & 0777);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	return 0;
}

void command_run(const struct asked *asked, const struct box *box, int slave, int start)
{
	struct fail f = { 0 };

	if (follow(start, &f) < 0)
		_exit(EXECUTE_FAILED);
	if (set_up(asked, box, slave, &f) < 0) {
		(void)dprintf(2, "nssh: %s\n", f.text);
		_exit(EXECUTE_FAILED);
	}
	execute_directory(asked->directory, box->home);
	execute(asked->words, box->shell);
}
