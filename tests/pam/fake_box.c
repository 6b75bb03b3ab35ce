/* SPDX-License-Identifier: MIT */
/* runs as: root, in the stand-in for the helper. A box with nothing in it but the namespaces. */
#include "tests/pam/fake_box.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"

/* One descriptor of each pipe is init's, the other the answer's. */
struct pipes {
	int lease[2];
	int tether[2];
};

/* Lives while somebody holds the lease; its tether end goes with it. */
static void init(const struct pipes *p)
{
	char byte;

	(void)close(p->lease[1]);
	(void)close(p->tether[0]);
	(void)close(WIRE_FD);
	if (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0)
		_exit(1);
	while (read(p->lease[0], &byte, 1) > 0)
		continue;
	_exit(0);
}

/* As pid 1 of new namespaces of all seven kinds. */
static pid_t fork_init(const struct pipes *p)
{
	unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
			      CLONE_NEWCGROUP | SIGCHLD;
	int go[2];
	char byte;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) != 0)
		return -1;
	/* No stack: as fork. All but the first two arguments are for threads. */
	pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		(void)close(go[1]);
		if (read(go[0], &byte, 1) == 1)
			init(p);
		_exit(1);
	}
	(void)close(go[0]);
	for (int i = 0; pid > 0 && i < 2; i++) {
		char path[64];

		(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, i == 0 ? "uid_map" : "gid_map");
		OWN_FD int map = open(path, O_WRONLY | O_CLOEXEC);

		if (dprintf(map, "0 %d 65536\n", FAKE_BASE) < 0)
			return -1;
	}
	if (write(go[1], "g", 1) != 1)
		return -1;
	return pid;
}

static int new_devpts(void)
{
	OWN_FD int fs = fsopen("devpts", FSOPEN_CLOEXEC);

	(void)fsconfig(fs, FSCONFIG_SET_STRING, "ptmxmode", "0666", 0);
	(void)fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return fsmount(fs, FSMOUNT_CLOEXEC, 0);
}

static int new_file(const char *path)
{
	(void)close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	return open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static void note_init(pid_t pid)
{
	FILE *file = fopen(FAKE_INIT, "we");

	if (file == NULL)
		return;
	(void)fprintf(file, "%d\n", pid);
	(void)fclose(file);
}

int fake_box(bool dead, enum filter filter)
{
	struct answer a = { .version = WIRE_VERSION, .kind = ANSWER_BOXED, .fds = OPEN_CGROUP + 1, .box = "ada-1",
			    .filter = filter, .ports = FAKE_PORTS };
	struct fail f = { 0 };
	struct pipes p;
	int fds[WIRE_FDS];
	pid_t pid;

	if (pipe2(p.lease, O_CLOEXEC) != 0 || pipe2(p.tether, O_CLOEXEC) != 0)
		return -1;
	pid = fork_init(&p);
	if (pid < 0)
		return -1;
	note_init(pid);
	fds[OPEN_PIDFD] = pidfd_open(pid, 0);
	fds[OPEN_LEASE] = p.lease[1];
	fds[OPEN_TETHER] = p.tether[0];
	fds[OPEN_DEVPTS] = new_devpts();
	fds[OPEN_UTMP] = new_file("/run/fake-utmp");
	fds[OPEN_WTMP] = new_file("/run/fake-wtmp");
	fds[OPEN_CGROUP] = open(FAKE_CGROUP, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (dead && (kill(pid, SIGKILL) != 0 || waitpid(pid, NULL, 0) != pid))
		return -1;
	return wire_send(WIRE_FD, &a, fds, &f);
}
