/* SPDX-License-Identifier: MIT */
/* runs as: root, in the box's own mount namespace. Host directories that stay shared. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/inside.h"
#include "helper/mnt.h"

/*
 * Read-write binds are not idmapped: the owner's ids are themselves on both sides, and everybody else's have
 * no name in the box (they show as nobody). What the box's root would write there belongs to its
 * subordinate id on the host, never to root: no set-user-ID file of root's can be made through a bind.
 * Read-only ones show every owner.
 */
static int bind(const struct plan *plan, int root, const char *path, bool writable, struct fail *f)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
	OWN_FD int source = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
	const char *key = writable ? "bind" : "bind_ro";
	uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (writable ? 0 : MOUNT_ATTR_RDONLY);

	if (source < 0)
		return fail(f, errno, "%s = %s (symbolic links are not followed)", key, path);
	if (!writable && inside_holds(plan, key, path, f) < 0)
		return -1;

	OWN_FD int mount = mnt_clone(source, "", f);

	if (mount < 0)
		return fail_in(f, "%s = %s", key, path);
	if (mnt_set(mount, attributes, writable ? -1 : plan->userns, f) < 0 &&
	    (writable || (f->code != EINVAL && f->code != EOPNOTSUPP) || mnt_set(mount, attributes, -1, f) < 0))
		return fail_in(f, "%s = %s", key, path);
	if (mnt_attach(mount, root, path, f) < 0)
		return fail_in(f, "%s = %s", key, path);
	return 0;
}

struct shared {
	const char *path;
	bool writable;
};

static size_t put(struct shared *list, size_t used, char *const *paths, bool writable)
{
	for (; *paths != NULL; paths++)
		list[used++] = (struct shared){ *paths, writable };
	return used;
}

static size_t count(char *const *paths)
{
	size_t n = 0;

	while (paths[n] != NULL)
		n++;
	return n;
}

static int by_length(const void *a, const void *b)
{
	size_t x = strlen(((const struct shared *)a)->path), y = strlen(((const struct shared *)b)->path);

	return x < y ? -1 : x > y;
}

/* What lies below a directory has a longer path than that: attached in this order, none covers another. */
int inside_binds(const struct plan *plan, int root, struct fail *f)
{
	char *const *writable = plan->policy->bind, *const *readable = plan->policy->bind_ro;
	size_t n = count(writable) + count(readable);
	struct shared *list = calloc(n + 1, sizeof *list);
	int done = 0;

	if (list == NULL)
		return fail(f, errno, "list what is shared");
	(void)put(list, put(list, 0, writable, true), readable, false);
	qsort(list, n, sizeof *list, by_length);
	for (size_t i = 0; done == 0 && i < n; i++)
		done = bind(plan, root, list[i].path, list[i].writable, f);
	free(list);
	return done;
}
