/* SPDX-License-Identifier: MIT */
/* runs as: root. The user namespace of a box, made by a process that lives just long enough. */
#include "helper/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"

/*
 * All signals are blocked in the helper, so pause ends with SIGKILL only. Tied to the worker: nobody else knows of
 * this process, and a worker that is killed before it has done with it would leave it for ever.
 */
static int wait_to_be_killed(void *worker)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != *(const pid_t *)worker)
		return 1;
	while (pause() < 0)
		;
	return 0;
}

/*
 * The namespace's owner is the effective uid of the process that clones. With SECBIT_NO_SETUID_FIXUP the
 * change of uid and back leaves the capabilities alone (capabilities(7)).
 * The child shares our memory (CLONE_VM): it uses only its own stack, and copying page tables would be the
 * dearest part of it.
 */
static pid_t clone_as(uint32_t uid, uint32_t gid, int flags, struct fail *f)
{
	static char stack[16384] __attribute__((aligned(16))); /* outlives this function, as the child does */
	static pid_t worker;
	pid_t child = -1;
	int code = 0;

	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) != 0)
		return fail(f, errno, "set securebits");
	if (setresgid((gid_t)-1, gid, (gid_t)-1) != 0 || setresuid((uid_t)-1, uid, (uid_t)-1) != 0) {
		code = errno;
	} else {
		worker = getpid();
		child = clone(wait_to_be_killed, stack + sizeof stack, CLONE_NEWUSER | CLONE_VM | SIGCHLD | flags,
			      &worker);
		code = errno;
	}
	return child < 0 ? fail(f, code, "make a user namespace") : child;
}

static int become_root_again(struct fail *f)
{
	if (setresuid((uid_t)-1, 0, (uid_t)-1) != 0 || setresgid((gid_t)-1, 0, (gid_t)-1) != 0)
		return fail(f, errno, "become root again");
	/* Each change of ids has cleared the worker's tie to the helper (prctl(2)) and its being non-dumpable. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return fail(f, errno, "tie the worker to the helper again");
	return 0;
}

static pid_t clone_owned(uint32_t uid, uint32_t gid, int flags, struct fail *f)
{
	struct fail ignored;
	pid_t child = clone_as(uid, gid, flags, f);

	/* The first failure is told. */
	if (become_root_again(child < 0 ? &ignored : f) == 0)
		return child;
	if (child > 0) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
	}
	return -1;
}

static int write_map(int proc, pid_t child, const char *file, const struct idmap *map, struct fail *f)
{
	char path[32], text[IDMAP_TEXT];
	int size = idmap_text(map, text, sizeof text, f);

	if (size < 0)
		return -1;
	(void)snprintf(path, sizeof path, "%d/%s", child, file);

	OWN_FD int fd = openat(proc, path, O_WRONLY | O_CLOEXEC);

	/* One write: the kernel takes a map only whole (user_namespaces(7)). */
	if (fd < 0 || write(fd, text, (size_t)size) != size)
		return fail(f, errno, "write %s", file);
	return 0;
}

static int open_namespace(int proc, pid_t child, const char *name, struct fail *f)
{
	char path[32];

	(void)snprintf(path, sizeof path, "%d/ns/%s", child, name);

	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? fail(f, errno, "open the namespace %s", name) : fd;
}

static int describe(int proc, pid_t child, const struct idmap *uids, const struct idmap *gids, int *netns,
		    struct fail *f)
{
	if (write_map(proc, child, "uid_map", uids, f) < 0 || write_map(proc, child, "gid_map", gids, f) < 0)
		return -1;

	OWN_FD int net = netns != NULL ? open_namespace(proc, child, "net", f) : -1;

	if (netns != NULL && net < 0)
		return -1;

	int user = open_namespace(proc, child, "user", f);

	if (user >= 0 && netns != NULL)
		*netns = fd_give(&net);
	return user;
}

/* Sees the child through its short life: it is what the namespaces hang on until they are open. */
static int finish(int proc, pid_t child, const struct idmap *uids, const struct idmap *gids, int *netns,
		  struct fail *f)
{
	if (child < 0)
		return -1;

	int fd = describe(proc, child, uids, gids, netns, f);

	(void)kill(child, SIGKILL);
	if (waitpid(child, NULL, 0) != child) {
		int code = errno;

		fd_close(&fd);
		return fail(f, code, "end the maker of the user namespace");
	}
	return fd;
}

int userns_make(int proc, const struct idmap *uids, const struct idmap *gids, struct fail *f)
{
	pid_t child = clone_owned(idmap_outside(uids, 0), idmap_outside(gids, 0), 0, f);

	return finish(proc, child, uids, gids, NULL, f);
}

int userns_make_network(int proc, const struct idmap *uids, const struct idmap *gids, int *netns, struct fail *f)
{
	return finish(proc, clone_owned(0, 0, CLONE_NEWNET, f), uids, gids, netns, f);
}
