/* SPDX-License-Identifier: MIT */
/* runs as: root. /proc/self/mountinfo: users choose names of mounts that stand in it. */
#include "tests/fuzz/fuzz.h"

#include "helper/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *at = text, *end = text + strlen(text);
	struct mount_entry entry;
	struct fail f = { 0 };
	int got;

	while ((got = mountinfo_next(&at, &entry, &f)) == 1) {
		HOLDS(at > text && at <= end);
		HOLDS(entry.root + strlen(entry.root) < at && entry.point + strlen(entry.point) < at);
		HOLDS(entry.type + strlen(entry.type) < at && entry.options + strlen(entry.options) < at);
		HOLDS(strchr(entry.type, ' ') == NULL);
	}
	HOLDS(got == 0 ? at == end : is_said(&f));
	free(text);
	return 0;
}
