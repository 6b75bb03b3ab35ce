/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. The small files of the helper's own: the first byte says which. They are root's, so what stands in
 * them is our own or of a broken disk. The file under test is taken in whole.
 */
#include "tests/fuzz/fuzz.h"

#include "helper/logins.h"
#include "helper/net/slot.h"
#include "helper/net/state.h"
#include "helper/rundir.h"
#include "helper/subid.c"
#include "helper/told.h"

static int place, proc;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	place = own_directory();
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return proc < 0;
}

static void told(const uint8_t *data, size_t size)
{
	struct told told;
	struct fail f = { 0 };

	put_file(place, "1.told", data, size);
	if (told_read(place, 1, &told, &f) < 0)
		HOLDS(is_said(&f));
	else
		(void)told_may_look(&told, (uint64_t)clock_ms());
}

/* Adding puts a line behind what is good, and drops the rest; our own process lives. */
static void logins(const uint8_t *data, size_t size)
{
	struct logins logins;
	struct fail f = { 0 };

	put_file(place, "1.logins", data, size);
	put_file(place, "1", "", 0);
	HOLDS(logins_read(proc, place, 1, &logins, &f) == 0);
	HOLDS(logins_add(proc, place, 1, getpid(), "sshd", "::1", false, &f) == 0);

	unsigned before = logins.count;

	HOLDS(logins_read(proc, place, 1, &logins, &f) == 0 && logins.count == before + 1);
	HOLDS(logins.newest.pid >= 2 && is_tame(logins.newest.service));
}

static void state(const uint8_t *data, size_t size)
{
	struct state state, again;
	struct fail f = { 0 };

	put_file(place, "up", data, size);
	if (state_read(place, &state, &f) < 0) {
		HOLDS(is_said(&f));
		return;
	}
	HOLDS(state.chains <= CHAINS_MOST && state_write(place, &state, &f) == 0 &&
	      state_read(place, &again, &f) == 0);
	HOLDS(again.chains == state.chains && again.forwarding_4 == state.forwarding_4);
	for (unsigned i = 0; i < state.chains; i++) {
		HOLDS(strcmp(state.chain[i].name, again.chain[i].name) == 0);
		HOLDS(state.chain[i].gone || state_class(&state, state.chain[i].name) == CLASS_CHAIN + i);
	}
}

static int see(void *context, unsigned slot, uid_t uid, unsigned number, struct fail *f)
{
	(void)context;
	(void)f;
	HOLDS(slot == 7 && uid != UINT32_MAX && number <= BOXES_MOST);
	return 0;
}

/* Whom a slot belongs to is what a symbolic link says. */
static void slot(const uint8_t *data, size_t size)
{
	char *target = text_of(data, size);
	struct fail f = { 0 };

	if (symlinkat(target, place, "7") == 0) {
		HOLDS(slots_each(place, see, NULL, &f) == 0);
		HOLDS(slot_release(place, 7, 1001, 2, &f) == 0);
		(void)unlinkat(place, "7", 0);
	}
	free(target);
}

static void kept(const uint8_t *data, size_t size)
{
	char stamp[320];
	struct subid ids;
	struct fail f = { 0 };

	put_file(place, "idmap", data, size);
	if (read_kept(place, &ids, stamp, sizeof stamp, &f) < 0)
		HOLDS(is_said(&f));
	else
		HOLDS(ids.uid != 0 && ids.gid != 0 && ids.uid <= last_base && ids.gid <= last_base);
}

/* What nsbox-subid prints. */
static void picked(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	struct subid ids = { 0, 0 };
	struct fail f = { 0 };

	switch (subid_pick(text, &ids, &f)) {
	case 1:
		HOLDS(ids.uid != 0 && ids.gid != 0 && ids.uid <= last_base && ids.gid <= last_base);
		break;
	case 0:
		HOLDS(ids.uid == 0 && ids.gid == 0);
		break;
	default:
		HOLDS(is_said(&f));
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const files[])(const uint8_t *, size_t) = { told, logins, state, slot, kept, picked };
	unsigned which = next_byte(&data, &size) % (sizeof files / sizeof files[0]), fds = count_fds();

	files[which](data, size);
	HOLDS(count_fds() == fds);
	return 0;
}
