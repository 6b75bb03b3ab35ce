/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. What system calls are named, and how each of them can fail. */
#include "tests/faults/calls.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

static const char *const names[CALLS] = {
#include "tests/faults/names.h"
};

const char *call_name(long nr)
{
	return nr >= 0 && nr < CALLS && names[nr] != NULL ? names[nr] : "?";
}

static const struct {
	long nr;
	int error;
} typical[] = {
	{ SYS_openat, ENFILE }, { SYS_open, ENFILE }, { SYS_openat2, EXDEV }, { SYS_open_tree, ENOENT }, { SYS_read, EIO },
	{ SYS_pread64, EIO }, { SYS_write, ENOSPC }, { SYS_pwrite64, ENOSPC }, { SYS_writev, ENOSPC }, { SYS_close, EIO },
	{ SYS_mkdirat, ENOSPC }, { SYS_mkdir, ENOSPC }, { SYS_symlinkat, ENOSPC }, { SYS_linkat, ENOSPC },
	{ SYS_mknodat, ENOSPC }, { SYS_rename, ENOSPC }, { SYS_renameat, ENOSPC }, { SYS_renameat2, ENOSPC },
	{ SYS_unlinkat, EBUSY }, { SYS_unlink, EBUSY }, { SYS_fsync, EIO }, { SYS_fdatasync, EIO }, { SYS_flock, ENOLCK },
	{ SYS_fcntl, EMFILE }, { SYS_dup2, EMFILE }, { SYS_dup3, EMFILE }, { SYS_dup, EMFILE }, { SYS_pipe2, EMFILE },
	{ SYS_socket, ENOBUFS }, { SYS_socketpair, EMFILE }, { SYS_connect, ECONNREFUSED }, { SYS_bind, EADDRINUSE },
	{ SYS_sendmsg, EPIPE }, { SYS_sendto, ENOBUFS }, { SYS_recvmsg, ENOBUFS }, { SYS_recvfrom, ENOBUFS },
	{ SYS_clone, EAGAIN }, { SYS_clone3, EAGAIN }, { SYS_vfork, EAGAIN }, { SYS_execve, E2BIG },
	{ SYS_execveat, E2BIG }, { SYS_wait4, ECHILD }, { SYS_waitid, ECHILD }, { SYS_kill, ESRCH },
	{ SYS_pidfd_open, ESRCH }, { SYS_pidfd_send_signal, ESRCH }, { SYS_setresuid, EAGAIN }, { SYS_unshare, ENOSPC },
	{ SYS_newfstatat, ENOENT }, { SYS_fstat, EIO }, { SYS_statx, EIO }, { SYS_readlinkat, ENOENT },
	{ SYS_readlink, ENOENT }, { SYS_getdents64, EIO }, { SYS_ioctl, ENODEV }, { SYS_mmap, ENFILE },
	{ SYS_mount, ENOSPC }, { SYS_move_mount, ENOSPC }, { SYS_fsmount, ENOSPC }, { SYS_fsconfig, EBUSY },
	{ SYS_umount2, EBUSY }, { SYS_keyctl, EDQUOT }, { SYS_prlimit64, EPERM }, { SYS_faccessat, EROFS },
	{ SYS_fchown, EDQUOT }, { SYS_fchownat, EDQUOT }, { SYS_fchmodat, EROFS }, { SYS_fchmod, EROFS },
};

int call_error(long nr, unsigned which)
{
	static const int all[ERRORS - 1] = { ENOMEM, EPERM, EINTR };

	if (which < ERRORS - 1)
		return all[which];
	for (size_t i = 0; i < sizeof typical / sizeof *typical; i++)
		if (typical[i].nr == nr)
			return typical[i].error;
	return EINVAL;
}

enum call_failure call_failure(long nr)
{
	switch (nr) {
	case SYS_getpid:
	case SYS_gettid:
	case SYS_getppid:
	case SYS_getuid:
	case SYS_geteuid:
	case SYS_getgid:
	case SYS_getegid:
	case SYS_umask:
	case SYS_alarm:
	case SYS_set_tid_address:
	case SYS_exit:
	case SYS_exit_group:
	case SYS_rt_sigreturn:
	case SYS_restart_syscall:
		return CALL_NEVER_FAILS;
	case SYS_close:
		return CALL_IS_MADE;
	case SYS_brk:
	case SYS_setfsuid:
	case SYS_setfsgid:
		return CALL_SAYS_SO;
	}
	return CALL_IS_LEFT_OUT;
}
