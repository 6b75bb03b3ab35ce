/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. Takes leave of a caller of whom nothing is trusted. */
#include "helper/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/wire.h"

/*
 * Every power the helper may ever hold, each with its reason; nsbox(7) has the same list, for admins. All others
 * leave the bounding set too. Which of them is needed was found out by taking it away.
 */
static const cap_value_t powers[] = {
	CAP_CHOWN,        /* layers over homes, and terminals, belong to others than root */
	CAP_DAC_OVERRIDE, /* make, look for and remove files in directories of the owner's and the box's root's */
	CAP_FOWNER,       /* modes of what was given away */
	CAP_FSETID,       /* a layer has the set-group-ID bit of its home */
	CAP_KILL,         /* end a box's processes, which are others' */
	CAP_MKNOD,        /* /dev/null and its like */
	CAP_NET_ADMIN,    /* interfaces of boxes, the bridge, the rules and the published ports */
	CAP_SETGID,       /* write the gid map, carry the owner's groups */
	CAP_SETPCAP,      /* empty the bounding set of what enters a box; keep powers while the uid changes */
	CAP_SETUID,       /* write the uid map, become the owner */
	CAP_SYSLOG,       /* read in /dev/kmsg which process ran out of memory, also with dmesg_restrict */
	CAP_SYS_ADMIN,    /* namespaces and mounts */
	CAP_SYS_CHROOT,   /* setns of a mount namespace */
	CAP_SYS_PTRACE,   /* /proc/PID of an init that is not dumpable, and its namespaces */
};

static void leave_signals(void)
{
	const struct itimerval never = { 0 };
	const struct sigaction ign = { .sa_handler = SIG_IGN }, dfl = { .sa_handler = SIG_DFL };
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setitimer(ITIMER_REAL, &never, NULL);
	(void)setitimer(ITIMER_VIRTUAL, &never, NULL);
	(void)setitimer(ITIMER_PROF, &never, NULL);
	/*
	 * An ignored SIGCHLD would make wait fail; the other dispositions must not reach the command. To ignore a
	 * signal for a moment takes away one that waits (sigaction(2)): an old SIGALRM would be taken for the end of
	 * our own deadline.
	 */
	for (int s = 1; s < _NSIG; s++) {
		(void)sigaction(s, &ign, NULL);
		(void)sigaction(s, &dfl, NULL);
	}
}

/* no_new_privs, a tracer, a nosuid mount and a user namespace each take set-user-ID away: say which. */
static int check_root(struct fail *f)
{
	if (geteuid() == 0)
		return 0;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return fail(f, 0, "nsbox-helper did not become root because no_new_privs is set; inside a box"
			    " this is always so: leave it first");
	return fail(f, 0, "nsbox-helper did not become root: it must be owned by root with mode 4755, on a file"
		    " system without nosuid, and not be traced");
}

static int cut_powers(struct fail *f)
{
	cap_t caps = cap_init();
	int n = (int)(sizeof powers / sizeof powers[0]);
	int bad;

	if (caps == NULL)
		return fail(f, errno, "cap_init");
	bad = cap_set_flag(caps, CAP_PERMITTED, n, powers, CAP_SET) != 0 ||
	      cap_set_flag(caps, CAP_EFFECTIVE, n, powers, CAP_SET) != 0;
	for (cap_value_t c = 0; !bad && cap_get_bound(c) >= 0; c++) {
		cap_flag_value_t kept;

		if (cap_get_flag(caps, c, CAP_PERMITTED, &kept) != 0)
			continue; /* newer than libcap knows: below it is not raised, so it is gone */
		bad = kept == CAP_CLEAR && cap_drop_bound(c) != 0;
	}
	bad = bad || cap_set_proc(caps) != 0;
	int code = errno;

	(void)cap_free(caps);
	if (bad)
		return fail(f, code, "cut the helper's capabilities; a user namespace or a sandbox around it"
			    " takes them away");
	return 0;
}

static int become_root(struct fail *f)
{
	if (setgroups(0, NULL) != 0 || setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0)
		return fail(f, errno, "become root, real and saved");
	return cut_powers(f);
}

/* What stays must be the socket it should be: a caller may have put anything at its number. */
static int check_wire(struct fail *f)
{
	int type = 0, domain = 0;
	socklen_t size = sizeof type;

	if (getsockopt(WIRE_FD, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
	    getsockopt(WIRE_FD, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 ||
	    type != SOCK_SEQPACKET || domain != AF_UNIX)
		return fail(f, 0, "this request is answered on descriptor %d, which is not a socket: use nssh",
			    WIRE_FD);
	if (fcntl(WIRE_FD, F_SETFD, FD_CLOEXEC) != 0)
		return fail(f, errno, "set close-on-exec on the caller's socket");
	return 0;
}

static int leave_descriptors(bool keep_wire, struct fail *f)
{
	/* open fills the lowest free number, so this loop ends with 0, 1 and 2 in use. */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return fail(f, errno, "open /dev/null for descriptor %d", fd);
	if (close_range(keep_wire ? WIRE_FD + 1 : WIRE_FD, ~0U, 0) != 0)
		return fail(f, errno, "close the caller's descriptors");
	return keep_wire ? check_wire(f) : 0;
}

/* The soft limits go up to the hard ones; going beyond is not needed, and not possible everywhere. */
static int leave_limits(struct caller *caller, struct fail *f)
{
	for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit l;

		if (getrlimit((__rlimit_resource_t)i, &l) != 0)
			return fail(f, errno, "read limit %u", i);
		caller->limits[i] = l;
		l.rlim_cur = i == RLIMIT_CORE ? 0 : l.rlim_max;
		if (setrlimit((__rlimit_resource_t)i, &l) != 0)
			return fail(f, errno, "reset limit %u", i);
	}
	return 0;
}

/* Keeps the variables meant for the command (helper/wire.h), without their plus sign. */
static void keep_carried(char **environment)
{
	char **to = environment;

	for (char **from = environment; *from != NULL; from++)
		if (**from == '+')
			*to++ = *from + 1;
	*to = NULL;
}

int caller_leave(struct caller *caller, bool keep_wire, struct fail *f)
{
	static char *empty[] = { NULL };

	leave_signals();
	caller->uid = getuid();
	caller->environment = environ;
	environ = empty;
	keep_carried(caller->environment);
	if (check_root(f) < 0)
		return -1;
	/* A process that changed its ids is not dumpable already; root's own calls are not, so say it. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail(f, errno, "become non-dumpable");
	if (become_root(f) < 0 || leave_descriptors(keep_wire, f) < 0 || leave_limits(caller, f) < 0)
		return -1;
	caller->umask = umask(022);
	if (chdir("/") != 0)
		return fail(f, errno, "leave the caller's directory");
	return 0;
}

int caller_restore(const struct caller *caller, struct fail *f)
{
	sigset_t none;

	for (unsigned i = 0; i < RLIM_NLIMITS; i++)
		if (setrlimit((__rlimit_resource_t)i, &caller->limits[i]) != 0)
			return fail(f, errno, "restore limit %u", i);
	(void)umask(caller->umask);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	return 0;
}
