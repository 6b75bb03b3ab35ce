/* SPDX-License-Identifier: MIT */
/* runs as: root. A record of the kernel's log; users choose names of processes and of cgroups that stand in it. */
#include "tests/fuzz/fuzz.h"

#include "helper/kmsg.h"

static void check(const char *record, const struct kmsg_box *box)
{
	struct kmsg_kill killed = { .name = "none" };
	uint64_t line = UINT64_MAX;

	if (kmsg_parse(record, box, &line, &killed) == 0) {
		HOLDS(strcmp(killed.name, "none") == 0);
		return;
	}
	/* Nobody but the kernel has priorities of one digit below 8. */
	HOLDS(record[0] >= '0' && record[0] < '8' && record[1] == ',');
	HOLDS(line == killed.line && strlen(killed.name) < sizeof killed.name);
	HOLDS(killed.limit <= KMSG_OWN && strstr(record, ";oom-kill:constraint=") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kmsg_box box = { .base = "/nsbox", .uid = 1001, .number = 2 };
	char *record = text_of(data, size);
	const char *base[] = { kmsg_base(record, true), kmsg_base(record, false) };

	check(record, &box);
	box.anywhere = true;
	check(record, &box);
	for (int i = 0; i < 2; i++)
		HOLDS(base[i] == NULL || (base[i][0] == '/' && base[i] < record + strlen(record)));
	free(record);
	return 0;
}
