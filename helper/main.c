/* SPDX-License-Identifier: MIT */
/*
 * runs as: root, called by anyone. nsbox-helper, the one set-user-ID program of nsbox.
 *
 * Its phases of privilege:
 *  1. caller.c: whatever the caller set up is left behind; root, real and saved, with a list of capabilities.
 *  2. requests.c: what is asked, and may they. Users say the name of a box and a command, nothing else.
 *  3. broker.c, open.c: a worker in a session of its own creates or finds the box; its child, build.c, makes
 *     the inside and turns into init without any power.
 *  4. enter.c, spawn.c, command.c: for nssh, a go-between enters the box and clones there a child of this process,
 *     which becomes the user and the command; this process stays outside, gives up all power (become_waiter), and
 *     waits.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper/caller.h"
#include "helper/log.h"
#include "helper/requests.h"

enum { USAGE = 2, ANSWER_S = 15 };

/*
 * A user's request for words must not wait for ever for somebody to read them: the process is root's, and does
 * not count against the user's limits. Only enter, which answers without waiting, lives as long as its command.
 */
static void set_deadline(const struct request_row *row)
{
	sigset_t only;

	if (row != NULL && row->wire && !row->root_only)
		return;
	(void)sigemptyset(&only);
	(void)sigaddset(&only, SIGALRM);
	(void)sigprocmask(SIG_UNBLOCK, &only, NULL);
	(void)alarm(ANSWER_S);
}

int main(int argc, char **argv)
{
	struct caller caller;
	struct fail f = { 0 };
	/* argc may be 0 (execve(2)); what is found then is checked like any other word. */
	const struct request_row *row = argc >= 2 ? request_find(argv[1]) : NULL;
	bool fits = row != NULL && argc - 2 >= row->least && argc - 2 <= row->most;

	/* Before anything else is looked at or said, also when there is nothing to be done. */
	if (caller_leave(&caller, fits && row->wire, &f) < 0) {
		set_deadline(NULL);
		(void)dprintf(2, "nsbox-helper: %s\n", f.text);
		return 1;
	}
	if (caller.uid != 0 || !fits)
		set_deadline(fits ? row : NULL);
	log_open();
	if (!fits) {
		(void)dprintf(2, "nsbox-helper: this is a part of nsbox that nssh and pam_nsbox call; see nssh(1)\n");
		return USAGE;
	}
	if (row->root_only && caller.uid != 0) {
		log_error("event=denied request=%s uid=%u", row->name, caller.uid);
		(void)dprintf(2, "nsbox-helper: only root may ask to %s\n", row->name);
		return 1;
	}

	const struct words words = { .caller = &caller, .argc = argc - 2, .argv = argv + 2 };

	return row->run(&words);
}
