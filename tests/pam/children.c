/* SPDX-License-Identifier: MIT */
/* runs as: root. What the processes of a login look at, from inside. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmpx.h>

#include "conf/fd.h"
#include "tests/pam/fake_box.h"
#include "tests/pam/login.h"

/* The whole of a small file, "" if there is none. */
static void read_text(const char *path, char *text, size_t size)
{
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, size) < 0)
		text[0] = '\0';
}

pid_t fake_init(void)
{
	char text[32];

	read_text(FAKE_INIT, text, sizeof text);
	return (pid_t)strtol(text, NULL, 10);
}

static bool status_has(const char *line)
{
	char text[8192];

	read_text("/proc/self/status", text, sizeof text);
	return strstr(text, line) != NULL;
}

int count_fds(void)
{
	int n = 0;

	for (int fd = 3; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

void process_is_in_the_box(struct seen *seen)
{
	char map[256];
	unsigned inside = 1, outside = 0;

	read_text("/proc/self/uid_map", map, sizeof map);
	/* The fake box has the host's /proc, where an inside reader sees its own map from its own side. */
	CHECK(seen, sscanf(map, "%u %u", &inside, &outside) == 2 && inside == 0);
	CHECK(seen, getuid() == 0 && geteuid() == 0 && getgid() == 0);
	CHECK(seen, prctl(PR_GET_DUMPABLE) == 0);
	CHECK(seen, status_has("NoNewPrivs:\t1\n"));
	CHECK(seen, status_has("CapBnd:\t0000000000000000\n"));
	CHECK(seen, status_has("CapInh:\t0000000000000000\n"));
	CHECK(seen, status_has("CapAmb:\t0000000000000000\n"));
	CHECK(seen, access("/etc/shadow", R_OK) != 0);
}

void child_is_in_the_box(struct seen *seen)
{
	process_is_in_the_box(seen);
	/* The tether alone is left. */
	CHECK(seen, count_fds() == seen->fds + 1);
	/* As sshd goes on: the user, who cannot come back. */
	CHECK(seen, setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0);
	CHECK(seen, status_has("CapPrm:\t0000000000000000\n") && status_has("CapEff:\t0000000000000000\n"));
	CHECK(seen, setuid(0) != 0);
	/* What it forks is in the box's PID namespace. */
	pid_t pid = fork();

	if (pid == 0)
		_exit(getppid() == 0 ? 0 : 1);
	int status = -1;

	CHECK(seen, waitpid(pid, &status, 0) == pid && status == 0);
}

/* The box's, and no other one besides; sshd goes on under it as ever. */
void child_has_the_filter(struct seen *seen)
{
	CHECK(seen, status_has("Seccomp:\t2\n") && status_has("Seccomp_filters:\t1\n"));
	CHECK(seen, syscall(SYS_keyctl, -1, -1, -1, -1, -1) == -1 && errno == EPERM);
	CHECK(seen, setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0 && setuid(0) != 0);
}

void child_waits(struct seen *seen)
{
	seen->step = 1;
	for (;;)
		(void)pause();
}

/* The child has become nobody the host's root could have meant to kill by name; only the tether can end it. */
void init_dies(struct seen *seen, int child)
{
	(void)child;
	for (int i = 0; seen->step == 0 && i < 500; i++)
		(void)usleep(10000);
	CHECK(seen, seen->step == 1);
	CHECK(seen, fake_init() > 1 && kill(fake_init(), SIGKILL) == 0);
}

void init_is_killed(struct seen *seen)
{
	pid_t pid = fake_init();

	CHECK(seen, pid > 1 && kill(pid, SIGKILL) == 0);
	for (int i = 0; kill(pid, 0) == 0 && i < 300; i++)
		(void)usleep(10000);
}

void monitor_has_the_terminals(struct seen *seen)
{
	char name[64] = "";
	int master = -1, slave = -1;
	struct stat utmp, fake;

	/* The first terminal of a devpts nobody has used. */
	CHECK(seen, openpty(&master, &slave, name, NULL, NULL) == 0 && strcmp(name, "/dev/pts/0") == 0);
	CHECK(seen, ttyname(slave) != NULL && strcmp(ttyname(slave), "/dev/pts/0") == 0);
	(void)close(master);
	(void)close(slave);
	CHECK(seen, stat("/run/utmp", &utmp) == 0 && stat("/run/fake-utmp", &fake) == 0 && utmp.st_ino == fake.st_ino);
	CHECK(seen, stat("/var/log/wtmp", &utmp) == 0 && stat("/run/fake-wtmp", &fake) == 0 && utmp.st_ino == fake.st_ino);
	/* And what the host holds is not lost. */
	CHECK(seen, access("/etc/shadow", R_OK) == 0);
}

/* The record of the test's own host, which the monitor no longer sees: through a process that still does. */
static bool host_record(const char *file, struct utmpx *e, int which)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/proc/%d/root%s", getppid(), file);
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return false;
	/* The last one (-1) or the one at a place. */
	off_t at = which < 0 ? st.st_size - (off_t)sizeof *e : which * (off_t)sizeof *e;

	return at >= 0 && st.st_size % (off_t)sizeof *e == 0 && pread(fd, e, sizeof *e, at) == (ssize_t)sizeof *e;
}

void host_lists_the_login(struct seen *seen, int child)
{
	struct utmpx e = { 0 };
	char line[32];

	(void)child;
	(void)snprintf(line, sizeof line, "ada-1.%d", getpid());
	CHECK(seen, host_record("/run/utmp", &e, 0));
	CHECK(seen, e.ut_type == USER_PROCESS && e.ut_pid == getpid() && e.ut_tv.tv_sec != 0);
	CHECK(seen, strcmp(e.ut_user, "ada") == 0 && strcmp(e.ut_line, line) == 0);
	CHECK(seen, strcmp(e.ut_host, "192.0.2.7") == 0 && memcmp(e.ut_addr_v6, "\xc0\0\2\7", 4) == 0);
	CHECK(seen, host_record("/var/log/wtmp", &e, -1) && e.ut_type == USER_PROCESS && e.ut_pid == getpid());
}

void host_lists_the_logout(struct seen *seen)
{
	struct utmpx e = { 0 };

	CHECK(seen, host_record("/run/utmp", &e, 0) && e.ut_type == DEAD_PROCESS && e.ut_pid == getpid());
	/* A second login took the place of the first. */
	CHECK(seen, !host_record("/run/utmp", &e, 1));
	CHECK(seen, host_record("/var/log/wtmp", &e, -1) && e.ut_type == DEAD_PROCESS && e.ut_pid == getpid());
}

void box_ends(struct seen *seen)
{
	pid_t pid = fake_init();
	char written[8];

	read_text(FAKE_CGROUP, written, sizeof written);
	CHECK(seen, strcmp(written, "0") == 0);
	CHECK(seen, count_fds() == seen->fds);
	CHECK(seen, pid > 1);
	for (int i = 0; kill(pid, 0) == 0 && i < 300; i++)
		(void)usleep(10000);
	CHECK(seen, kill(pid, 0) != 0);
	host_lists_the_logout(seen);
}

/* Names in a directory, without the two dots. */
static int count_names(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	if (d == NULL)
		return -1;
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	(void)closedir(d);
	return n;
}

void child_is_in_the_dead_end(struct seen *seen)
{
	char name[64] = "";
	int master = -1, slave = -1;

	/* sshd's monitor looks its user up; the user nobody knows has no file for that. */
	bool known = access("/etc/passwd", R_OK) == 0;

	CHECK(seen, count_names("/") == (known ? 2 : 1) && count_names("/dev") == 4);
	CHECK(seen, count_names("..") == count_names("/"));
	CHECK(seen, !known || (getpwuid(4711) != NULL && getpwnam("ada") != NULL && getpwnam("daemon") == NULL));
	CHECK(seen, mkdir("/x", 0700) != 0 && errno == EROFS);
	CHECK(seen, open("/dev/null", O_RDWR | O_CLOEXEC) >= 0);
	/* What sshd's monitor does for a child that asked for a terminal. */
	CHECK(seen, openpty(&master, &slave, name, NULL, NULL) == 0 && strcmp(name, "/dev/pts/0") == 0);
	CHECK(seen, ttyname(slave) != NULL && chown(name, 4711, 4711) == 0 && chmod(name, 0600) == 0);
	/* And the child itself, as the user. */
	CHECK(seen, setsid() > 0 && setresgid(4711, 4711, 4711) == 0 && setresuid(4711, 4711, 4711) == 0);
	CHECK(seen, open(name, O_RDWR | O_CLOEXEC) >= 0 && open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0);
	/* Those opened here, and none of the module's. */
	CHECK(seen, count_fds() == seen->fds + 5);
}

void child_sees_the_host(struct seen *seen)
{
	CHECK(seen, getuid() == 0 && access("/etc/shadow", R_OK) == 0);
	CHECK(seen, status_has("NoNewPrivs:\t0\n"));
	CHECK(seen, count_fds() == seen->fds);
}
