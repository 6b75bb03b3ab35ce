/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box; root. System calls without libc. */
#ifndef NSBOX_INIT_SYS_H
#define NSBOX_INIT_SYS_H

/*
 * Two programs live as long as a box, for each box, and a third as long as the host. What a static glibc dirties
 * before main (relocations, its own data, a heap, stdio) was four fifths of their memory, and they need none of it.
 * Linked with -nostdlib and without a stack protector, whose canary lives in what libc would set up. Results are the
 * kernel's own: below zero an errno. Arithmetic here is unsigned, since -ftrapv asks libgcc about the signed kind.
 */
#include <sys/syscall.h>

#if defined(__clang_analyzer__)

/* It does not see through assembler that the kernel fills memory; of a function it knows nothing of it assumes so. */
long sys(long number, long a, long b, long c, long d, long e);

#elif defined(__x86_64__)

static inline long sys(long number, long a, long b, long c, long d, long e)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}

#elif defined(__aarch64__)

static inline long sys(long number, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}

#else
#error "nsbox-init, nsbox-sweep and nsbox-keep know the system calls of x86-64 and aarch64 only"
#endif

__attribute__((noreturn)) static inline void sys_exit(int status)
{
	for (;;)
		(void)sys(SYS_exit_group, status, 0, 0, 0, 0);
}

#endif
