/* SPDX-License-Identifier: MIT */
/*
 * runs as: a user, in a box, in tests. Makes system calls that lead out of a box, or change the host, where they are
 * let: prints a line for each with its name and what came of it, the name of an error or "done".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void said(const char *name, long got)
{
	(void)printf("%s %s\n", name, got >= 0 ? "done" : strerrorname_np(errno));
	(void)fflush(stdout);
}

/* In a child: what is done there is its own affair. */
static void in_child(const char *name, long (*call)(void))
{
	pid_t child = fork();

	if (child == 0) {
		said(name, call());
		_exit(0);
	}
	(void)waitpid(child, NULL, 0);
}

/* The root directory of an ext4 has inode 2: a handle made by hand says so, without any directory on the way. */
static long shocker(void)
{
	struct {
		struct file_handle head;
		uint32_t inode[2];
	} h = { .head = { .handle_bytes = 8, .handle_type = 1 }, .inode = { 2, 0 } };
	int here = open("/", O_RDONLY | O_DIRECTORY);

	return open_by_handle_at(here, &h.head, O_RDONLY);
}

static long mount_proc(void)
{
	return mount("proc", "/proc", "proc", 0, NULL);
}

static long bind_over(void)
{
	return mount("/tmp", "/dev/pts", NULL, MS_BIND, NULL);
}

static long unmount_proc(void)
{
	return umount2("/proc/sys", MNT_DETACH);
}

static long remount_root(void)
{
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static long new_user(void)
{
	return unshare(CLONE_NEWUSER);
}

static long new_mount(void)
{
	return unshare(CLONE_NEWNS);
}

static long enter_init(void)
{
	return setns((int)syscall(SYS_pidfd_open, 1, 0), CLONE_NEWNS | CLONE_NEWUSER);
}

static long trace_init(void)
{
	return ptrace(PTRACE_SEIZE, 1, NULL, NULL);
}

static long change_root(void)
{
	return chroot("/tmp");
}

static long pivot(void)
{
	return syscall(SYS_pivot_root, ".", ".");
}

static long node(void)
{
	return mknod("/tmp/disk", S_IFBLK | 0666, makedev(8, 0));
}

static long packet(void)
{
	return socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
}

static long raw(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
}

static long host_name(void)
{
	return sethostname("mine", 4);
}

static long clock_set(void)
{
	const struct timeval t = { .tv_sec = 1 };

	return settimeofday(&t, NULL);
}

static long module(void)
{
	return syscall(SYS_init_module, "", 0, "");
}

static long kexec(void)
{
	return syscall(SYS_kexec_load, 0, 0, NULL, 0);
}

static long restart(void)
{
	return reboot(RB_DISABLE_CAD);
}

static long swap(void)
{
	return swapon("/tmp/swap", 0);
}

static long file_system(void)
{
	return syscall(SYS_fsopen, "ext4", 0);
}

/* To all keyrings that processes have without asking: of the process, of the session, of the user. */
static long key_add(void)
{
	for (int ring = KEY_SPEC_USER_SESSION_KEYRING; ring <= KEY_SPEC_SESSION_KEYRING; ring++)
		if (syscall(SYS_add_key, "user", "nsbox-secret", "text", 4, ring) < 0)
			return -1;
	return 0;
}

static long key_find(void)
{
	for (int ring = KEY_SPEC_USER_SESSION_KEYRING; ring <= KEY_SPEC_SESSION_KEYRING; ring++)
		if (syscall(SYS_keyctl, KEYCTL_SEARCH, ring, "user", "nsbox-secret", 0) >= 0)
			return 0;
	return -1;
}

static long ports(void)
{
	return syscall(SYS_ioperm, 0x70, 2, 1);
}

static long fanotify(void)
{
	return syscall(SYS_fanotify_init, 0x0c, O_RDONLY);
}

static long priority(void)
{
	const struct sched_param p = { .sched_priority = 99 };

	return sched_setscheduler(0, SCHED_FIFO, &p);
}

static long groups_shed(void)
{
	return syscall(SYS_setgroups, 0, NULL);
}

static long root_become(void)
{
	return setresuid(0, 0, 0);
}

static const struct {
	const char *name;
	long (*call)(void);
} calls[] = {
	{ "shocker", shocker }, { "mount_proc", mount_proc }, { "bind_over", bind_over },
	{ "unmount_proc", unmount_proc }, { "remount_root", remount_root }, { "new_user", new_user },
	{ "new_mount", new_mount }, { "enter_init", enter_init }, { "trace_init", trace_init },
	{ "change_root", change_root }, { "pivot", pivot }, { "node", node }, { "packet", packet },
	{ "raw", raw }, { "host_name", host_name }, { "clock_set", clock_set }, { "module", module },
	{ "kexec", kexec }, { "restart", restart }, { "swap", swap }, { "file_system", file_system },
	{ "key_add", key_add }, { "key_find", key_find }, { "ports", ports }, { "fanotify", fanotify },
	{ "priority", priority }, { "groups_shed", groups_shed }, { "root_become", root_become },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (argc < 2 || strcmp(argv[1], calls[i].name) == 0)
			in_child(calls[i].name, calls[i].call);
	return 0;
}
