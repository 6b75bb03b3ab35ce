/* SPDX-License-Identifier: MIT */
/* runs as: root. Which box has which place: one symbolic link each, /run/nsbox/net/SLOT -> UID/NUMBER. */
#include "helper/net/slot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"
#include "helper/net/address.h"
#include "helper/rundir.h"
#include "places.h"

enum { TARGET = 32 };

int slot_directory(bool create, struct fail *f)
{
	OWN_FD int run = directory_of_root(AT_FDCWD, NSBOX_RUN, 0755, create, f);
	int directory = run < 0 ? -1 : directory_of_root(run, "net", 0755, create, f);

	return directory < 0 ? fail_in(f, NSBOX_RUN) : directory;
}

static DIR *list(int directory, struct fail *f)
{
	OWN_FD int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* an offset of its own */
	DIR *names = copy < 0 ? NULL : fdopendir(copy);

	if (names == NULL)
		(void)fail(f, errno, "list " NSBOX_RUN "/net");
	else
		(void)fd_give(&copy);
	return names;
}

/* The next slot in the directory, or 0 at its end. */
static unsigned next(DIR *names)
{
	uint64_t slot;

	for (const struct dirent *d; (d = readdir(names)) != NULL;)
		if (field_number(d->d_name, SLOTS_MOST, &slot) == 0 && slot > 0)
			return (unsigned)slot;
	return 0;
}

static int find_free(int directory, unsigned most, unsigned *slot, struct fail *f)
{
	uint8_t taken[SLOTS_MOST / 8 + 1] = { 0 };
	DIR *names = list(directory, f);

	if (names == NULL)
		return -1;
	for (unsigned n; (n = next(names)) != 0;)
		taken[n / 8] |= (uint8_t)(1U << n % 8);
	(void)closedir(names);
	for (*slot = 1; *slot <= most; ++*slot)
		if ((taken[*slot / 8] & 1U << *slot % 8) == 0)
			return 0;
	(void)fail(f, ENOSPC, "the subnet has %u addresses for boxes, and all are taken", most);
	return fail_plain(f, "All addresses for boxes are taken on this host. Please try again later.");
}

int slot_claim(int directory, unsigned most, uid_t uid, unsigned number, struct fail *f)
{
	char name[16], target[TARGET];
	unsigned slot;

	(void)snprintf(target, sizeof target, "%u/%u", uid, number);
	do {
		if (find_free(directory, most, &slot, f) < 0)
			return -1;
		(void)snprintf(name, sizeof name, "%u", slot);
		if (symlinkat(target, directory, name) == 0)
			return (int)slot;
	} while (errno == EEXIST); /* somebody was faster */
	return fail(f, errno, "claim address %u", slot);
}

static bool read_claim(int directory, unsigned slot, uid_t *uid, unsigned *number)
{
	char name[16], target[TARGET], *slash;
	uint64_t first, second;

	(void)snprintf(name, sizeof name, "%u", slot);

	ssize_t n = readlinkat(directory, name, target, sizeof target - 1);

	if (n <= 0)
		return false;
	target[n] = '\0';
	slash = strchr(target, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	if (field_number(target, UINT_MAX - 1, &first) < 0 || field_number(slash + 1, BOXES_MOST, &second) < 0)
		return false;
	*uid = (uid_t)first;
	*number = (unsigned)second;
	return true;
}

int slot_release(int directory, unsigned slot, uid_t uid, unsigned number, struct fail *f)
{
	char name[16];
	uid_t its_uid;
	unsigned its_number;

	/* Nobody but who holds the user's lock gives it back, so that it is still this box's when it is unlinked. */
	if (!read_claim(directory, slot, &its_uid, &its_number) || its_uid != uid || its_number != number)
		return 0;
	(void)snprintf(name, sizeof name, "%u", slot);
	if (unlinkat(directory, name, 0) != 0 && errno != ENOENT)
		return fail(f, errno, "give address %u back", slot);
	return 0;
}

int slots_each(int directory, each_slot *each, void *context, struct fail *f)
{
	DIR *names = list(directory, f);
	int done = names == NULL ? -1 : 0;
	unsigned number;
	uid_t uid;

	if (names == NULL)
		return -1;
	for (unsigned slot; done == 0 && (slot = next(names)) != 0;)
		if (read_claim(directory, slot, &uid, &number))
			done = each(context, slot, uid, number, f);
	(void)closedir(names);
	return done;
}
