/* SPDX-License-Identifier: MIT */
/*
 * runs as: root, in the disposable host. What `nsbox-helper open` is measured against: a straight line of the
 * system calls that make the same box, with the same namespaces, mounts, cgroups and init, for a user that is
 * known beforehand; no configuration, no record, no log, and nothing is looked at twice.
 *
 *   bare-open UID SUBID HOME LAYERS INIT    LAYERS has upper and work for the overlay over HOME
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <grp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/box.h"
#include "helper/wire.h"
#include "tests/bench/clock.h"

#define STAGE "/run/nsbox"
#define CGROUPS "/sys/fs/cgroup"

enum { PATIENT = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, COVER = PATIENT | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY };
enum { CGROUP2 = 0x63677270 };

/* A box in the making. */
struct bare {
	uid_t uid, sub;
	const char *home, *layers;
	bool v2;
	int proc, userns, root, init, lease, tether, sync;
	int cgroup[2], procs[2];
};

#define END (const char *)NULL

/* Options in pairs, then END. */
static int new_mount(const char *type, unsigned attributes, ...)
{
	int fs = fsopen(type, FSOPEN_CLOEXEC), mount;
	va_list pairs;

	va_start(pairs, attributes);
	for (const char *key; (key = va_arg(pairs, const char *)) != NULL;)
		must(fsconfig(fs, FSCONFIG_SET_STRING, key, va_arg(pairs, const char *), 0) == 0, key);
	va_end(pairs);
	must(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0, type);
	mount = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	must(mount >= 0, type);
	(void)close(fs);
	return mount;
}

static int clone_mount(int dir, const char *path)
{
	int mount = open_tree(dir, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (*path == '\0' ? AT_EMPTY_PATH : 0));

	must(mount >= 0, path);
	return mount;
}

static void set_mount(int mount, uint64_t attributes, int userns)
{
	struct mount_attr attr = { .attr_set = attributes | (userns >= 0 ? MOUNT_ATTR_IDMAP : 0),
				   .userns_fd = userns >= 0 ? (unsigned)userns : 0 };

	must(mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof attr) == 0, "mount_setattr");
}

static int resolve(int root, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };

	return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

/* Gives the mount away. */
static void attach(int mount, int root, const char *path)
{
	int target = resolve(root, path);

	must(move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0, path);
	(void)close(target);
	(void)close(mount);
}

static int new_file(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	must(fd >= 0 && (*text == '\0' || write(fd, text, strlen(text)) > 0), name);
	return fd;
}

static int new_tmpfs(const struct bare *b, const char *size, const char *mode, unsigned attributes)
{
	char id[12];

	(void)snprintf(id, sizeof id, "%u", b->sub);
	return new_mount("tmpfs", attributes, "size", size, "mode", mode, "uid", id, "gid", id, END);
}

static int wait_to_be_killed(void *unused)
{
	(void)unused;
	return pause();
}

static void write_proc(pid_t pid, const char *file, const char *text)
{
	char path[40];
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	must(write(fd, text, strlen(text)) > 0, path);
	(void)close(fd);
}

static void make_userns(struct bare *b)
{
	static char stack[16384] __attribute__((aligned(16)));
	char map[80], path[40];
	pid_t child;

	must(prctl(PR_SET_SECUREBITS, 1 << 2, 0, 0, 0) == 0, "securebits"); /* no set-user-ID fixup */
	must(setresuid((uid_t)-1, b->sub, (uid_t)-1) == 0, "setresuid");
	child = clone(wait_to_be_killed, stack + sizeof stack, CLONE_NEWUSER | CLONE_VM | SIGCHLD, NULL);
	must(setresuid((uid_t)-1, 0, (uid_t)-1) == 0 && child > 0, "user namespace");
	(void)snprintf(map, sizeof map, "0 %u %u\n%u %u 1\n%u %u %u\n", b->sub, b->uid, b->uid, b->uid, b->uid + 1,
		       b->sub + b->uid + 1, 65535 - b->uid);
	write_proc(child, "uid_map", map);
	write_proc(child, "gid_map", map);
	(void)snprintf(path, sizeof path, "/proc/%d/ns/user", child);
	b->userns = open(path, O_RDONLY | O_CLOEXEC);
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
}

static const char *cgroup_base(const struct bare *b, int i)
{
	static const char *const v1[] = { CGROUPS "/pids/nsbox", CGROUPS "/memory/nsbox" };

	return b->v2 ? CGROUPS "/nsbox" : v1[i];
}

static int cgroup_count(const struct bare *b) { return b->v2 ? 1 : 2; }

/* In v1 through "tasks": moving oneself alone needs no grace period. In v2 the builder is cloned into it. */
static void make_cgroups(struct bare *b)
{
	for (int i = 0; i < cgroup_count(b); i++) {
		int base = open(cgroup_base(b, i), O_RDONLY | O_DIRECTORY | O_CLOEXEC), user;

		must(mkdirat(base, "bare", 0755) == 0, "cgroup");
		user = openat(base, "bare", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		must(mkdirat(user, "1", 0755) == 0, "cgroup");
		b->cgroup[i] = openat(user, "1", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		b->procs[i] = openat(b->cgroup[i], b->v2 ? "cgroup.procs" : "tasks", O_WRONLY | O_CLOEXEC);
		if (!b->v2)
			(void)close(i == 0 ? new_file(user, "pids.max", "4096") :
					     new_file(user, "memory.limit_in_bytes", "-1"));
		(void)close(user);
		(void)close(base);
	}
}

static void make_stage(struct bare *b)
{
	int stage;

	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
	b->root = clone_mount(AT_FDCWD, "/");
	set_mount(b->root, PATIENT | MOUNT_ATTR_RDONLY, b->userns);
	stage = new_mount("tmpfs", 0, "size", "1M", "mode", "0700", END);
	must(mkdirat(stage, "root", 0755) == 0 && mkdirat(stage, "lower", 0755) == 0 &&
	     mkdirat(stage, "files", 0700) == 0 && mkdirat(stage, "files/empty", 0755) == 0, "stage");
	must(move_mount(stage, "", AT_FDCWD, STAGE, MOVE_MOUNT_F_EMPTY_PATH) == 0, STAGE);
	must(move_mount(b->root, "", AT_FDCWD, STAGE "/root", MOVE_MOUNT_F_EMPTY_PATH) == 0, STAGE);
	(void)close(stage);
}

static void make_run(const struct bare *b)
{
	static const char *const directories[] = { "lock", "user", "nsbox", "screen" };
	int run = new_tmpfs(b, "33554432", "0755", PATIENT), tmp = new_tmpfs(b, "536870912", "0755", PATIENT);
	char user[24];

	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
		must(mkdirat(run, directories[i], 0755) == 0, directories[i]);
	(void)snprintf(user, sizeof user, "user/%u", b->uid);
	must(mkdirat(run, user, 0700) == 0 && fchownat(run, user, b->uid, b->uid, 0) == 0, user);
	(void)close(new_file(run, "nsbox/name", "bare-1\n"));
	(void)close(new_file(run, "utmp", ""));
	(void)close(new_file(run, "wtmp", ""));
	attach(run, b->root, "run");
	must(mkdirat(tmp, "tmp", 01777) == 0 && mkdirat(tmp, "var", 01777) == 0, "tmp");
	attach(fcntl(tmp, F_DUPFD_CLOEXEC, 0), b->root, "var/tmp");
	attach(clone_mount(tmp, "tmp"), b->root, "tmp");
	attach(clone_mount(tmp, "var"), b->root, "var/tmp");
	(void)close(tmp);
}

static void make_dev(const struct bare *b)
{
	static const struct { const char *name; unsigned major, minor; } nodes[] = {
		{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
	};
	static const char *const links[][2] = {
		{ "fd", "/proc/self/fd" }, { "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" },
		{ "stderr", "/proc/self/fd/2" }, { "ptmx", "pts/ptmx" },
	};
	int dev = new_tmpfs(b, "1048576", "0755", MOUNT_ATTR_NOSUID);
	char tty[12];

	for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++)
		must(mknodat(dev, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)) == 0, "mknod");
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
		must(symlinkat(links[i][1], dev, links[i][0]) == 0, "symlink");
	must(mkdirat(dev, "pts", 0755) == 0 && mkdirat(dev, "shm", 01777) == 0 && mkdirat(dev, "mqueue", 01777) == 0, "dev");
	attach(fcntl(dev, F_DUPFD_CLOEXEC, 0), b->root, "dev");
	(void)snprintf(tty, sizeof tty, "%u", b->sub + 5);
	attach(new_mount("devpts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, "gid", tty, "mode", "0620", "ptmxmode", "0666", END),
	       dev, "pts");
	attach(new_tmpfs(b, "268435456", "1777", PATIENT), dev, "shm");
	attach(new_mount("mqueue", PATIENT | MOUNT_ATTR_NOEXEC, END), dev, "mqueue");
	set_mount(dev, MOUNT_ATTR_RDONLY, -1);
	(void)close(dev);
}

/* Like inside_cover: what does not exist is passed over. */
static void cover(const struct bare *b, const char *path)
{
	int target = resolve(b->root, path), mount;
	struct stat st;
	char name[80];

	if (target < 0)
		return;
	(void)fstat(target, &st);
	(void)snprintf(name, sizeof name, STAGE "/files/cover%s", strrchr(path, '/') + 1);
	if (S_ISDIR(st.st_mode)) {
		mount = clone_mount(AT_FDCWD, STAGE "/files/empty");
	} else {
		int file = open(name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

		must(fchown(file, st.st_uid, st.st_gid) == 0 && fchmod(file, st.st_mode & 0777) == 0, name);
		mount = clone_mount(file, "");
		(void)close(file);
	}
	set_mount(mount, COVER, -1);
	must(move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0, path);
	(void)close(target);
	(void)close(mount);
}

static void make_proc(const struct bare *b)
{
	static const char *const read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys" };
	int proc = new_mount("proc", PATIENT | MOUNT_ATTR_NOEXEC, END);

	(void)close(new_file(proc, "sys/net/ipv4/ip_unprivileged_port_start", "0"));
	(void)close(new_file(proc, "sys/net/ipv4/ping_group_range", "0 2147483647"));
	attach(proc, b->root, "proc");
	attach(new_mount("sysfs", COVER, END), b->root, "sys");
	for (size_t i = 0; i < sizeof read_only / sizeof read_only[0]; i++) {
		int mount = clone_mount(b->root, read_only[i]);

		set_mount(mount, COVER, -1);
		attach(mount, b->root, read_only[i]);
	}
}

static void hide(const struct bare *b)
{
	static const char *const paths[] = {
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/devices/virtual/powercap", "/sys/firmware", "/etc/shadow", "/etc/gshadow", "/etc/shadow-",
		"/etc/gshadow-", "/etc/security/opasswd", "/root", "/var/lib/nsbox", "/etc/ssh/ssh_host_rsa_key",
		"/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_ed25519_key",
	};

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		cover(b, paths[i]);
}

static void make_etc(const struct bare *b)
{
	static const char *const files[][2] = {
		{ "hostname", "bare\n" }, { "hosts", "127.0.0.1 localhost\n" }, { "resolv.conf", "# none\n" },
	};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char path[64], staged[64];
		int mount;

		(void)snprintf(staged, sizeof staged, STAGE "/files/%s", files[i][0]);
		(void)snprintf(path, sizeof path, "etc/%s", files[i][0]);
		(void)close(new_file(AT_FDCWD, staged, files[i][1]));
		mount = clone_mount(AT_FDCWD, staged);
		set_mount(mount, PATIENT | MOUNT_ATTR_RDONLY, -1);
		attach(mount, b->root, path);
	}
	attach(clone_mount(b->root, "run/wtmp"), b->root, "var/log/wtmp");
}

static void make_home(const struct bare *b)
{
	int lower = clone_mount(AT_FDCWD, b->home), homes, overlay;
	char upper[128], work[128];

	set_mount(lower, PATIENT | MOUNT_ATTR_RDONLY, b->userns);
	must(move_mount(lower, "", AT_FDCWD, STAGE "/lower", MOVE_MOUNT_F_EMPTY_PATH) == 0, "lower");
	(void)close(lower);
	(void)snprintf(upper, sizeof upper, "%s/upper", b->layers);
	(void)snprintf(work, sizeof work, "%s/work", b->layers);
	overlay = new_mount("overlay", PATIENT, "lowerdir", STAGE "/lower", "upperdir", upper, "workdir", work, "index", "on",
			    "redirect_dir", "off", "metacopy", "off", END);
	homes = new_tmpfs(b, "64k", "0755", PATIENT);
	must(mkdirat(homes, strrchr(b->home, '/') + 1, 0755) == 0, "homes");
	set_mount(homes, MOUNT_ATTR_RDONLY, -1);
	attach(homes, b->root, "home");
	attach(overlay, b->root, b->home);
}

static void enter(const struct bare *b)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(sethostname("bare", 4) == 0 && setdomainname("(none)", 6) == 0, "host name");
	must(ioctl(any, SIOCSIFFLAGS, &lo) == 0, "lo");
	(void)close(any);
	must(fchdir(b->root) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 &&
	     chdir("/") == 0, "pivot_root");
}

static void drop(const struct bare *b)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	must(setgroups(0, NULL) == 0 && setns(b->userns, CLONE_NEWUSER) == 0, "enter the user namespace");
	(void)close(new_file(b->proc, "sys/user/max_user_namespaces", "0"));
	for (int c = 0; prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == 0; c++)
		;
	must(setresgid(b->uid, b->uid, b->uid) == 0 && setresuid(b->uid, b->uid, b->uid) == 0, "setresuid");
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && syscall(SYS_capset, &head, none) == 0 &&
	     prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "drop");
}

/* Listens where nobody will come from, as init wants to have it. */
static int new_hops(void)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	must(fd >= 0 && bind(fd, (const struct sockaddr *)&any, sizeof any.sun_family) == 0 && listen(fd, 1) == 0, "hops");
	return fcntl(fd, F_DUPFD_CLOEXEC, 64);
}

static int arrange(const struct bare *b)
{
	int program = fcntl(b->init, F_DUPFD_CLOEXEC, 64), lease = fcntl(b->lease, F_DUPFD_CLOEXEC, 64),
	    tether = fcntl(b->tether, F_DUPFD_CLOEXEC, 64), sync = fcntl(b->sync, F_DUPFD_CLOEXEC, 64),
	    hops = new_hops();

	must(dup2(lease, INIT_LEASE) >= 0 && dup2(tether, INIT_TETHER) >= 0 && dup2(sync, INIT_SYNC) >= 0, "dup2");
	must(dup2(hops, INIT_HOPS) >= 0 && dup2(tether, INIT_NEWS) >= 0 && dup2(program, INIT_PROGRAM) >= 0, "dup2");
	must(close_range(INIT_PROGRAM + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0, "close_range");
	return program;
}

static void become_init(struct bare *b) __attribute__((noreturn));
static void become_init(struct bare *b)
{
	static char *const argv[] = { (char *)"nsbox-init", (char *)"0", (char *)"0", NULL };
	struct answer mounts = { .version = WIRE_VERSION, .kind = ANSWER_BOXED, .fds = 3 };
	struct fail f;
	int fds[3];

	for (int i = 0; !b->v2 && i < cgroup_count(b); i++)
		must(write(b->procs[i], "0", 1) == 1, "cgroup");
	must(unshare(CLONE_NEWCGROUP) == 0, "cgroup namespace");
	make_stage(b);
	/* What the box's root should own is made with its ids, as the tmpfs's are. */
	must((setfsgid(b->sub), setfsuid(b->sub)) >= 0, "setfsuid");
	make_run(b);
	make_dev(b);
	make_proc(b);
	hide(b);
	make_etc(b);
	must((setfsgid(0), setfsuid(0)) >= 0, "setfsuid");
	make_home(b);
	fds[0] = clone_mount(b->root, "dev/pts");
	fds[1] = clone_mount(b->root, "run/utmp");
	fds[2] = clone_mount(b->root, "run/wtmp");
	must(wire_send(b->sync, &mounts, fds, &f) == 0, "report");
	enter(b);
	drop(b);
	(void)execveat(arrange(b), "", argv, (char *const[]){ NULL }, AT_EMPTY_PATH);
	must(0, "nsbox-init");
	_exit(1);
}

static pid_t clone_builder(struct bare *b, int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET,
		.pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD,
	};
	pid_t pid;

	if (b->v2) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)b->cgroup[0];
	}
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		become_init(b);
	must(pid > 0, "clone3");
	return pid;
}

/* After the answer, and so outside of what is measured. */
static void collect(const struct bare *b, int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	(void)poll(&end, 1, -1);
	(void)usleep(2000); /* the kernel empties the cgroup a moment later */
	for (int i = 0; i < cgroup_count(b); i++) {
		char path[64];

		(void)snprintf(path, sizeof path, "%s/bare/1", cgroup_base(b, i));
		for (int n = 0; n < 1000 && rmdir(path) != 0 && errno == EBUSY; n++)
			(void)usleep(1000);
		(void)snprintf(path, sizeof path, "%s/bare", cgroup_base(b, i));
		(void)rmdir(path);
	}
}

/* Makes the box and answers as the helper does. Returns its pidfd. */
static int open_bare(struct bare *b)
{
	struct answer a = { .version = WIRE_VERSION, .kind = ANSWER_BOXED, .box = "bare-1" };
	int lease[2], tether[2], sync[2], fds[WIRE_FDS], pidfd = -1;
	struct fail f;
	char byte;

	make_userns(b);
	make_cgroups(b);
	must(pipe2(lease, O_CLOEXEC | O_NONBLOCK) == 0 && pipe2(tether, O_CLOEXEC | O_NONBLOCK) == 0 &&
	     socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) == 0, "pipes");
	b->lease = lease[0];
	b->tether = tether[1];
	b->sync = sync[1];
	(void)clone_builder(b, &pidfd);
	(void)close(sync[1]);
	(void)close(lease[0]);
	(void)close(tether[1]);
	must(wire_receive(sync[0], INT64_MAX, &(struct answer){ 0 }, fds, &f) == 0, "wait for the builder");
	memmove(&fds[OPEN_DEVPTS], fds, 3 * sizeof *fds);
	must(recv(sync[0], &byte, 1, 0) == 1 && send(sync[0], "g", 1, 0) == 1, "init");
	fds[OPEN_PIDFD] = pidfd;
	fds[OPEN_LEASE] = lease[1];
	fds[OPEN_TETHER] = tether[0];
	for (int i = 0; i < cgroup_count(b); i++)
		fds[OPEN_CGROUP + i] = b->procs[i];
	a.fds = (uint32_t)(OPEN_CGROUP + cgroup_count(b));
	must(wire_send(WIRE_FD, &a, fds, &f) == 0, "answer");
	return pidfd;
}

int main(int argc, char **argv)
{
	struct bare b = { 0 };
	struct statfs fs;
	int pidfd;

	must(argc == 6, "bare-open UID SUBID HOME LAYERS INIT");
	b.uid = (uid_t)strtoul(argv[1], NULL, 10);
	b.sub = (uid_t)strtoul(argv[2], NULL, 10);
	b.home = argv[3];
	b.layers = argv[4];
	b.init = open(argv[5], O_PATH | O_CLOEXEC);
	b.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(b.init >= 0 && b.proc >= 0 && statfs(CGROUPS, &fs) == 0, "start");
	b.v2 = fs.f_type == CGROUP2;
	(void)umask(0);
	pidfd = open_bare(&b);
	if (fork() == 0) {
		int kept = dup2(pidfd, 0);

		(void)close_range(1, ~0U, 0);
		collect(&b, kept);
	}
	return 0;
}
