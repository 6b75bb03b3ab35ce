/* SPDX-License-Identifier: MIT */
/* runs as: root of a box, inside services. Nothing in the box types into a terminal of the host's. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "pam_module/module.h"

/*
 * Whoever calls su for a boxed user hands it their terminal, and goes on typing there afterwards. With TIOCSTI a
 * program puts characters into a terminal's input as if they had been typed, and with TIOCLINUX it pastes them into a
 * virtual console: it would leave a command for the shell of the host to read. Newer kernels can forbid the first
 * (dev.tty.legacy_tiocsti), not all do.
 *
 * The kernel takes ioctl's second argument as 32 bits, and ignores what is above them; so does the filter. There are
 * several system call tables in one kernel, and a program may use any: each has its own number for ioctl.
 */

enum {
	IOCTL_X86_64 = 16,
	IOCTL_X32 = 514,
	IOCTL_X32_BIT = 0x40000000,
	IOCTL_I386 = 54,
	IOCTL_AARCH64 = 29,
	IOCTL_ARM = 54,
};

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the low 32 bits of the argument are elsewhere"
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* Skips so many of the following lines. */
#define SKIP_IF(value, lines) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, lines, 0)
#define SKIP_UNLESS(value, lines) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, lines)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

int tiocsti_deny(struct fail *f)
{
	struct sock_filter lines[] = {
		LOAD(arch),
#if defined(__x86_64__) || defined(__i386__)
		SKIP_UNLESS(AUDIT_ARCH_X86_64, 5),
		LOAD(nr),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~(unsigned)IOCTL_X32_BIT),
		SKIP_IF(IOCTL_X86_64, 6),
		SKIP_IF(IOCTL_X32, 5),
		RETURN(SECCOMP_RET_ALLOW),
		SKIP_UNLESS(AUDIT_ARCH_I386, 8),
		LOAD(nr),
		SKIP_IF(IOCTL_I386, 1),
		RETURN(SECCOMP_RET_ALLOW),
#elif defined(__aarch64__)
		SKIP_UNLESS(AUDIT_ARCH_AARCH64, 3),
		LOAD(nr),
		SKIP_IF(IOCTL_AARCH64, 5),
		RETURN(SECCOMP_RET_ALLOW),
		SKIP_UNLESS(AUDIT_ARCH_ARM, 8),
		LOAD(nr),
		SKIP_IF(IOCTL_ARM, 1),
		RETURN(SECCOMP_RET_ALLOW),
#else
#error "which numbers ioctl has on this architecture is not known"
#endif
		LOAD(args[1]),
		SKIP_IF(TIOCSTI, 2),
		SKIP_IF(TIOCLINUX, 1),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_ERRNO | EPERM),
		/* A table nobody here has heard of. */
		RETURN(SECCOMP_RET_ERRNO | ENOSYS),
	};
	struct sock_fprog filter = { .len = sizeof lines / sizeof *lines, .filter = lines };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		return fail(f, errno, "deny typing into terminals");
	return 0;
}
