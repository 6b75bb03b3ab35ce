/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. Which system calls stop for the tracer. */
#include "tests/faults/filter.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/faults/trace.h"

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* Skips so many of the following lines. */
#define SKIP_IF(value, lines) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, lines, 0)
#define SKIP_UNLESS(value, lines) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, lines)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

int filter_install(long nr)
{
	struct sock_filter lines[] = {
		LOAD(nr),
		SKIP_IF((unsigned)nr, 8),
		SKIP_IF(SYS_sendto, 7),
		SKIP_IF(SYS_rt_sigprocmask, 6),
		SKIP_IF(SYS_write, 2),
		SKIP_IF(SYS_writev, 1),
		SKIP_UNLESS(SYS_prctl, 4),
		/* A descriptor is no such large number, and prctl has no such small one that comes often. */
		LOAD(args[0]),
		SKIP_IF(STDERR_FILENO, 1),
		SKIP_UNLESS(TELL_TRACER, 1),
		RETURN(SECCOMP_RET_TRACE),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { .len = sizeof lines / sizeof *lines, .filter = lines };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}
