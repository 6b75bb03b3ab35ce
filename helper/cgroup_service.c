/* SPDX-License-Identifier: MIT */
/* runs as: root, started by systemd. nsbox.service takes over the cgroup it was given. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/cgroup_base.h"
#include "helper/rundir.h"
#include "places.h"

#define ROOT "/sys/fs/cgroup"

/*
 * The path of the unit's cgroup. systemd runs the commands of a delegated unit that are not its main one in a child
 * of the unit's cgroup called .control.
 */
static int find_unit(char *path, size_t size, struct fail *f)
{
	static const char control[] = "/.control";
	char text[4096];
	OWN_FD int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, sizeof text) < 0)
		return fail(f, errno, "read /proc/self/cgroup");
	if (strncmp(text, "0::/", 4) != 0)
		return fail(f, 0, "this host does not use cgroup version 2 alone");
	text[strcspn(text, "\n")] = '\0';

	char *at = text + strlen("0::");
	size_t length = strlen(at);

	if (length > strlen(control) && strcmp(at + length - strlen(control), control) == 0)
		at[length - strlen(control)] = '\0';
	if (strstr(at, ".service") == NULL)
		return fail(f, 0, "%s is not the cgroup of a service: this is for nsbox.service alone", at);
	if ((size_t)snprintf(path, size, ROOT "%s", at) >= size)
		return fail(f, ENAMETOOLONG, "the cgroup %s", at);
	return 0;
}

/* By systemd's own protocol, sd_notify(3), at its own address: nothing is taken from the environment. */
static int tell_systemd(pid_t keeper, struct fail *f)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/notify" };
	char text[32];
	int length = snprintf(text, sizeof text, "MAINPID=%d", keeper);
	OWN_FD int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (socket_fd < 0 ||
	    sendto(socket_fd, text, (size_t)length, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to) != length)
		return fail(f, errno, "tell systemd the service's main process");
	return 0;
}

/*
 * A process that stays, and is the service's main process from now on. Without one the service would be active with
 * nothing running, and systemd then removes its cgroup.
 */
static int start_keeper(struct fail *f)
{
	char *const argv[] = { (char *)"nsbox-keep", NULL };
	char *const nothing[] = { NULL };
	sigset_t none;
	pid_t keeper = fork();

	if (keeper < 0)
		return fail(f, errno, "fork");
	if (keeper == 0) {
		(void)sigemptyset(&none);
		if (setsid() > 0 && close_range(3, ~0U, 0) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0)
			(void)execve(NSBOX_LIBEXEC "/nsbox-keep", argv, nothing);
		_exit(1);
	}
	if (tell_systemd(keeper, f) == 0)
		return 0;
	(void)kill(keeper, SIGKILL); /* our own child, not yet waited for */
	(void)waitpid(keeper, NULL, 0);
	return -1;
}

/* Atomically, for logins go on meanwhile. */
static int point_to(const char *path, struct fail *f)
{
	OWN_FD int run = directory_of_root(AT_FDCWD, NSBOX_RUN, 0755, true, f);

	if (run < 0)
		return -1;
	if (unlinkat(run, "cgroup.new", 0) != 0 && errno != ENOENT)
		return fail(f, errno, "remove " NSBOX_RUN "/cgroup.new");
	if (symlinkat(path, run, "cgroup.new") != 0 || renameat(run, "cgroup.new", run, "cgroup") != 0)
		return fail(f, errno, "let " NSBOX_RUN "/cgroup point to %s", path);
	return 0;
}

int cgroups_take_over(struct fail *f)
{
	char path[4200];
	struct statfs fs;

	if (statfs(ROOT, &fs) != 0)
		return fail(f, errno, "look at " ROOT);
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return 0; /* with v1 boxes live beside what systemd has, which never touches it */
	if (find_unit(path, sizeof path, f) < 0)
		return -1;

	OWN_FD int unit = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_FD int keeper = unit < 0 ? -1 : cgroups_directory(unit, "keeper", NULL, f);

	if (unit < 0)
		return fail(f, errno, "open %s", path);
	/* A cgroup whose children have controllers must have no processes of its own (cgroup-v2.rst). */
	if (keeper < 0)
		return -1;
	if (cgroups_write(keeper, "cgroup.procs", "0") < 0)
		return fail(f, errno, "enter the cgroup %s/keeper", path);
	if (cgroups_pass_controllers(unit, f) < 0)
		return fail_in(f, "%s", path);
	return point_to(path, f) < 0 ? -1 : start_keeper(f);
}
