/* SPDX-License-Identifier: MIT */
/*
 * runs as: the user, in a box. Makes the calls that a seccomp filter of ours denies, in each of the kernel's tables, and
 * prints a line for each that gets another answer: "TABLE NAME ERRNO". nested: but for those which nested = yes lets through.
 *
 *	calls [nested]
 */
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "tests/hostile/calls.h"

enum { AT_ONCE = 17 /* SIGCHLD, at the end of the child */ };

static int strange;

static void expect(const char *table, const char *what, long got, int wanted)
{
	if (got == -wanted)
		return;
	printf("%s %s %s\n", table, what, got < 0 ? strerrorname_np((int)-got) : "0");
	strange++;
}

static void namespaces(const struct table *t, bool nested)
{
	static const struct {
		const char *name;
		unsigned long flag;
	} flags[] = {
		{ "CLONE_NEWUSER", CLONE_NEWUSER }, { "CLONE_NEWNS", CLONE_NEWNS }, { "CLONE_NEWPID", CLONE_NEWPID },
		{ "CLONE_NEWNET", CLONE_NEWNET }, { "CLONE_NEWUTS", CLONE_NEWUTS }, { "CLONE_NEWIPC", CLONE_NEWIPC },
		{ "CLONE_NEWCGROUP", CLONE_NEWCGROUP }, { "CLONE_NEWTIME", CLONE_NEWTIME },
	};
	const unsigned long high = 1UL << 40;

	if (nested)
		return;
	for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
		/* With a flag that is none it would be EINVAL. */
		expect(t->name, flags[i].name, t->make(t->unshare, (long)(flags[i].flag | 1), 0, 0), EPERM);
		if (flags[i].flag == CLONE_NEWTIME)
			continue;
		expect(t->name, flags[i].name, t->make(t->clone, (long)(flags[i].flag | AT_ONCE), 0, 0), EPERM);
		expect(t->name, flags[i].name, t->make(t->clone, (long)(flags[i].flag | AT_ONCE | high), 0, 0), EPERM);
	}
}

static void arguments(const struct table *t)
{
	const long high = 0xabcdL << 32;

	expect(t->name, "TIOCSTI", t->make(t->ioctl, -1, TIOCSTI, 0), EPERM);
	expect(t->name, "TIOCSTI+", t->make(t->ioctl, -1, TIOCSTI | high, 0), EPERM);
	expect(t->name, "TIOCLINUX", t->make(t->ioctl, -1, TIOCLINUX, 0), EPERM);
	expect(t->name, "TIOCLINUX+", t->make(t->ioctl, -1, TIOCLINUX | high, 0), EPERM);
	expect(t->name, "TCGETS", t->make(t->ioctl, -1, 0x5401, 0), EBADF);
	expect(t->name, "AF_VSOCK", t->make(t->socket, AF_VSOCK, SOCK_STREAM, 0), EAFNOSUPPORT);
	expect(t->name, "AF_ALG", t->make(t->socket, AF_ALG, SOCK_SEQPACKET, 0), EAFNOSUPPORT);
	expect(t->name, "AF_UNIX", t->make(t->socket, AF_UNIX, -1, 0), EINVAL);
	/* What makes processes and threads has to be left. */
	if (t->make(t->clone, AT_ONCE, 0, 0) <= 0 || t->make(t->unshare, CLONE_FS, 0, 0) != 0)
		expect(t->name, "fork", -1, 0);
}

static void try_table(const struct table *t, bool nested)
{
	for (unsigned i = 0; i < t->count; i++)
		if (!nested || !t->calls[i].nested)
			expect(t->name, t->calls[i].name, t->make(t->calls[i].number, -1, -1, -1), t->calls[i].answer);
	namespaces(t, nested);
	arguments(t);
}

#ifdef __x86_64__
static void try_32_bits(bool nested)
{
	const struct table t = {
		"i386", i386, i386_calls, sizeof i386_calls / sizeof *i386_calls,
		I386_CLONE, I386_UNSHARE, I386_IOCTL, I386_SOCKET,
	};

	if (!has_i386())
		return;
	try_table(&t, nested);
	expect("i386", "socketcall(SOCKET)", i386(I386_SOCKETCALL, 1, 0, 0), ENOSYS);
	expect("i386", "socketcall(BIND)", i386(I386_SOCKETCALL, 2, 0, 0), EFAULT);
}

static void try_x32(void)
{
	for (unsigned i = 0; i < sizeof native_calls / sizeof *native_calls; i++)
		expect("x32", native_calls[i].name, x32(native_calls[i].number, -1, -1, -1), ENOSYS);
	expect("x32", "ioctl", x32(514, -1, TIOCSTI, 0), ENOSYS);
	expect("x32", "getpid", x32(__NR_getpid, 0, 0, 0), ENOSYS);
}
#endif

int main(int argc, char **argv)
{
	bool nested = argc > 1 && strcmp(argv[1], "nested") == 0;
	const struct table t = {
		"native", native, native_calls, sizeof native_calls / sizeof *native_calls,
		NATIVE_CLONE, NATIVE_UNSHARE, NATIVE_IOCTL, NATIVE_SOCKET,
	};

	try_table(&t, nested);
#ifdef __x86_64__
	try_32_bits(nested);
	try_x32();
#endif
	return strange == 0 ? 0 : 1;
}
