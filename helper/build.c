/* SPDX-License-Identifier: MIT */
/* runs as: root, then pid 1 of a box. The builder: makes the inside of a box and turns into its init. */
#include "helper/build.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/apparmor.h"
#include "helper/become_init.h"
#include "helper/fdpass.h"
#include "helper/hop.h"
#include "helper/inside.h"
#include "helper/join.h"
#include "helper/mnt.h"
#include "helper/net/network.h"

/* Nothing may outlive the worker before the record is written: the kernel kills us with it. */
static int die_with_worker(struct fail *f)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return fail(f, errno, "tie the builder to the worker");
	return 0;
}

/*
 * The securebit keeps the capabilities while the file system ids change (capabilities(7)). An overlay opens files for
 * whoever mounted it, for ever: that must not be a confined process.
 */
static int prepare(const struct plan *plan, struct fail *f)
{
	if (apparmor_leave(plan->proc, f) < 0)
		return -1;
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) != 0)
		return fail(f, errno, "prepare the builder");
	return die_with_worker(f);
}

/* In the cgroup before the cgroup namespace exists, so that the box's cgroup is what its root shows. */
static int enter_cgroup(const struct plan *plan, struct fail *f)
{
	/* With v2 we were cloned into it. */
	if (!plan->in_cgroup && join_cgroups(plan->cgroup->procs, (unsigned)plan->cgroup->count, f) < 0)
		return -1;
	if (unshare(CLONE_NEWCGROUP) != 0)
		return fail(f, errno, "make a cgroup namespace");
	/*
	 * The namespace's root is the delegated cgroup, which may pass controllers on; processes are one level below.
	 */
	if (plan->in_cgroup && plan->policy->delegate)
		return join_cgroups(plan->cgroup->procs, (unsigned)plan->cgroup->count, f);
	return 0;
}

static int set_fs_ids(uid_t uid, gid_t gid, struct fail *f)
{
	(void)setfsgid(gid);
	(void)setfsuid(uid);
	/* These two report no errors; asking with an invalid id shows what is in force (setfsuid(2)). */
	if ((gid_t)setfsgid((gid_t)-1) != gid || (uid_t)setfsuid((uid_t)-1) != uid)
		return fail(f, EPERM, "change the file system ids");
	/* The change has cleared the tie (prctl(2)), and made us what fs.suid_dumpable says. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail(f, errno, "stay non-dumpable");
	return die_with_worker(f);
}

int inside_as_box_root(const struct plan *plan, struct fail *f)
{
	return set_fs_ids(idmap_outside(plan->uids, 0), idmap_outside(plan->gids, 0), f);
}

int inside_as_host_root(struct fail *f)
{
	return set_fs_ids(0, 0, f);
}

static int make_inside(const struct plan *plan, struct fail *f)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return fail(f, errno, "make the mount namespace private");

	OWN_FD int boxes = inside_boxes(plan, f); /* now: it lies below the stage */
	OWN_FD int root = boxes < 0 ? -1 : inside_root(plan, f);

	if (root < 0 || inside_as_box_root(plan, f) < 0 || inside_fresh(plan, root, f) < 0 ||
	    mnt_attach(boxes, root, HOP_DIR, f) < 0 ||
	    inside_dev(plan, root, f) < 0 || inside_proc(plan, root, f) < 0 || inside_hide(plan, root, f) < 0 ||
	    inside_etc(plan, root, f) < 0 || inside_home(plan, root, f) < 0 || inside_binds(plan, root, f) < 0 ||
	    inside_hide_again(plan, root, f) < 0)
		return -1;
	return fd_give(&root);
}

/* What the monitor and later logins will need, taken before anything of the box runs. */
static int report(const struct plan *plan, int root, struct fail *f)
{
	struct built built = { 0 };
	struct stat pts, home = { 0 };
	OWN_FD int devpts = mnt_clone(root, "dev/pts", f);
	OWN_FD int utmp = devpts < 0 ? -1 : mnt_clone(root, "run/utmp", f);
	OWN_FD int wtmp = utmp < 0 ? -1 : mnt_clone(root, "run/wtmp", f);
	const int fds[BUILT_FDS] = { devpts, utmp, wtmp };

	if (wtmp < 0)
		return -1;

	OWN_FD int at = plan->real_home[0] != '\0' ? mnt_resolve(root, plan->real_home, f) : -1;

	if (plan->real_home[0] != '\0' && at < 0)
		return -1;
	if (fstat(devpts, &pts) != 0 || (at >= 0 && fstat(at, &home) != 0))
		return fail(f, errno, "look at what was built");
	built.devpts = pts.st_dev;
	built.home_dev = home.st_dev;
	return fdpass_send(plan->sync, &built, sizeof built, fds, BUILT_FDS, f);
}

static int enter_root(int root, struct fail *f)
{
	/* pivot_root(2), "pivot_root(".", ".")": the old root ends up on top of the new one and is taken off. */
	if (fchdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 ||
	    chdir("/") != 0)
		return fail(f, errno, "enter the new root");
	return 0;
}

static int name_host(const struct plan *plan, struct fail *f)
{
	static const char nothing[] = "(none)";

	if (sethostname(plan->hostname, strlen(plan->hostname)) != 0 ||
	    setdomainname(nothing, sizeof nothing - 1) != 0)
		return fail(f, errno, "set the host name %s", plan->hostname);
	return 0;
}

static int build(const struct plan *plan, struct fail *f)
{
	if (prepare(plan, f) < 0 || network_enter(plan->network, f) < 0 || enter_cgroup(plan, f) < 0)
		return -1;

	OWN_FD int root = make_inside(plan, f);

	if (root < 0 || name_host(plan, f) < 0 || network_build(plan->network, f) < 0 || report(plan, root, f) < 0 ||
	    enter_root(root, f) < 0)
		return -1;
	return become_init(plan, f);
}

void build_and_become_init(const struct plan *plan)
{
	struct built built = { 0 };
	struct fail ignored;

	(void)build(plan, &built.failed);
	/* The worker hears why; if even that fails it sees the socket close. */
	(void)fdpass_send(plan->sync, &built, sizeof built, NULL, 0, &ignored);
	_exit(1);
}
