/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box, as the owner. Lets in who comes from other boxes of the owner (helper/hop.h). */
#include "helper/init/hops.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>

#include "helper/init/init.h"
#include "helper/init/sys.h"

/* As the kernel says, who asked when the connection was made; who has no id in this box is nobody here. */
static bool is_owner(int peer, struct ucred *who)
{
	socklen_t size = sizeof *who;

	return sys(SYS_getsockopt, peer, SOL_SOCKET, SO_PEERCRED, (long)who, (long)&size) == 0 &&
	       who->uid == (uid_t)sys(SYS_getuid, 0, 0, 0, 0, 0);
}

/* Who has a number here is from this box; in other PID namespaces there is none for them. */
static void add(struct hops *hops, int pid, bool own)
{
	hops->pids[hops->count] = pid;
	hops->holds[hops->count++] = !own;
	hops->holding += own ? 0 : 1;
}

/* The two descriptors take the places of the lease and the tether; all others close with the start of the program. */
static void become_hop(int peer, const char *const *words) __attribute__((noreturn));
static void become_hop(int peer, const char *const *words)
{
	const char *none[] = { (char *)0 };
	const uint64_t mask = 0;

	if (sys(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0) == 0 &&
	    sys(SYS_dup3, peer, HOP_SOCKET, 0, 0, 0) == HOP_SOCKET &&
	    sys(SYS_dup3, INIT_NEWS, HOP_NEWS, 0, 0, 0) == HOP_NEWS)
		(void)sys(SYS_execveat, INIT_PROGRAM, (long)"", (long)words, (long)none, AT_EMPTY_PATH);
	sys_exit(1);
}

bool hops_admit(struct hops *hops, const char *const *words)
{
	long peer = sys(SYS_accept4, INIT_HOPS, 0, 0, SOCK_CLOEXEC, 0), pid = -EPERM;
	struct ucred who = { 0 };

	if (peer < 0)
		return peer == -EAGAIN || peer == -ECONNABORTED || peer == -EINTR;
	if (hops->count < HOPS_MOST && is_owner((int)peer, &who))
		pid = sys(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		become_hop((int)peer, words);
	if (pid > 0)
		add(hops, (int)pid, who.pid != 0);
	(void)sys(SYS_close, peer, 0, 0, 0, 0);
	return true;
}

void hops_ended(struct hops *hops, long pid)
{
	for (unsigned i = 0; i < hops->count; i++)
		if (hops->pids[i] == pid) {
			hops->holding -= hops->holds[i] ? 1 : 0;
			hops->pids[i] = hops->pids[--hops->count];
			hops->holds[i] = hops->holds[hops->count];
			return;
		}
}
