/* SPDX-License-Identifier: MIT */
/* runs as: a user, in tests. What a caller may have set up before it executes a program. */
#include "tests/hostile/conditions.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* What older headers do not have. */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif

/* --- limits, signals, timers ---------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int number;
} limits[] = {
	{ "fsize", RLIMIT_FSIZE }, { "nofile", RLIMIT_NOFILE }, { "as", RLIMIT_AS }, { "nproc", RLIMIT_NPROC },
	{ "core", RLIMIT_CORE }, { "stack", RLIMIT_STACK }, { "data", RLIMIT_DATA }, { "cpu", RLIMIT_CPU },
	{ "memlock", RLIMIT_MEMLOCK }, { "sigpending", RLIMIT_SIGPENDING }, { "msgqueue", RLIMIT_MSGQUEUE },
	{ "rttime", RLIMIT_RTTIME }, { "locks", RLIMIT_LOCKS },
};

/* limit=NAME:NUMBER, for good */
static int set_limit(const char *value)
{
	rlim_t most = (rlim_t)strtoull(strchr(value, ':') + 1, NULL, 10);
	const struct rlimit l = { most, most };

	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (strncmp(value, limits[i].name, strcspn(value, ":")) == 0)
			return setrlimit((__rlimit_resource_t)limits[i].number, &l);
	errno = EINVAL;
	return -1;
}

static int set_signals(const char *value)
{
	sigset_t all;

	(void)value;
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_IGN);
	(void)sigfillset(&all);
	return sigprocmask(SIG_SETMASK, &all, NULL);
}

/* Signals that wait already when the program begins. */
static int set_pending(const char *value)
{
	if (set_signals(value) != 0)
		return -1;
	for (int s = 1; s < NSIG; s++)
		/* 32 and 33 are the C library's, which lets nobody block them. */
		if (s != SIGKILL && s != SIGSTOP && (s < 32 || s > 33)) {
			(void)signal(s, SIG_DFL);
			(void)kill(getpid(), s);
		}
	return 0;
}

static int set_timers(const char *microseconds)
{
	const struct itimerval soon = {
		.it_value = { .tv_usec = atoi(microseconds) }, .it_interval = { .tv_usec = 1 },
	};

	return setitimer(ITIMER_REAL, &soon, NULL) | setitimer(ITIMER_VIRTUAL, &soon, NULL) |
	       setitimer(ITIMER_PROF, &soon, NULL);
}

/* --- the process itself --------------------------------------------------------------------------------- */

/* prctl=NUMBER:VALUE; what this kernel does not know is no condition */
static int set_prctl(const char *value)
{
	unsigned long word = strtoul(strchr(value, ':') + 1, NULL, 10);

	return prctl(atoi(value), word, 0, 0, 0) == 0 || errno == EINVAL ? 0 : -1;
}

static int set_nnp(const char *value)
{
	(void)value;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* These calls seem to succeed and do nothing. Without privilege a filter needs no_new_privs (seccomp(2)). */
static int set_seccomp(const char *value)
{
	static struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setresuid, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setgroups, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_capset, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
	};
	struct sock_fprog program = { sizeof steps / sizeof steps[0], steps };

	return set_nnp(value) != 0 ? -1 : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int set_low(const char *value)
{
	const struct sched_param none = { 0 };
	cpu_set_t one;
	int file = open("/proc/self/oom_score_adj", O_WRONLY);

	(void)value;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	return file < 0 || write(file, "1000", 4) != 4 || close(file) != 0 || setpriority(PRIO_PROCESS, 0, 19) != 0 ||
	       sched_setaffinity(0, sizeof one, &one) != 0 || sched_setscheduler(0, SCHED_IDLE, &none) != 0 ||
	       syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)) != 0 ? -1 : 0;
}

static int sleep_long(void *unused)
{
	(void)unused;
	return (int)sleep(2);
}

/* Another process has the same directory and umask, and could change them meanwhile. */
static int set_shared(const char *value)
{
	static char stack[65536] __attribute__((aligned(16)));

	(void)value;
	return clone(sleep_long, stack + sizeof stack, CLONE_FS | CLONE_VM, NULL) > 0 ? 0 : -1;
}

/* One that has ended and is not waited for, and one that lives. */
static int set_children(const char *value)
{
	(void)value;
	for (unsigned i = 0; i < 2; i++)
		if (fork() == 0) {
			(void)close_range(0, ~0U, 0);
			(void)sleep(i);
			_exit(7);
		}
	return 0;
}

static int set_umask(const char *value)
{
	(void)umask((mode_t)strtoul(value, NULL, 8));
	return 0;
}

static int set_directory(const char *value)
{
	char name[] = "/tmp/hostile.XXXXXX";

	if (mkdtemp(name) == NULL || chdir(name) != 0)
		return -1;
	return strcmp(value, "deleted") == 0 ? rmdir(name) : chmod(name, 0);
}

/* environ=NUMBER: so many kilobytes of variables meant for the command */
static int set_environ(const char *value)
{
	for (int i = 0; i < atoi(value); i++) {
		char text[1100];

		(void)snprintf(text, sizeof text, "+V%d=%01000d", i, i);
		if (putenv(strdup(text)) != 0)
			return -1;
	}
	return 0;
}

static int set_variable(const char *value)
{
	return putenv(strdup(value));
}

static const struct {
	const char *name;
	int (*set)(const char *value);
} conditions[] = {
	{ "fd", descriptors_put }, { "closed", descriptors_close }, { "many", descriptors_fill },
	{ "limit", set_limit },
	{ "signals", set_signals }, { "pending", set_pending }, { "timers", set_timers }, { "prctl", set_prctl },
	{ "nnp", set_nnp }, { "seccomp", set_seccomp }, { "low", set_low }, { "shared", set_shared },
	{ "umask", set_umask }, { "directory", set_directory }, { "environ", set_environ }, { "env", set_variable },
	{ "children", set_children },
};

int condition_set(const char *word, struct wishes *w)
{
	size_t n = strcspn(word, "=");

	w->no_words = w->no_words || strcmp(word, "argc0") == 0;
	w->traced = w->traced || strcmp(word, "traced") == 0;
	w->wire = w->wire || strcmp(word, "wire") == 0;
	if (strcmp(word, "argc0") == 0 || strcmp(word, "traced") == 0 || strcmp(word, "wire") == 0)
		return 0;
	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
		if (strlen(conditions[i].name) == n && strncmp(word, conditions[i].name, n) == 0)
			return conditions[i].set(word[n] == '=' ? word + n + 1 : "");
	errno = EINVAL;
	return -1;
}
