/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The last steps of the builder. */
#include "helper/become_init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/box.h"

static int drop_bounding_set(struct fail *f)
{
	/* EINVAL ends the loop: past the last capability this kernel knows (prctl(2)). */
	for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
		if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) != 0)
			return fail(f, errno, "drop capability %d from the bounding set", c);
	return 0;
}

/*
 * Leaving kuid 0 of the host does not clear the capabilities of a process in another user namespace: only the
 * uid that is 0 there counts. So they are emptied by name, and looked at afterwards.
 */
static int drop_capabilities(struct fail *f)
{
	cap_t none = cap_init();

	if (none == NULL || cap_set_proc(none) != 0 || cap_reset_ambient() != 0) {
		int code = errno;

		(void)cap_free(none);
		return fail(f, code, "empty the capability sets");
	}

	cap_t now = cap_get_proc();
	int same = now != NULL ? cap_compare(none, now) : -1;

	(void)cap_free(none);
	(void)cap_free(now);
	if (same != 0)
		return fail(f, EPERM, "the capability sets are not empty");
	return 0;
}

static int give_up(uid_t real, uid_t effective, gid_t gid, struct fail *f)
{
	if (drop_bounding_set(f) < 0)
		return -1;
	if (prctl(PR_SET_SECUREBITS, 0, 0, 0, 0) != 0)
		return fail(f, errno, "reset the securebits");
	if (setresgid(gid, gid, gid) != 0 || setresuid(real, effective, real) != 0)
		return fail(f, errno, "become uid %u", effective);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail(f, errno, "stay non-dumpable");
	if (drop_capabilities(f) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(f, errno, "set no_new_privs");
	if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0)
		return fail(f, EPERM, "could come back from uid %u", effective);
	return 0;
}

int become_owner(uid_t uid, gid_t gid, struct fail *f)
{
	return give_up(uid, uid, gid, f);
}

int become_waiter(uid_t owner, uid_t uid, gid_t gid, struct fail *f)
{
	return give_up(uid, owner, gid, f);
}

/*
 * Unless the policy wants them, no user namespace can be made in the box: what the kernel offers behind one is out of
 * its reach, whatever is said of seccomp. And if it does, no more than containers need: they cost memory of the
 * kernel's, and what holds one open need not be a process.
 */
static int limit_namespaces(const struct plan *plan, struct fail *f)
{
	static const char *const kinds[] = { "user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time" };
	const char *most = plan->policy->nested ? "128" : "0";

	for (size_t i = 0; i < (plan->policy->nested ? sizeof kinds / sizeof kinds[0] : 1); i++) {
		char path[64];

		(void)snprintf(path, sizeof path, "sys/user/max_%s_namespaces", kinds[i]);

		OWN_FD int fd = openat(plan->proc, path, O_WRONLY | O_CLOEXEC);

		if (fd < 0 || write(fd, most, strlen(most)) != (ssize_t)strlen(most))
			return fail(f, errno, "set user.max_%s_namespaces of the box", kinds[i]);
	}
	return 0;
}

static int enter_userns(const struct plan *plan, struct fail *f)
{
	const struct owner *owner = plan->owner;

	if (setgroups((size_t)owner->group_count, owner->groups) != 0)
		return fail(f, errno, "carry the owner's groups");
	/* Not the keys of whoever logged in or called; without CONFIG_KEYS there are none (keyctl(2)). */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return fail(f, errno, "join a new session keyring");
	if (setns(plan->userns, CLONE_NEWUSER) != 0)
		return fail(f, errno, "enter the user namespace");
	return limit_namespaces(plan, f);
}

/* Moves a descriptor to its number in init; the numbers lie below all that were opened by then. */
static int place(int fd, int number, struct fail *f)
{
	if (dup2(fd, number) != number) /* without close-on-exec, as dup2 leaves it */
		return fail(f, errno, "place descriptor %d", number);
	return 0;
}

/* First out of the way of the numbers that are about to be overwritten, then down to them. */
static int arrange(const struct plan *plan, int *program, struct fail *f)
{
	enum { HIGH = 64, PLACES = INIT_PROGRAM + 1 };
	OWN_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int from[PLACES] = {
		null, null, null, [INIT_LEASE] = plan->lease, [INIT_TETHER] = plan->tether, [INIT_SYNC] = plan->sync,
		[INIT_HOPS] = plan->hops, [INIT_NEWS] = plan->news, [INIT_PROGRAM] = plan->hop,
	};
	int high[PLACES];

	*program = fcntl(plan->init, F_DUPFD_CLOEXEC, HIGH);
	for (int i = 0; i < PLACES; i++) {
		high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, HIGH);
		if (high[i] < 0 || *program < 0)
			return fail(f, errno, "arrange init's descriptors");
	}
	for (int i = 0; i < PLACES; i++)
		if (place(high[i], i, f) < 0)
			return -1;
	/* What is left is close-on-exec; said once more, so that it holds whatever was forgotten. */
	if (close_range(PLACES, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
		return fail(f, errno, "close what init must not have");
	return 0;
}

enum { SECONDS = 12 };

/* For ever is the most that init counts: 68 years. */
static void seconds(uint64_t value, char text[SECONDS])
{
	(void)snprintf(text, SECONDS, "%d", value < INT32_MAX ? (int)value : INT32_MAX);
}

int become_init(const struct plan *plan, struct fail *f)
{
	const struct policy *policy = plan->policy;
	const struct owner *owner = plan->owner;
	char linger[SECONDS], idle[SECONDS];
	const char *const argv[] = {
		"nsbox-init", linger, idle, plan->box, owner_shell(owner, policy->shell), owner->home, owner->name,
		NULL,
	};
	char *const nothing[] = { NULL };
	int program;

	seconds(policy->linger != POLICY_NONE ? policy->linger : policy->linger_max, linger);
	seconds(policy->idle != POLICY_NONE ? policy->idle : 0, idle);
	if (enter_userns(plan, f) < 0 || become_owner(owner->uid, owner->gid, f) < 0 ||
	    arrange(plan, &program, f) < 0 || filter_apply(plan->filter, f) < 0)
		return -1;
	/* execve(2) has the type of its words for historical reasons, and changes none of them. */
	(void)execveat(program, "", (char *const *)(uintptr_t)argv, nothing, AT_EMPTY_PATH);
	return fail(f, errno, "execute nsbox-init");
}
