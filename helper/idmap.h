/* SPDX-License-Identifier: MIT */
/* runs as: root. The `keep` id map: arithmetic only, no system calls. */
#ifndef NSBOX_IDMAP_H
#define NSBOX_IDMAP_H

#include <stddef.h>
#include <stdint.h>

#include "conf/fail.h"

/* The kernel takes at most 340 lines in a map, and one page of text (user_namespaces(7)). */
enum { IDMAP_EXTENTS = 340, IDMAP_TEXT = 4096, IDMAP_COUNT = 65536 };

struct extent {
	uint32_t inside;
	uint32_t outside;
	uint32_t count;
};

struct idmap {
	struct extent extents[IDMAP_EXTENTS];
	size_t used;
};

/*
 * The `keep` map: every id below 65536 inside is base + id outside, but each of the n ids in keep (in any
 * order, repeats allowed) is itself; those from 65536 on get an extent of their own. Fails if a kept id other
 * than by its own extent would be reached twice, or if the map is larger than the kernel takes.
 */
int idmap_keep(uint32_t base, const uint32_t *keep, size_t n, struct idmap *map, struct fail *f);

/* What id inside is outside; UINT32_MAX if it is not mapped. */
uint32_t idmap_outside(const struct idmap *map, uint32_t inside);

/* The text for /proc/PID/uid_map. Returns its length, or -1 when it does not fit into size. */
int idmap_text(const struct idmap *map, char *text, size_t size, struct fail *f);

#endif
