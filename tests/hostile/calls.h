/* SPDX-License-Identifier: MIT */
/*
 * runs as: anyone, in tests. The system calls that a box may not make, with their numbers as the kernel's headers have them,
 * and a way to make them in each of the kernel's tables. helper/seccomp/calls.def is not asked: it is what is tested.
 */
#ifndef NSBOX_HOSTILE_CALLS_H
#define NSBOX_HOSTILE_CALLS_H

#include <errno.h>
#include <stdbool.h>

#define IN_BOTH(ROW) \
	ROW(setns, EPERM) ROW(mount, EPERM) ROW(umount2, EPERM) ROW(pivot_root, EPERM) \
	ROW(open_tree, EPERM) ROW(open_tree_attr, EPERM) ROW(move_mount, EPERM) ROW(fsopen, EPERM) ROW(fsconfig, EPERM) \
	ROW(fsmount, EPERM) ROW(fspick, EPERM) ROW(mount_setattr, EPERM) ROW(clone3, ENOSYS) \
	ROW(add_key, EPERM) ROW(request_key, EPERM) ROW(keyctl, EPERM)
/* With nested = yes those above are let through; these are denied always. */
#define IN_ALL(ROW) \
	ROW(bpf, EPERM) ROW(userfaultfd, EPERM) ROW(perf_event_open, EPERM) ROW(open_by_handle_at, EPERM) \
	ROW(io_uring_setup, ENOSYS) ROW(io_uring_enter, ENOSYS) ROW(io_uring_register, ENOSYS) ROW(io_setup, ENOSYS) \
	ROW(lookup_dcookie, EPERM) ROW(kcmp, EPERM) ROW(kexec_load, EPERM) ROW(init_module, EPERM) \
	ROW(finit_module, EPERM) ROW(delete_module, EPERM) ROW(reboot, EPERM) ROW(swapon, EPERM) ROW(swapoff, EPERM) \
	ROW(settimeofday, EPERM) ROW(clock_settime, EPERM) ROW(clock_adjtime, EPERM) ROW(acct, EPERM) \
	ROW(quotactl, EPERM) ROW(quotactl_fd, EPERM) ROW(nfsservctl, EPERM)
#define OF_X86(ROW) \
	ROW(create_module, EPERM) ROW(query_module, EPERM) ROW(get_kernel_syms, EPERM) ROW(iopl, EPERM) \
	ROW(ioperm, EPERM) ROW(uselib, EPERM) ROW(ustat, EPERM) ROW(sysfs, EPERM) ROW(_sysctl, EPERM)
#define OF_64_BITS(ROW) ROW(kexec_file_load, EPERM)
#define OF_I386(ROW) \
	ROW(stime, EPERM) ROW(vm86, EPERM) ROW(vm86old, EPERM) ROW(clock_settime64, EPERM) ROW(clock_adjtime64, EPERM)

struct call {
	const char *name;
	long number;
	int answer;
	bool nested; /* with nested = yes it is let through */
};

/* The numbers that a call with an argument needs. */
struct table {
	const char *name;
	long (*make)(long number, long a, long b, long c);
	const struct call *calls;
	unsigned count;
	long clone, unshare, ioctl, socket;
};

#define OPENED(name, answer) { #name, __NR_##name, answer, true },
#define ALWAYS(name, answer) { #name, __NR_##name, answer, false },
#define WITH_ARGUMENTS(table) \
	enum { table##_CLONE = __NR_clone, table##_UNSHARE = __NR_unshare, table##_IOCTL = __NR_ioctl, table##_SOCKET = __NR_socket }

#ifdef __x86_64__
/* Both headers name their numbers alike, and the second takes the names over. */
#include <asm/unistd_32.h>
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif
static const struct call i386_calls[] = {
	IN_BOTH(OPENED) { "umount", __NR_umount, EPERM, true },
	IN_ALL(ALWAYS) OF_X86(ALWAYS) OF_I386(ALWAYS)
};
WITH_ARGUMENTS(I386);
enum { I386_SOCKETCALL = __NR_socketcall, I386_GETPID = __NR_getpid };

#include <asm/unistd_64.h>
#endif

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif

static const struct call native_calls[] = {
	IN_BOTH(OPENED) IN_ALL(ALWAYS) OF_64_BITS(ALWAYS)
#ifdef __x86_64__
	OF_X86(ALWAYS)
#endif
};
WITH_ARGUMENTS(NATIVE);

/* What it answers; children that it makes end at once. */
static inline long answer_of(long result, long own)
{
	if (result == 0 && getpid() != (pid_t)own)
		_exit(0);
	if (result > 0)
		(void)waitpid((pid_t)result, NULL, __WALL);
	return result;
}

static inline long native(long number, long a, long b, long c)
{
	long own = getpid(), result = syscall(number, a, b, c, number == __NR_clone ? 0L : -1L, number == __NR_clone ? 0L : -1L);

	return answer_of(result < 0 ? -errno : result, own);
}

#ifdef __x86_64__
/* As programs of 32 bits do it; those of 64 may as well. */
static inline long i386(long number, long a, long b, long c)
{
	long own = getpid(), result = number, rest = number == I386_CLONE ? 0 : -1;

	__asm__ volatile("int $0x80" : "+a"(result) : "b"(a), "c"(b), "d"(c), "S"(rest), "D"(rest)
			 : "memory", "r8", "r9", "r10", "r11");
	return answer_of((int)result, own);
}

static inline long x32(long number, long a, long b, long c)
{
	return native(0x40000000L + number, a, b, c);
}

static inline bool has_i386(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(i386(I386_GETPID, 0, 0, 0) > 0 ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && status == 0;
}
#endif

#endif
