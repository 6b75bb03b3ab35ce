/* SPDX-License-Identifier: MIT */
/* runs as: root. The filters as the kernel runs them: each test makes its calls in a process of its own. */
/* First, for its numbers are those of two headers that name them alike. */
#include "tests/hostile/calls.h"

#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include "helper/filter.h"
#include "tests/unit/unit.h"

/* Arguments of which no call can make sense, nor do harm when it is made. */
static int answer_to(const struct table *t, long number)
{
	return (int)-t->make(number, -1, -1, -1);
}

/* What is tested, in a child that has the filter; it prints what is wrong. */
typedef int trial(const struct table *t);

static int attempt(enum filter filter, trial *try, const struct table *t)
{
	struct fail f = { 0 };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || filter_apply(filter, &f) != 0)
			_exit(99);
		_exit(try(t));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int wrong(const struct table *t, const char *what)
{
	print_error("%s: %s\n", t->name, what);
	return 1;
}

static int all_denied(const struct table *t)
{
	for (unsigned i = 0; i < t->count; i++)
		if (answer_to(t, t->calls[i].number) != t->calls[i].answer)
			return wrong(t, t->calls[i].name);
	return 0;
}

/* The kernel's own answer is another one, which shows that it is the filter's elsewhere. */
static int none_denied(const struct table *t)
{
	for (unsigned i = 0; i < t->count; i++) {
		int answer = answer_to(t, t->calls[i].number);

		/* io_uring_disabled and unprivileged programs of old releases aside, root may try all of them. */
		if (answer == EPERM)
			return wrong(t, t->calls[i].name);
	}
	return 0;
}

static int nested_let_through(const struct table *t)
{
	for (unsigned i = 0; i < t->count; i++)
		if ((answer_to(t, t->calls[i].number) == t->calls[i].answer) == t->calls[i].nested)
			return wrong(t, t->calls[i].name);
	return 0;
}

static const unsigned namespaces[] = {
	CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWCGROUP, CLONE_NEWTIME,
};

enum { FLAGS = sizeof namespaces / sizeof *namespaces };

/* CLONE_SIGHAND without CLONE_VM is what no kernel grants. */
static int no_namespaces(const struct table *t)
{
	for (unsigned i = 0; i < FLAGS; i++) {
		long flags = (long)namespaces[i] | CLONE_SIGHAND;
		bool time = namespaces[i] == CLONE_NEWTIME;

		if (t->make(t->unshare, flags, 0, 0) != -EPERM || (!time && t->make(t->clone, flags, 0, 0) != -EPERM) ||
		    (!time && t->make(t->clone, flags | 1L << 40, 0, 0) != -EPERM))
			return wrong(t, "makes a namespace");
	}
	return t->make(t->unshare, CLONE_FS, 0, 0) == 0 && t->make(t->clone, SIGCHLD, 0, 0) > 0 ? 0 : wrong(t, "forks");
}

static int namespaces_let_through(const struct table *t)
{
	for (unsigned i = 0; i < FLAGS; i++) {
		long flags = (long)namespaces[i] | CLONE_SIGHAND;

		if (t->make(t->clone, flags, 0, 0) != -EINVAL || t->make(t->unshare, namespaces[i], 0, 0) == -EPERM)
			return wrong(t, "makes no namespace");
	}
	return 0;
}

static int nothing_typed(const struct table *t)
{
	static const unsigned denied[] = { TIOCSTI, TIOCLINUX };

	for (unsigned i = 0; i < 2; i++)
		for (unsigned bit = 0; bit < 33; bit++)
			if (t->make(t->ioctl, -1, denied[i] | (bit > 0 ? (long)(1UL << (31 + bit)) : 0), 0) != -EPERM)
				return wrong(t, "types");
	return t->make(t->ioctl, -1, TCGETS, 0) == -EBADF ? 0 : wrong(t, "reads no settings");
}

static int few_families(const struct table *t)
{
	static const int denied[] = { AF_VSOCK, AF_QIPCRTR, AF_RDS, AF_ALG };

	/* A family that there is says EPROTONOSUPPORT or ESOCKTNOSUPPORT to a type that there is not. */
	for (unsigned i = 0; i < sizeof denied / sizeof *denied; i++)
		if (t->make(t->socket, denied[i], SOCK_SEQPACKET, 0) != -EAFNOSUPPORT)
			return wrong(t, "makes a socket");
	return t->make(t->socket, AF_UNIX, -1, 0) == -EINVAL ? 0 : wrong(t, "makes no socket");
}

static const struct table host = {
	"native", native, native_calls, sizeof native_calls / sizeof *native_calls,
	NATIVE_CLONE, NATIVE_UNSHARE, NATIVE_IOCTL, NATIVE_SOCKET,
};

#ifdef __x86_64__
static const struct table old = {
	"i386", i386, i386_calls, sizeof i386_calls / sizeof *i386_calls,
	I386_CLONE, I386_UNSHARE, I386_IOCTL, I386_SOCKET,
};
#endif

static void in_each_table(enum filter filter, trial *try)
{
	assert_int_equal(attempt(filter, try, &host), 0);
#ifdef __x86_64__
	if (has_i386())
		assert_int_equal(attempt(filter, try, &old), 0);
#endif
}

static void off__denies_nothing(void **state)
{
	(void)state;
	in_each_table(FILTER_OFF, none_denied);
	in_each_table(FILTER_OFF, namespaces_let_through);
}

static void default__denies_each_call(void **state)
{
	(void)state;
	in_each_table(FILTER_DEFAULT, all_denied);
	in_each_table(FILTER_DEFAULT, no_namespaces);
}

static void nested__lets_containers_through(void **state)
{
	(void)state;
	in_each_table(FILTER_NESTED, nested_let_through);
	in_each_table(FILTER_NESTED, namespaces_let_through);
}

static void arguments__are_judged_by_32_bits(void **state)
{
	(void)state;
	for (int filter = FILTER_DEFAULT; filter < FILTERS; filter++) {
		in_each_table((enum filter)filter, nothing_typed);
		in_each_table((enum filter)filter, few_families);
	}
}

#ifdef __x86_64__
static int none_of_x32(const struct table *t)
{
	for (long number = 0; number < 600; number++)
		if (x32(number, -1, -1, -1) != -ENOSYS)
			return wrong(t, "x32");
	return i386(I386_SOCKETCALL, 1, 0, 0) == -ENOSYS && i386(I386_SOCKETCALL, 2, 0, 0) == -EFAULT ? 0 : 1;
}

static void numbers_of_x32__are_none(void **state)
{
	(void)state;
	for (int filter = FILTER_DEFAULT; filter < FILTERS && has_i386(); filter++)
		assert_int_equal(attempt((enum filter)filter, none_of_x32, &old), 0);
}
#endif

#ifdef __x86_64__
#include <sys/user.h>

/* A tracer that answers in the kernel's place writes -1 for the number. */
static int answered_by_tracer(const struct table *t)
{
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0 || raise(SIGSTOP) != 0)
		return 1;
	return t->make(SYS_getppid, 0, 0, 0) == 4242 ? 0 : 1;
}

/* From stop to stop, until the call comes; then the number is taken away and the answer written. */
static int answer_getppid(pid_t pid)
{
	struct user_regs_struct r = { 0 };
	int status;

	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (ptrace(PTRACE_GETREGS, pid, 0, &r) == 0 && r.orig_rax == SYS_getppid) {
			r.orig_rax = (unsigned long)-1;
			r.rax = 4242;
			(void)ptrace(PTRACE_SETREGS, pid, 0, &r);
		}
		(void)ptrace(PTRACE_SYSCALL, pid, 0, 0);
	}
	return status;
}

static void tracer__may_answer_a_call(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct fail f = { 0 };

		_exit(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter_apply(FILTER_DEFAULT, &f) == 0 ?
			      answered_by_tracer(&host) : 99);
	}
	assert_int_equal(answer_getppid(pid), 0);
}
#endif

static int goes_without(const struct table *t)
{
	(void)t;
	return 0;
}

static void filter__needs_no_new_privs(void **state)
{
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(filter_apply(FILTER_DEFAULT, &f), -1);
	assert_int_equal(f.code, EPERM);
	assert_int_equal(filter_apply(FILTERS, &f), -1);
	assert_int_equal(f.code, EINVAL);
	assert_int_equal(attempt(FILTERS, goes_without, &host), 99 << 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off__denies_nothing),
		cmocka_unit_test(default__denies_each_call),
		cmocka_unit_test(nested__lets_containers_through),
		cmocka_unit_test(arguments__are_judged_by_32_bits),
#ifdef __x86_64__
		cmocka_unit_test(numbers_of_x32__are_none),
		cmocka_unit_test(tracer__may_answer_a_call),
#endif
		cmocka_unit_test(filter__needs_no_new_privs),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
