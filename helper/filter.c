/* SPDX-License-Identifier: MIT */
/* runs as: root, inside sshd and nsbox-helper. The seccomp filters of what enters a box. */
#include "helper/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "seccomp_filters.h"

#define PROGRAM(code) (struct sock_fprog){ \
	.len = sizeof(code) / sizeof *(code), .filter = (struct sock_filter *)(uintptr_t)(code) }

static int attach(const struct sock_fprog *program, struct fail *f)
{
	/* With CAP_SYS_ADMIN the kernel does not ask for it, and what the process becomes could gain a privilege. */
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return fail(f, EPERM, "attach the seccomp filter: no_new_privs is not set");
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) != 0)
		return fail(f, errno, "attach the seccomp filter");
	return 0;
}

int filter_apply(enum filter filter, struct fail *f)
{
	switch (filter) {
	case FILTER_OFF:
		return 0;
	case FILTER_DEFAULT:
		return attach(&PROGRAM(filter_default), f);
	case FILTER_NESTED:
		return attach(&PROGRAM(filter_nested), f);
	case FILTERS:
		break;
	}
	return fail(f, EINVAL, "attach seccomp filter %d, which there is not", (int)filter);
}
