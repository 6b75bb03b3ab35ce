/* SPDX-License-Identifier: MIT */
/*
 * runs as: anyone, on the build machine, by make: generate ARCHITECTURE. Writes the filters as arrays in C.
 *
 * The kernel runs a new filter once for each number there is, of each table, to learn which calls it always allows:
 * with a chain of comparisons that takes three times as long. So a filter is a binary search here. The calls on the
 * list part all numbers into ranges, each with one answer; a search finds the range in seven steps, whether it is
 * allowed or not. libseccomp tells the numbers. It can write a search too, but not with calls that it has no name
 * for.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the low 32 bits of an argument are elsewhere"
#endif

enum answer {
	ALLOW, DENY_EPERM, DENY_ENOSYS,
	/* by an argument */
	BY_CLONE, BY_UNSHARE, BY_IOCTL, BY_SOCKET, BY_SOCKETCALL,
	ANSWERS,
};

struct call {
	const char *name;
	uint32_t number;
	enum answer usual, nested;
};

static const struct call calls[] = {
#define CALL(name, number, answer, nested) { #name, number, answer, nested },
#include "helper/seccomp/calls.def"
#undef CALL
};

enum { CALLS = sizeof calls / sizeof *calls, RANGES = 2 * CALLS + 4, LINES = 255 };

/* One of a kernel's tables of system calls. */
struct table {
	const char *machine; /* whose kernel has it */
	uint32_t audit, library;
	bool x32;            /* it has the numbers of x32 as well */
};

static const struct table tables[] = {
	{ "x86_64", AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64, true },
	{ "x86_64", AUDIT_ARCH_I386, SCMP_ARCH_X86, false },
	{ "aarch64", AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64, false },
	{ "aarch64", AUDIT_ARCH_ARM, SCMP_ARCH_ARM, false },
};

enum { TABLES = sizeof tables / sizeof *tables, X32 = 0x40000000, I386_SOCKET = 359 };

static void die(const char *what, const char *which)
{
	(void)fprintf(stderr, "generate: %s: %s\n", which, what);
	exit(1);
}

/* --- the ranges of a table --- */

/* From this number on, up to the next range. */
struct range {
	uint32_t from;
	enum answer answer;
};

struct ranges {
	struct range range[RANGES];
	unsigned count;
};

static int by_number(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* False: this table has no such call. */
static bool resolve(const struct table *table, const struct call *call, uint32_t *number)
{
	int found = seccomp_syscall_resolve_name_arch(table->library, call->name);

	/* The library takes it for a part of socketcall; it has had a number of its own since Linux 4.3. */
	if (table->audit == AUDIT_ARCH_I386 && strcmp(call->name, "socket") == 0)
		found = I386_SOCKET;
	if (found == __NR_SCMP_ERROR && call->number == 0)
		die("libseccomp does not know it", call->name);
	*number = found == __NR_SCMP_ERROR ? call->number : (uint32_t)found;
	return found >= __NR_SCMP_ERROR;
}

static void add(struct ranges *ranges, uint32_t from, enum answer answer)
{
	if (ranges->count > 0 && ranges->range[ranges->count - 1].answer == answer)
		return;
	ranges->range[ranges->count++] = (struct range){ from, answer };
}

static void divide(const struct table *table, bool nested, struct ranges *ranges)
{
	struct range denied[CALLS];
	unsigned n = 0;
	uint32_t next = 0;

	for (unsigned i = 0; i < CALLS; i++) {
		denied[n].answer = nested ? calls[i].nested : calls[i].usual;
		n += denied[n].answer != ALLOW && resolve(table, &calls[i], &denied[n].from);
	}
	qsort(denied, n, sizeof *denied, by_number);
	*ranges = (struct ranges){ .count = 0 };
	for (unsigned i = 0; i < n; next = denied[i++].from + 1) {
		if (denied[i].from > next)
			add(ranges, next, ALLOW);
		add(ranges, denied[i].from, denied[i].answer);
	}
	add(ranges, next, ALLOW);
	if (!table->x32)
		return;
	/* Hardly any kernel has these switched on, and nobody's programs are made for them. */
	add(ranges, X32, DENY_ENOSYS);
	/* No call at all: what a tracer writes there that answers in the kernel's place. */
	add(ranges, UINT32_MAX, ALLOW);
}

/* --- the program --- */

/* A jump leads to another instruction of the table's part, or to an answer's: those stand behind all others. */
struct jump {
	bool is_answer;
	unsigned to;
};

struct part {
	struct sock_filter code[LINES];
	struct jump yes[LINES], no[LINES];
	unsigned search, count; /* how many instructions search, and how many there are */
	unsigned place[ANSWERS];
};

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define JUMP(test, value, yes, no) BPF_JUMP(BPF_JMP | (test) | BPF_K, value, yes, no)

static void put(struct part *part, struct sock_filter instruction)
{
	if (part->count == LINES)
		die("too long for short jumps", "a filter");
	part->code[part->count++] = instruction;
}

static struct jump search(struct part *part, const struct range *range, unsigned n)
{
	unsigned half = n / 2, here = part->count;

	if (n == 1)
		return (struct jump){ true, range->answer };
	put(part, (struct sock_filter)JUMP(BPF_JGE, range[half].from, 0, 0));
	part->no[here] = search(part, range, half);
	part->yes[here] = search(part, range + half, n - half);
	return (struct jump){ false, here };
}

enum { NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
		    CLONE_NEWNET };

/*
 * What is loaded is the low half of the argument: the kernel looks at no more of it in all of these. A filter that
 * compared all of it let TIOCSTI pass with a bit above (CVE-2019-10063). Of clone, the bit of CLONE_NEWTIME is part
 * of a signal.
 */
static const struct condition {
	unsigned offset, test, action, count, value[4];
} conditions[ANSWERS] = {
#define ARGUMENT(n) offsetof(struct seccomp_data, args[n])
	[BY_CLONE] = { ARGUMENT(0), BPF_JSET, EPERM, 1, { NAMESPACES } },
	[BY_UNSHARE] = { ARGUMENT(0), BPF_JSET, EPERM, 1, { NAMESPACES | CLONE_NEWTIME } },
	[BY_IOCTL] = { ARGUMENT(1), BPF_JEQ, EPERM, 2, { TIOCSTI, TIOCLINUX } },
	/*
	 * A virtual machine's way to its host, and those to a modem or between the nodes of a cluster, have addresses
	 * of the whole machine instead of a network namespace's. The kernel's ciphers have been the way to root more
	 * than once. As a kernel without them says it, so that programs do without.
	 */
	[BY_SOCKET] = { ARGUMENT(0), BPF_JEQ, EAFNOSUPPORT, 4, { AF_VSOCK, AF_QIPCRTR, AF_RDS, AF_ALG } },
	/*
	 * Of 32-bit programs; the family is behind a pointer. Let through it would undo the line above for everybody,
	 * since any program may make calls of 32 bits: so it is denied, and the programs that need it go without
	 * sockets.
	 */
	[BY_SOCKETCALL] = { ARGUMENT(0), BPF_JEQ, ENOSYS, 2, { SYS_SOCKET, SYS_SOCKETPAIR } },
#undef ARGUMENT
};

static void put_condition(struct part *part, const struct condition *c)
{
	put(part, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, c->offset));
	for (unsigned i = 0; i < c->count; i++)
		put(part, (struct sock_filter)JUMP(c->test, c->value[i], (uint8_t)(c->count - i), 0));
	put(part, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
	put(part, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | c->action));
}

static void put_answer(struct part *part, enum answer answer)
{
	static const unsigned plain[ANSWERS] = {
		[ALLOW] = SECCOMP_RET_ALLOW,
		[DENY_EPERM] = SECCOMP_RET_ERRNO | EPERM,
		[DENY_ENOSYS] = SECCOMP_RET_ERRNO | ENOSYS,
	};

	part->place[answer] = part->count;
	if (conditions[answer].action != 0)
		put_condition(part, &conditions[answer]);
	else
		put(part, (struct sock_filter)RETURN(plain[answer]));
}

static uint8_t distance(const struct part *part, unsigned here, struct jump jump)
{
	unsigned to = jump.is_answer ? part->place[jump.to] : jump.to;

	return (uint8_t)(to - here - 1); /* less than LINES */
}

static void make_part(const struct table *table, bool nested, struct part *part)
{
	struct ranges ranges;

	divide(table, nested, &ranges);
	*part = (struct part){ .count = 0 };
	put(part, (struct sock_filter)LOAD(nr));
	(void)search(part, ranges.range, ranges.count);
	part->search = part->count;
	for (unsigned i = 0; i < ANSWERS; i++)
		put_answer(part, (enum answer)i);
	for (unsigned i = 1; i < part->search; i++) {
		part->code[i].jt = distance(part, i, part->yes[i]);
		part->code[i].jf = distance(part, i, part->no[i]);
	}
}

/* --- writing it down --- */

static void print(struct sock_filter i)
{
	(void)printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", i.code, i.jt, i.jf, i.k);
}

static void print_filter(const char *name, const char *machine, bool nested)
{
	(void)printf("\nstatic const struct sock_filter %s[] = {\n", name);
	print((struct sock_filter)LOAD(arch));
	for (unsigned t = 0; t < TABLES; t++) {
		struct part part;

		if (strcmp(tables[t].machine, machine) != 0)
			continue;
		make_part(&tables[t], nested, &part);
		print((struct sock_filter)JUMP(BPF_JEQ, tables[t].audit, 1, 0));
		print((struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, part.count));
		for (unsigned i = 0; i < part.count; i++)
			print(part.code[i]);
	}
	/* A table that nobody here has heard of. */
	print((struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS));
	(void)printf("};\n");
}

int main(int argc, char **argv)
{
	bool known = false;

	for (unsigned t = 0; t < TABLES && argc == 2; t++)
		known = known || strcmp(tables[t].machine, argv[1]) == 0;
	if (!known)
		die("which system calls it has is not known", argc == 2 ? argv[1] : "no architecture");
	(void)printf("/* Written by helper/seccomp/generate.c. */\n#ifndef __%s__\n"
		     "#error \"the filters are of another architecture\"\n#endif\n", argv[1]);
	print_filter("filter_default", argv[1], false);
	print_filter("filter_nested", argv[1], true);
	return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : 1;
}
