/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and nsbox-helper. Places the calling process in a box. */
#include "helper/join.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The caller's powers shrink in this order, and only ever shrink:
 *   1. host root: tether, cgroups, and the namespaces (all need powers of the host);
 *   2. an unmapped uid with all capabilities of the box's user namespace: becomes uid 0 of the box;
 *   3. root of the box: gives up what an exec could bring back, and proves it.
 * The last step, from root of the box to the user, is the caller's own.
 */

int join_tether(int tether, struct fail *f)
{
	struct pollfd gone = { .fd = tether, .events = POLLIN };
	int flags = fcntl(tether, F_GETFL);

	if (flags < 0)
		return fail(f, errno, "tether: read its flags");
	/* The signal and whom to send it to come before O_ASYNC: armed with the default it would send SIGIO. */
	if (fcntl(tether, F_SETSIG, SIGKILL) != 0)
		return fail(f, errno, "tether: F_SETSIG");
	if (fcntl(tether, F_SETOWN, getpid()) != 0)
		return fail(f, errno, "tether: F_SETOWN");
	if (fcntl(tether, F_SETFL, flags | O_ASYNC) != 0)
		return fail(f, errno, "tether: O_ASYNC");
	/* Init may have died before the tether was armed; no signal comes for that, so look once more. */
	if (poll(&gone, 1, 0) < 0)
		return fail(f, errno, "tether: poll");
	if (gone.revents != 0)
		return fail(f, ESRCH, "the box's init is gone");
	return 0;
}

int join_cgroups(const int *cgroups, unsigned n, struct fail *f)
{
	for (unsigned i = 0; i < n; i++) {
		/* "0" is the writing process in v1 and in v2; no pid can be mistaken for another one. */
		ssize_t put = write(cgroups[i], "0", 1);

		if (put != 1)
			return fail(f, put < 0 ? errno : EIO, "enter the box's cgroup %u of %u", i + 1, n);
	}
	return 0;
}

/*
 * All seven at once, judged with the host's credentials: entered one by one, the user namespace would take the rights
 * for the rest.
 */
static int enter(int pidfd, struct fail *f)
{
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
			 CLONE_NEWCGROUP) != 0)
		return fail(f, errno, "enter the box's namespaces");
	/* setns has left us in the box's root already; said again, for no path of the host may stay. */
	if (chdir("/") != 0)
		return fail(f, errno, "go to the box's root directory");
	return 0;
}

/*
 * Uid 0 of the host is not mapped in the box, so neither user nor group is a number there yet. The group
 * goes first: changing it needs CAP_SETGID, which must not hang on what setresuid leaves over. Being uid 0
 * of the box is what makes the later setresuid to the user clear all capabilities.
 */
static int become_box_root(struct fail *f)
{
	uid_t r = 1, e = 1, s = 1;
	gid_t gr = 1, ge = 1, gs = 1;

	if (setresgid(0, 0, 0) != 0)
		return fail(f, errno, "become group 0 of the box");
	if (setresuid(0, 0, 0) != 0)
		return fail(f, errno, "become user 0 of the box");
	if (getresuid(&r, &e, &s) != 0 || (r | e | s) != 0 || getresgid(&gr, &ge, &gs) != 0 || (gr | ge | gs) != 0)
		return fail(f, EPERM, "become root of the box");
	/* A change of ids sets what fs.suid_dumpable says, which may be 1. */
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_GET_DUMPABLE) != 0)
		return fail(f, EPERM, "stay non-dumpable");
	return 0;
}

/*
 * The session keyring came along from the host, with the keys of whoever started us. The new one is made by
 * root of the box, so that it counts against the box's quota of keys and not the host root's.
 */
static int leave_keyring(struct fail *f)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) >= 0)
		return 0;
	/* A kernel without keys has no keyring to leave. */
	if (errno == ENOSYS)
		return 0;
	return fail(f, errno, "new session keyring");
}

/* No exec in the box may ever give back a capability, by file capabilities or by being uid 0. */
static int empty_bounding_set(struct fail *f)
{
	int last = 0;

	/* The kernel tells where its list ends by EINVAL; /proc/sys is the box's by now and not to be asked. */
	while (prctl(PR_CAPBSET_READ, last) >= 0) {
		if (prctl(PR_CAPBSET_DROP, last) != 0)
			return fail(f, errno, "drop capability %d from the bounding set", last);
		if (prctl(PR_CAPBSET_READ, last) != 0)
			return fail(f, EPERM, "capability %d stayed in the bounding set", last);
		last++;
	}
	if (errno != EINVAL || last == 0)
		return fail(f, errno, "read the bounding set");
	return 0;
}

/* What survives a change of uid by design: the ambient and the inheritable set. */
static int empty_inherited_sets(struct fail *f)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return fail(f, errno, "clear the ambient capabilities");
	if (syscall(SYS_capget, &head, data) != 0)
		return fail(f, errno, "read the capabilities");
	data[0].inheritable = data[1].inheritable = 0;
	if (syscall(SYS_capset, &head, data) != 0)
		return fail(f, errno, "clear the inheritable capabilities");
	if (syscall(SYS_capget, &head, data) != 0 || (data[0].inheritable | data[1].inheritable) != 0)
		return fail(f, EPERM, "inheritable capabilities stayed");
	return 0;
}

static int no_new_privs(struct fail *f)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(f, errno, "set no_new_privs");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return fail(f, EPERM, "no_new_privs did not stay");
	return 0;
}

int join_namespaces(int pidfd, struct fail *f)
{
	/*
	 * From the moment we are in, root of the box could trace a dumpable process that still holds the host's
	 * descriptors.
	 */
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		return fail(f, errno, "become non-dumpable");
	if (enter(pidfd, f) != 0)
		return -1;
	if (become_box_root(f) != 0)
		return -1;
	if (leave_keyring(f) != 0)
		return -1;
	/* Needs CAP_SETPCAP of the box, so it stands before anything that could take it. */
	if (empty_bounding_set(f) != 0)
		return -1;
	if (empty_inherited_sets(f) != 0)
		return -1;
	return no_new_privs(f);
}
