/* SPDX-License-Identifier: MIT */
/* runs as: root. The network of a box through pasta(1): its namespaces, and the wait for pasta. */
#include "helper/net/pasta.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/escape.h"
#include "conf/fd.h"
#include "helper/net/pasta_run.h"
#include "helper/userns.h"

/*
 * The owner's id stands for itself, and there is no 0: to that the kernel would give the settings of the network
 * namespace below /proc/sys/net.
 */
int pasta_namespace(int proc, const struct owner *owner, struct pasta *p, struct fail *f)
{
	const struct idmap uids = { .extents = { { owner->uid, owner->uid, 1 } }, .used = 1 };
	const struct idmap gids = { .extents = { { owner->gid, owner->gid, 1 } }, .used = 1 };

	p->userns = userns_make_network(proc, &uids, &gids, &p->netns, f);
	return p->userns < 0 ? fail_in(f, "make a network for pasta") : 0;
}

void pasta_close(struct pasta *p)
{
	fd_close(&p->userns);
	fd_close(&p->netns);
}

/* With v2 it is in the box's cgroup from its beginning, where those who enter a box are (helper/spawn.h). */
static pid_t clone_runner(const struct pasta_box *box, int *pidfd)
{
	const struct cgroup *cgroup = box->cgroup;
	struct clone_args args = {
		.flags = CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	if (box->v2) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)(cgroup->login >= 0 ? cgroup->login : cgroup->directory[0]);
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

/* Lines in one, as far as there is room; not those with which pasta says that syslog does not hear it. */
void pasta_said(char *raw, char *text, size_t size)
{
	size_t used = 0;
	char *rest = raw;

	text[0] = '\0';
	for (const char *line; (line = strsep(&rest, "\n")) != NULL && used + 3 < size;) {
		if (line[0] == '\0' || strstr(line, " bytes to syslog") != NULL)
			continue;
		if (used > 0)
			used += (size_t)snprintf(text + used, size - used, "; ");
		escape_text(text + used, size - used, line);
		used += strlen(text + used);
	}
}

static void read_messages(int from, char *text, size_t size)
{
	char raw[1024];
	ssize_t got = read(from, raw, sizeof raw - 1);

	raw[got > 0 ? got : 0] = '\0';
	pasta_said(raw, text, size);
}

/* As fail(), where the words say it without those for code. */
static int fail_coded(struct fail *f, int code, const char *text)
{
	(void)fail(f, 0, "%s", text);
	f->code = code;
	return -1;
}

static int judge(int status, const char *said, struct fail *f)
{
	static const char no_network[] =
		"The network of boxes does not work on this host; please tell the administrator.";
	int end = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (end == 0)
		return 0;
	if (end == PASTA_PORTS)
		return fail_coded(f, EADDRINUSE, said);
	if (end == PASTA_MISSING)
		(void)fail_coded(f, ENOENT, "network = pasta needs the program pasta (package passt)");
	else
		(void)fail(f, 0, "pasta failed (wait status 0x%x): %s", (unsigned)status, said);
	return fail_plain(f, "%s", no_network);
}

/* The process that was started ends when another one, in the background, has the network ready. */
static int wait_ready(pid_t pid, int pidfd, int messages, int64_t deadline, struct fail *f)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	bool late = poll(&end, 1, deadline_left(deadline)) != 1;
	char said[300];
	int status;

	if (late)
		(void)kill(pid, SIGKILL); /* our own child, not yet waited for */
	if (waitpid(pid, &status, 0) != pid)
		return fail(f, errno, "wait for pasta");
	read_messages(messages, said, sizeof said);
	return late ? fail(f, ETIMEDOUT, "wait for pasta: %s", said) : judge(status, said, f);
}

int pasta_start(const struct pasta *p, const struct pasta_box *box, int64_t deadline, struct fail *f)
{
	OWN_FD int pidfd = -1;
	int ends[2];

	/* Nobody waits for what is said: neither we, nor pasta if it says more than a pipe takes. */
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return fail(f, errno, "make a pipe for pasta");

	OWN_FD int from = ends[0], to = ends[1];
	pid_t pid = clone_runner(box, &pidfd);

	if (pid < 0)
		return cgroup_full(f, "clone the process that becomes pasta");
	if (pid == 0)
		pasta_run(p, box, to);
	fd_close(&to);
	return wait_ready(pid, pidfd, from, deadline, f);
}
