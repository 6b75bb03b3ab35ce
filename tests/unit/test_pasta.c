/* SPDX-License-Identifier: MIT */
/* runs as: root. A box's network through pasta: who has power over it, what does not leave it, and pasta itself. */
#include "tests/unit/child.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <linux/if_tun.h>
#include <linux/nsfs.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "helper/net/no_loopback.h"
#include "helper/net/pasta.h"
#include "helper/net/pasta_run.h"
#include "helper/net/ports_free.h"

enum { ADA = 54321, PATIENCE_MS = 10000 };

static const struct owner ada = { .uid = ADA, .gid = ADA, .name = "ada" };

static struct pasta made(void)
{
	OWN_FD int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct pasta p = PASTA_EMPTY;
	struct fail f = { 0 };

	GOOD(pasta_namespace(proc, &ada, &p, &f));
	return p;
}

/* With the capabilities of root gone, which the making of user namespaces had kept. */
static void become_ada(void)
{
	if (prctl(PR_SET_SECUREBITS, SECUREBITS_DEFAULT) != 0 || setgroups(0, NULL) != 0 || setresgid(ADA, ADA, ADA) != 0 ||
	    setresuid(ADA, ADA, ADA) != 0)
		_exit(99);
}

/* What the child answered. */
static int answer(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* An interface that leads nowhere but to the descriptor returned; -1 if this kernel has none. */
static int make_tap(const char *name, const char *address)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	struct sockaddr_in in = { .sin_family = AF_INET };
	int tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	OWN_FD int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	if (tap < 0 || any < 0 || ioctl(tap, TUNSETIFF, &r) != 0 || inet_pton(AF_INET, address, &in.sin_addr) != 1)
		return -1;
	memcpy(&r.ifr_addr, &in, sizeof in);
	if (ioctl(any, SIOCSIFADDR, &r) != 0)
		return -1;
	r.ifr_flags = IFF_UP;
	return ioctl(any, SIOCSIFFLAGS, &r) == 0 ? tap : -1;
}

static void namespaces__are_of_host_root_and_of_nothing_in_the_box(void **state)
{
	struct pasta p = made();
	struct stat its, ours;
	uid_t owner = ADA;
	OWN_FD int above = ioctl(p.netns, NS_GET_USERNS);

	(void)state;
	assert_int_equal(ioctl(p.userns, NS_GET_OWNER_UID, &owner), 0);
	assert_int_equal(owner, 0);
	assert_int_equal(fstat(above, &its), 0);
	assert_int_equal(fstat(p.userns, &ours), 0);
	assert_int_equal(its.st_ino, ours.st_ino);
	pasta_close(&p);
}

static void owner__cannot_enter_either(void **state)
{
	struct pasta p = made();
	pid_t child = child_start();

	(void)state;
	if (child == 0) {
		become_ada();
		_exit(setns(p.userns, CLONE_NEWUSER) == 0 || setns(p.netns, CLONE_NEWNET) == 0 ? 1 : 0);
	}
	assert_int_equal(answer(child), 0);
	pasta_close(&p);
}

static void descriptors__are_closed_again(void **state)
{
	int before = count_fds();
	struct pasta p = made();

	(void)state;
	assert_int_equal(count_fds(), before + 2);
	pasta_close(&p);
	assert_int_equal(count_fds(), before);
}

/* errno of a datagram for the address out of tap0, 0 if it was sent. */
static int send_out(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	OWN_FD int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "tap0", 4) != 0 ||
	    inet_pton(AF_INET, address, &to.sin_addr) != 1)
		return 98;
	return sendto(s, "x", 1, 0, (const struct sockaddr *)&to, sizeof to) == 1 ? 0 : errno;
}

static void packet_for_loopback__does_not_leave_the_box(void **state)
{
	struct pasta p = made();
	struct fail f = { 0 };
	pid_t child;

	(void)state;
	GOOD(no_loopback(p.netns, &f));
	GOOD(no_loopback(p.netns, &f)); /* a second time is no error */
	child = child_start();
	if (child == 0) {
		if (setns(p.netns, CLONE_NEWNET) != 0 || make_tap("tap0", "192.0.2.1") < 0)
			_exit(97);
		become_ada();
		_exit(send_out("127.0.0.1") != EPERM ? 1 : send_out("127.1.2.3") != EPERM ? 2 : send_out("192.0.2.9"));
	}
	assert_int_equal(answer(child), 0);
	pasta_close(&p);
}

static int judged(const char *ports)
{
	struct fail f = { 0 };

	return ports_free(ports, &f) == 0 ? 0 : f.code;
}

static int taken(int type, uint16_t port)
{
	const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int s = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(s, (const struct sockaddr *)&any, sizeof any), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(s, 1), 0);
	return s;
}

static void ports__are_free_or_said_not_to_be(void **state)
{
	(void)state;
	assert_int_equal(judged("20000-20009,8080"), 0);

	int tcp = taken(SOCK_STREAM, 20009), udp = taken(SOCK_DGRAM, 8080);

	assert_int_equal(judged("20000-20008,8081"), 0);
	assert_int_equal(judged("20000-20009"), EADDRINUSE);
	assert_int_equal(judged("8079-8081"), EADDRINUSE);
	fd_close(&tcp);
	fd_close(&udp);
	assert_int_equal(judged("20000-20009,8080"), 0);
}

static void ports__below_1024_are_not_the_owner_s(void **state)
{
	pid_t child = child_start();

	(void)state;
	if (child == 0) {
		become_ada();
		_exit(judged("2000,80"));
	}
	assert_int_equal(answer(child), EACCES);
}

static void ports__that_make_no_sense_are_refused(void **state)
{
	static const char *const bad[] = { "0", "70000", "9-8", "a", "80x", "80 81", "1-2-3" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(judged(bad[i]), EINVAL);
}

static void what_pasta_said__is_one_line(void **state)
{
	char raw[] = "Failed to send 45 bytes to syslog\nNo route\n\nFailed to send 45 bytes to syslog\n\033[1mbad\n";
	char text[64], little[12];

	(void)state;
	pasta_said(raw, text, sizeof text);
	assert_string_equal(text, "No route; \\x1b[1mbad");

	char again[] = "a line\nanother line\n";

	pasta_said(again, little, sizeof little);
	assert_string_equal(little, "a line; ano");
}

static bool has_interface(int netns, const char *name)
{
	pid_t child = child_start();

	if (child == 0)
		_exit(setns(netns, CLONE_NEWNET) == 0 && if_nametoindex(name) != 0 ? 0 : 1);
	return answer(child) == 0;
}

static int add_default_route(const char *gateway)
{
	struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY };
	struct sockaddr_in in = { .sin_family = AF_INET };
	OWN_FD int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	route.rt_dst.sa_family = route.rt_genmask.sa_family = AF_INET;
	if (inet_pton(AF_INET, gateway, &in.sin_addr) != 1)
		return -1;
	memcpy(&route.rt_gateway, &in, sizeof in);
	return ioctl(any, SIOCADDRT, &route);
}

/* The one process that has become our child without being started by us: see main(). */
static void end_pasta(uid_t *uid)
{
	char path[64], text[32] = "";
	struct stat st;

	(void)snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());

	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && read(fd, text, sizeof text - 1) > 0);

	pid_t pid = atoi(text);

	(void)snprintf(path, sizeof path, "/proc/%d/status", pid);
	assert_int_equal(stat(path, &st), 0);

	FILE *status = fopen(path, "re");
	char line[128];

	assert_non_null(status);
	while (fgets(line, sizeof line, status) != NULL && sscanf(line, "Uid: %u", uid) != 1)
		;
	(void)fclose(status);
	child_end(pid, true);
}

static void pasta__makes_the_network_as_the_owner(void **state)
{
	struct cgroup none = CGROUP_EMPTY;
	const struct pasta_box box = { .owner = &ada, .cgroup = &none, .ports = "20000-20009" };
	OWN_FD int uplink = make_tap("up0", "192.0.2.2");
	struct fail f = { 0 };
	uid_t uid = 0;

	(void)state;
	if (uplink < 0 || access("/usr/bin/passt", X_OK) != 0)
		skip();
	assert_int_equal(add_default_route("192.0.2.1"), 0);

	struct pasta p = made(), second = made();

	GOOD(pasta_start(&p, &box, clock_ms() + PATIENCE_MS, &f));
	assert_true(has_interface(p.netns, "eth0"));
	/* Another box of hers: the ports are the first one's. */
	assert_int_equal(pasta_start(&second, &box, clock_ms() + PATIENCE_MS, &f), -1);
	assert_int_equal(f.code, EADDRINUSE);
	end_pasta(&uid);
	assert_int_equal(uid, ADA);
	pasta_close(&p);
	pasta_close(&second);
}

/* A network of our own, and a /dev/net/tun that is open to all as udev leaves it. */
static int be_alone(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return -1;
	if (mkdir("/dev/net", 0755) != 0 && errno != EEXIST)
		return -1;
	if (mount("tmpfs", "/dev/net", "tmpfs", 0, "mode=755") != 0 ||
	    mknod("/dev/net/tun", S_IFCHR, makedev(10, 200)) != 0)
		return -1;
	return chmod("/dev/net/tun", 0666);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(namespaces__are_of_host_root_and_of_nothing_in_the_box),
		cmocka_unit_test(owner__cannot_enter_either),
		cmocka_unit_test(descriptors__are_closed_again),
		cmocka_unit_test(packet_for_loopback__does_not_leave_the_box),
		cmocka_unit_test(ports__are_free_or_said_not_to_be),
		cmocka_unit_test(ports__below_1024_are_not_the_owner_s),
		cmocka_unit_test(ports__that_make_no_sense_are_refused),
		cmocka_unit_test(what_pasta_said__is_one_line),
		cmocka_unit_test(pasta__makes_the_network_as_the_owner),
	};

	if (not_root())
		return 0;
	if (be_alone() != 0) {
		perror("test_pasta: a network of its own");
		return 1;
	}
	return cmocka_run_group_tests_name("pasta", tests, NULL, NULL);
}
