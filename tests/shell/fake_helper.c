/* SPDX-License-Identifier: MIT */
/* runs as: the user, in tests. Speaks as nsbox-helper does, runs the command with no box around it. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/wire.h"
#include "tests/shell/fake_box.h"

/* The two boxes there are; of bob's, from a helper of a host without controllers, little is known. */
static int list(void)
{
	/* nssh passes the environment on in this form; the test sets it. */
	bool netless = getenv("+NETLESS") != NULL;

	(void)printf("box=ada-1 user=ada pid=17 created=1700000000 service=sshd from=2001:db8::1 network=%s address=%s"
		     " ports=%s", netless ? "none" : "nat", netless ? "-" : "10.189.0.2,fd6e:7362:6f78::2",
		     netless ? "-" : "20000-20009,8080");
	(void)puts(" memory=84934656"
		   " memory_max=2147483648 pids=12 pids_max=4096 cpu_usec=62999999 logins=2 at=1700000600 idle=7199"
		   " state=live new=1");
	(void)puts("box=bob-12 user=bob pid=018 created=1700000060 service=nssh from= state=%22%1B%5Bm%FF");
	return 0;
}

/* Each call is a second after the one before, and what was counted by then differs. Each nssh has two of them. */
static int stat_twice(void)
{
	char name[64];
	bool second;

	(void)snprintf(name, sizeof name, "/tmp/nsbox-test-stat.%d", (int)getppid());
	second = unlink(name) == 0;
	if (!second)
		(void)close(creat(name, 0600));
	(void)puts("level=box box=bob-1 user=bob uid=1002 memory=8 clock_usec=5 new=1");
	(void)puts("level=user user=bob uid=1002 boxes=1 memory=8 pids=3 clock_usec=5");
	(void)printf("level=box box=ada-1 user=ada uid=1001 memory=1048576 cpu_usec=%s clock_usec=%s\n",
		     second ? "1000000" : "1000", second ? "2000000" : "1000000");
	(void)printf("level=box box=ada-2 user=ada uid=1001 memory=2097152 cpu_usec=5 clock_usec=%s\n",
		     second ? "2000000" : "1000000");
	/* A box of this name ended, and there is a new one. */
	(void)printf("level=box box=ada-3 user=ada uid=1001 cpu_usec=%s clock_usec=%s\n", second ? "1" : "1000",
		     second ? "2000000" : "1000000");
	(void)printf("level=user user=ada uid=1001 boxes=3 memory=1932735284 memory_max=2147483648 swap=0 pids=12"
		     " pids_max=4096 cpu_usec=%s cpu_max=150 read_bytes=0 write_bytes=%s cpu_pressure=1.50"
		     " memory_pressure=0.00 io_pressure=12.25 clock_usec=%s\n",
		     second ? "875000" : "0", second ? "1610612736" : "0", second ? "2000000" : "1000000");
	return 0;
}

static int enter(char **argv)
{
	bool outside = strcmp(argv[1], "+") == 0 && getenv("+OUTSIDE") != NULL;

	if (fake_misbehave(WIRE_FD, outside ? "outside-1" : argv[1]))
		return 1;
	if (setenv("FAKE_BOX", argv[1], 1) != 0)
		return 1;
	return fake_enter(WIRE_FD, argv + 3, argv[2][0] - '0');
}

int main(int argc, char **argv)
{
	if (argc > 4 && strcmp(argv[1], "enter") == 0)
		return enter(argv + 2);
	if (argc == 3 && strcmp(argv[1], "list") == 0)
		return list();
	if (argc == 3 && strcmp(argv[1], "stat") == 0)
		return stat_twice();
	if (argc == 2 && strcmp(argv[1], "reload") == 0) {
		(void)fputs("nsbox-helper: /etc/nsbox.conf:3: unknown key colour\n", stderr);
		return 1;
	}
	if (argc == 2 && strcmp(argv[1], "net-up") == 0)
		return 0;
	if (argc == 2 && strcmp(argv[1], "net-down") == 0) {
		(void)fputs("nsbox-helper: ada-1 uses it\n", stderr);
		return 1;
	}
	if (argc == 4 && (strcmp(argv[1], "end") == 0 || strcmp(argv[1], "reset") == 0)) {
		(void)printf("%s %s %s\n", argv[1], argv[2], argv[3]);
		return strcmp(argv[3], "ada-9") == 0 ? 1 : 0;
	}
	return argc == 3 && strcmp(argv[1], "gc") == 0 ? 0 : 2;
}
