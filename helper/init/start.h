/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box; root. A start without libc: for the file of a program in which it begins. */
#ifndef NSBOX_INIT_START_H
#define NSBOX_INIT_START_H

#if defined(__x86_64__)

/* The kernel starts a program with argc, argv and the environment on the stack. */
__asm__(".text\n.globl _start\n.type _start,@function\n_start:\n"
	"endbr64\nxor %ebp,%ebp\nmov %rsp,%rdi\nand $-16,%rsp\ncall start\nhlt\n"
	".size _start,.-_start\n");

#elif defined(__aarch64__)

__asm__(".text\n.globl _start\n.type _start,%function\n_start:\n"
	"hint 34\nmov x29,#0\nmov x30,#0\nmov x0,sp\nbl start\nbrk #1\n"
	".size _start,.-_start\n");

#endif

/* Called by _start with what the kernel left: argc, then the arguments. */
__attribute__((noreturn, used)) void start(const long *stack);

static inline unsigned long arg_count(const long *stack)
{
	return (unsigned long)stack[0];
}

static inline char *arg(const long *stack, unsigned long i)
{
	return i < arg_count(stack) ? (char *)stack[1 + i] : (char *)0;
}

#endif
