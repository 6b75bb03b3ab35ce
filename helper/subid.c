/* SPDX-License-Identifier: MIT */
/* runs as: root. The subordinate id range of an owner: where it comes from, and that it stays the same. */
#include "helper/subid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/policy.h"
#include "helper/fields.h"
#include "helper/idmap.h"
#include "helper/run_program.h"
#include "places.h"

/* Where login.defs does not say it. */
enum { UID_MIN_DEFAULT = 1000 };

/* The highest first id a range may have: id 2^32-1 means "no id" (setresuid(2)). */
static const uint64_t last_base = UINT32_MAX - IDMAP_COUNT;

int subid_from_pool(uint64_t pool, uint32_t uid, uint32_t uid_min, struct subid *ids, struct fail *f)
{
	uint64_t base;

	if (uid < uid_min)
		return fail(f, 0, "uid %u is below UID_MIN (%u) and has no range in subuid_pool", uid, uid_min);
	if (__builtin_mul_overflow((uint64_t)(uid - uid_min), (uint64_t)IDMAP_COUNT, &base) ||
	    __builtin_add_overflow(base, pool, &base) || base > last_base)
		return fail(f, ERANGE, "uid %u in subuid_pool = %llu", uid, (unsigned long long)pool);
	ids->uid = ids->gid = (uint32_t)base;
	return 0;
}

int subid_pick(char *text, struct subid *ids, struct fail *f)
{
	struct subid found = { 0, 0 };

	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		char kind[4];
		unsigned long long start, count;

		if (line[0] == '\0')
			continue;
		if (sscanf(line, "%3s %llu %llu", kind, &start, &count) != 3)
			return fail(f, 0, "nsbox-subid said: %s", line);
		if (count < IDMAP_COUNT || start == 0 || start > last_base)
			continue;
		if (strcmp(kind, "uid") == 0 && found.uid == 0)
			found.uid = (uint32_t)start;
		if (strcmp(kind, "gid") == 0 && found.gid == 0)
			found.gid = (uint32_t)start;
	}
	if (found.uid == 0 || found.gid == 0)
		return 0;
	*ids = found;
	return 1;
}

/* UID_MIN of /etc/login.defs, which useradd went by. */
static uint32_t uid_min(void)
{
	FILE *file = fopen("/etc/login.defs", "re");
	char line[512];
	unsigned value = UID_MIN_DEFAULT;

	if (file == NULL)
		return value;
	while (fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, " UID_MIN %u", &value) == 1)
			break;
	(void)fclose(file);
	return value;
}

static int find(const struct owner *owner, uint64_t pool, int64_t deadline, struct subid *ids, struct fail *f)
{
	char text[8192];
	char *const argv[] = { (char *)"nsbox-subid", (char *)owner->name, NULL };
	int found;

	if (run_program(NSBOX_LIBEXEC "/nsbox-subid", argv, deadline, text, sizeof text, f) < 0)
		return -1;
	found = subid_pick(text, ids, f);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (pool != POLICY_NONE)
		return subid_from_pool(pool, owner->uid, uid_min(), ids, f);
	(void)fail(f, 0, "%s has no range of 65536 subordinate uids and gids: give them one with `usermod"
		   " --add-subuids FIRST-LAST --add-subgids FIRST-LAST %s`, or set subuid_pool in nsbox.conf",
		   owner->name, owner->name);
	return fail_plain(f, "Your account has no subordinate id range yet; please ask the administrator for one.");
}

/* A name services line of its own for subid means that no file shows when the ranges change. */
static bool has_provider(void)
{
	FILE *file = fopen("/etc/nsswitch.conf", "re");
	char line[512];
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof line, file) != NULL)
		found = strncmp(line, "subid:", 6) == 0;
	(void)fclose(file);
	return found;
}

/* What the answer depended on: asking libsubid costs a millisecond, looking at three files does not. */
static void make_stamp(uint64_t pool, char *stamp, size_t size)
{
	static const char *const files[] = { "/etc/subuid", "/etc/subgid", "/etc/nsswitch.conf" };
	size_t used = (size_t)snprintf(stamp, size, "%llu", (unsigned long long)pool);

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct stat st = { 0 };

		(void)stat(files[i], &st); /* a missing file is a stamp of zeros */
		used += (size_t)snprintf(stamp + used, size - used, ",%llu:%lld:%lld.%09ld",
					 (unsigned long long)st.st_ino, (long long)st.st_size,
					 (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
	}
}

static int write_kept(int storage, const struct subid *ids, const char *stamp, struct fail *f)
{
	char text[512] = "";

	(void)field_put_number(text, sizeof text, "uid", ids->uid, '\n');
	(void)field_put_number(text, sizeof text, "gid", ids->gid, '\n');
	if (field_put(text, sizeof text, "stamp", stamp, '\n') < 0)
		return fail(f, E2BIG, "idmap");

	OWN_FD int fd = openat(storage, "idmap.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0 || fsync(fd) != 0 ||
	    renameat(storage, "idmap.new", storage, "idmap") != 0)
		return fail(f, errno, "write " NSBOX_STATE "/UID/idmap");
	return 0;
}

/* Returns 1 and the kept ranges, 0 if nothing was kept yet, -1. */
static int read_kept(int storage, struct subid *ids, char *stamp, size_t size, struct fail *f)
{
	char text[512], *at = text, *key, *value;
	uint64_t number[2];
	static const char *const names[] = { "uid", "gid" };
	OWN_FD int fd = openat(storage, "idmap", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fd_read_text(fd, text, sizeof text) < 0)
		return fail(f, errno, "read " NSBOX_STATE "/UID/idmap");
	for (int i = 0; i < 2; i++)
		if (field_next(&at, &key, &value) != 1 || strcmp(key, names[i]) != 0 ||
		    field_number(value, last_base, &number[i]) < 0 || number[i] == 0)
			return fail(f, 0, "corrupt file " NSBOX_STATE "/UID/idmap");
	if (field_next(&at, &key, &value) != 1 || strcmp(key, "stamp") != 0 || at[0] != '\0')
		return fail(f, 0, "corrupt file " NSBOX_STATE "/UID/idmap");
	(void)snprintf(stamp, size, "%s", value);
	ids->uid = (uint32_t)number[0];
	ids->gid = (uint32_t)number[1];
	return 1;
}

int subid_for(int storage, const struct owner *owner, uint64_t pool, int64_t deadline, struct subid *ids,
	      struct fail *f)
{
	char stamp[320], kept_stamp[320];
	struct subid kept, now;
	int have = read_kept(storage, &kept, kept_stamp, sizeof kept_stamp, f);

	if (have < 0)
		return -1;
	make_stamp(pool, stamp, sizeof stamp);
	if (have == 1 && strcmp(stamp, kept_stamp) == 0 && !has_provider()) {
		*ids = kept;
		return 0;
	}
	if (find(owner, pool, deadline, &now, f) < 0)
		return -1;
	if (have == 1 && (now.uid != kept.uid || now.gid != kept.gid)) {
		(void)fail(f, 0, "the subordinate range of %s is now %u/%u, but their stored files belong to %u/%u:"
			   " restore /etc/subuid and /etc/subgid, or move " NSBOX_STATE "/%u away",
			   owner->name, now.uid, now.gid, kept.uid, kept.gid, owner->uid);
		return fail_plain(f, "Your subordinate id range has changed; please tell the administrator.");
	}
	if (write_kept(storage, &now, stamp, f) < 0)
		return -1;
	*ids = now;
	return 0;
}
