/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace. Files that are written for the box. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/inside.h"
#include "helper/mnt.h"
#include "helper/net/network.h"
#include "helper/net/resolv.h"
#include "places.h"

enum { ETC_TEXT = 65536 };

static int write_staged(const char *name, const char *text, struct fail *f)
{
	char path[64];

	(void)snprintf(path, sizeof path, STAGE "/files/%s", name);

	OWN_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		return fail(f, errno, "write the box's /etc/%s", name);
	return mnt_clone(AT_FDCWD, path, f);
}

/* Puts the file over /etc/NAME, wherever in the root that leads. Returns 1, 0 if it leads nowhere, -1. */
static int lay_over(int root, const char *name, const char *text, struct fail *f)
{
	char path[32];
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	(void)snprintf(path, sizeof path, "/etc/%s", name);

	OWN_FD int target = (int)syscall(SYS_openat2, root, path, &how, sizeof how);

	if (target < 0)
		return errno == ENOENT ? 0 : fail(f, errno, "open %s", path);

	OWN_FD int file = write_staged(name, text, f);

	if (file < 0 || mnt_set(file, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, -1, f) < 0)
		return -1;
	if (move_mount(file, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
		return fail(f, errno, "mount at %s", path);
	return 1;
}

/* /etc/resolv.conf is often a link into /run, which is empty in a box: the file is made where it points. */
static int make_linked_resolv(int root, const char *text, struct fail *f)
{
	char link[256], *slash;
	ssize_t n = readlink("/etc/resolv.conf", link, sizeof link - 1);
	const char *below = link;

	if (n < 0)
		return 0; /* the host has none */
	link[n] = '\0';
	if (strncmp(below, "..", 2) == 0)
		below += 2;
	slash = strrchr(link, '/');
	if (strncmp(below, "/run/", 5) != 0 || slash == NULL)
		return 0;
	*slash = '\0';
	if (inside_make_path(root, below + 1, 0755, f) < 0)
		return -1;
	*slash = '/';

	OWN_FD int fd = openat(root, below + 1, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		return fail(f, errno, "write %s", below);
	return 0;
}

/* The box's own names first; then what the host knows of others, without its names for itself. */
static void hosts_text(const struct plan *plan, const char *host, char *text, size_t size)
{
	int used = snprintf(text, size,
			    "127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost ip6-localhost ip6-loopback\n",
			    plan->hostname);

	for (const char *end; (end = strchr(host, '\n')) != NULL; host = end + 1) {
		int n = (int)(end - host) + 1;

		if (strncmp(host, "127.", 4) == 0 || strncmp(host, "::1", 3) == 0 || (size_t)used + (size_t)n >= size)
			continue;
		used += snprintf(text + used, size - (size_t)used, "%.*s", n, host);
	}
}

/* The address at which the box finds a resolver that the host has on its loopback interface, or "". */
static const char *stand_in(const struct plan *plan, char address[INET_ADDRSTRLEN])
{
	const struct policy *policy = plan->policy;

	address[0] = '\0';
	if (policy->network == NETWORK_NAT)
		resolv_gateway(policy->host_ports, policy->subnet, address);
	if (plan->network->dns)
		(void)snprintf(address, INET_ADDRSTRLEN, PASTA_DNS);
	return address;
}

static void reachable_resolv(const struct plan *plan, char *text, size_t size)
{
	char host[RESOLV_TEXT], upstream[RESOLV_TEXT], address[INET_ADDRSTRLEN];

	resolv_read("/etc/resolv.conf", host, sizeof host);
	resolv_read(RESOLV_UPSTREAM, upstream, sizeof upstream);
	(void)resolv_text(host, upstream, stand_in(plan, address), text, size);
}

static void resolv_conf(const struct plan *plan, char *text, size_t size)
{
	switch (plan->policy->network) {
	case NETWORK_NONE:
		(void)snprintf(text, size, "# network = none: there is nobody to ask\n");
		break;
	case NETWORK_HOST:
		resolv_read("/etc/resolv.conf", text, size);
		break;
	case NETWORK_NAT:
	case NETWORK_PASTA:
		reachable_resolv(plan, text, size);
		break;
	}
}

/*
 * newuidmap cannot give a user namespace the owner's ranges, as no program gains a privilege in a box; what finds no
 * range does with the owner's own id.
 */
static int hide_ranges(const struct plan *plan, int root, struct fail *f)
{
	if (!plan->policy->nested)
		return 0;
	return lay_over(root, "subuid", "", f) < 0 || lay_over(root, "subgid", "", f) < 0 ? -1 : 0;
}

int inside_etc(const struct plan *plan, int root, struct fail *f)
{
	char host[ETC_TEXT / 2], text[ETC_TEXT];
	int laid;

	(void)snprintf(text, sizeof text, "%s\n", plan->hostname);
	if (lay_over(root, "hostname", text, f) < 0)
		return -1;
	resolv_read("/etc/hosts", host, sizeof host);
	hosts_text(plan, host, text, sizeof text);
	if (lay_over(root, "hosts", text, f) < 0)
		return -1;
	resolv_conf(plan, text, sizeof text);
	laid = lay_over(root, "resolv.conf", text, f);
	if (laid == 0)
		laid = make_linked_resolv(root, text, f);
	if (laid < 0 || hide_ranges(plan, root, f) < 0)
		return -1;

	/* `last` in the box shows the box's own logins. */
	OWN_FD int wtmp = mnt_clone(root, "run/wtmp", f);

	if (wtmp < 0)
		return -1;
	return mnt_attach(wtmp, root, "/var/log/wtmp", f) < 0 && f->code != ENOENT ? -1 : 0;
}
