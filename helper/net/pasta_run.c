/* SPDX-License-Identifier: MIT */
/* runs as: root, then the owner. The process that becomes pasta. */
#include "helper/net/pasta_run.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/apparmor.h"
#include "helper/join.h"
#include "helper/net/no_loopback.h"
#include "helper/net/ports_free.h"
#include "helper/process.h"

/*
 * Its powers shrink in this order:
 *   1. host root: the cgroup, the rules of the box's network, the owner's groups away;
 *   2. an unmapped uid with all capabilities of the user namespace: becomes the owner, keeps two of them, and leaves
 *      nothing that an exec could bring back;
 *   3. the owner, in the host's network like any program of theirs: looks whether the ports are free, becomes pasta.
 */

/* To set up the interface in the box's network; to enter that, and to have namespaces of its own to be nowhere in. */
static const uint64_t needed = 1ULL << CAP_NET_ADMIN | 1ULL << CAP_SYS_ADMIN;

/*
 * While there still is CAP_SETPCAP: the ambient set is what an exec by somebody who is not root keeps
 * (capabilities(7)).
 */
static int cut_powers(struct fail *f)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	for (int cap = 0; cap < 64; cap++)
		if ((needed & 1ULL << cap) == 0 && prctl(PR_CAPBSET_DROP, cap) != 0 && errno != EINVAL)
			return fail(f, errno, "drop capability %d from the bounding set", cap);
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		data[i].effective = data[i].permitted = data[i].inheritable = (uint32_t)(needed >> (32 * i));
	if (syscall(SYS_capset, &head, data) != 0)
		return fail(f, errno, "keep two capabilities");
	for (int cap = 0; cap < 64; cap++)
		if ((needed & 1ULL << cap) != 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0)
			return fail(f, errno, "keep capability %d for pasta", cap);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(f, errno, "set no_new_privs");
	return 0;
}

/* Uid 0 is not mapped there, so this change of uid, from one that is not root to another, leaves the capabilities. */
static int become_owner(int userns, const struct owner *owner, struct fail *f)
{
	if (setgroups(0, NULL) != 0)
		return fail(f, errno, "leave all groups");
	if (setns(userns, CLONE_NEWUSER) != 0)
		return fail(f, errno, "enter pasta's user namespace");
	if (setresgid(owner->gid, owner->gid, owner->gid) != 0 || setresuid(owner->uid, owner->uid, owner->uid) != 0)
		return fail(f, errno, "become %s", owner->name);
	/*
	 * A change of ids sets what fs.suid_dumpable says, which may be 1, and the host's descriptors are still here.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail(f, errno, "stay non-dumpable");
	return cut_powers(f);
}

/*
 * The network namespace is standard input: that is the one descriptor which all versions of pasta leave open for its
 * option --netns to name, and a path to it would have to be one that the owner can walk.
 */
static int arrange(int netns, int messages, struct fail *f)
{
	OWN_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(netns, 0) != 0 || dup2(null, 1) != 1 || dup2(messages, 2) != 2)
		return fail(f, errno, "place the descriptors of pasta");
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
		return fail(f, errno, "close what pasta must not have");
	return 0;
}

/* Also what was ignored: the pasta of Debian 12 takes an ignored SIGPIPE for an error. */
static int reset_signals(struct fail *f)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int s = 1; s <= SIGRTMAX; s++)
		(void)sigaction(s, &standard, NULL); /* of some it cannot be changed, and need not be */
	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) == 0 ? 0 : fail(f, errno, "unblock the signals");
}

static int prepare(const struct pasta *p, const struct pasta_box *box, int messages, struct fail *f)
{
	/* With v2 we were cloned into it. */
	if (!box->v2 && join_cgroups(box->cgroup->procs, (unsigned)box->cgroup->count, f) < 0)
		return -1;

	OWN_FD int proc = process_open_proc(f);

	if (proc < 0 || apparmor_leave(proc, f) < 0 || no_loopback(p->netns, f) < 0 ||
	    become_owner(p->userns, box->owner, f) < 0)
		return -1;
	return arrange(p->netns, messages, f) < 0 ? -1 : reset_signals(f);
}

/*
 * All of these are there since Debian 12's version. -T and -U: nothing of the host's loopback is in the box. It ends
 * with the cgroup and not with a name of the namespace (--no-netns-quit), for that has none.
 */
static int become_pasta(const char *ports, bool dns)
{
	static const char *const programs[] = { "/usr/bin/pasta", "/usr/bin/passt" };
	const char *argv[32] = {
		"pasta", "--quiet", "--config-net", "--netns", "/proc/self/fd/0", "--no-netns-quit",
		"--ns-ifname", "eth0", "--no-map-gw", "--no-dhcp", "--no-dhcpv6", "--no-ra", "-T", "none",
		"-U", "none", "-t", ports, "-u", ports, dns ? "--dns-forward" : NULL, PASTA_DNS, NULL
	};
	char *const nothing[] = { NULL };

	/* What it does is told by the name it is called by, which is the first word. */
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
		(void)execve(programs[i], (char *const *)(uintptr_t)argv, nothing);
		if (errno != ENOENT)
			break;
	}
	return errno;
}

void pasta_run(const struct pasta *p, const struct pasta_box *box, int messages)
{
	const char *ports = strcmp(box->ports, "-") == 0 ? "none" : box->ports;
	struct fail f = { 0 };
	int code = PASTA_FAILED;

	if (prepare(p, box, messages, &f) == 0) {
		if (strcmp(ports, "none") != 0 && ports_free(ports, &f) < 0) {
			code = PASTA_PORTS;
		} else {
			(void)fail(&f, become_pasta(ports, box->dns), "execute pasta");
			code = f.code == ENOENT ? PASTA_MISSING : PASTA_FAILED;
		}
	}
	(void)dprintf(messages, "%s\n", f.text);
	_exit(code);
}
