/* SPDX-License-Identifier: MIT */
/* runs as: root. The `keep` id map: arithmetic only, no system calls. */
#include "helper/idmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int add(struct idmap *map, uint32_t inside, uint32_t outside, uint32_t count, struct fail *f)
{
	if (count == 0)
		return 0;
	if (map->used == IDMAP_EXTENTS)
		return fail(f, E2BIG, "the id map has more than %d extents: the user is in too many groups",
			    IDMAP_EXTENTS);
	map->extents[map->used++] = (struct extent){ inside, outside, count };
	return 0;
}

int idmap_keep(uint32_t base, const uint32_t *keep, size_t n, struct idmap *map, struct fail *f)
{
	uint32_t sorted[IDMAP_EXTENTS];
	uint32_t next = 0; /* the lowest id inside that has no extent yet */

	if (n > IDMAP_EXTENTS)
		return fail(f, E2BIG, "the id map would keep %zu ids", n);
	memcpy(sorted, keep, n * sizeof *keep);
	qsort(sorted, n, sizeof *sorted, by_value);
	map->used = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t id = sorted[i];

		if (i > 0 && id == sorted[i - 1])
			continue;
		if (id >= base && id - base < IDMAP_COUNT)
			return fail(f, EINVAL, "id %u of the user lies in their own subordinate range %u-%u", id,
				    base, base + IDMAP_COUNT - 1);
		if (id >= IDMAP_COUNT) {
			/* Above the range: close the range first, the extents stay in ascending order. */
			if (add(map, next, base + next, IDMAP_COUNT - next, f) < 0)
				return -1;
			next = IDMAP_COUNT;
		} else if (add(map, next, base + next, id - next, f) < 0) {
			return -1;
		}
		if (add(map, id, id, 1, f) < 0)
			return -1;
		if (id < IDMAP_COUNT)
			next = id + 1;
	}
	return add(map, next, base + next, IDMAP_COUNT - next, f);
}

uint32_t idmap_outside(const struct idmap *map, uint32_t inside)
{
	for (size_t i = 0; i < map->used; i++) {
		const struct extent *e = &map->extents[i];

		if (inside >= e->inside && inside - e->inside < e->count)
			return e->outside + (inside - e->inside);
	}
	return UINT32_MAX;
}

int idmap_text(const struct idmap *map, char *text, size_t size, struct fail *f)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < map->used; i++) {
		const struct extent *e = &map->extents[i];
		int put = snprintf(text + used, size - used, "%u %u %u\n", e->inside, e->outside, e->count);

		if (put < 0 || (size_t)put >= size - used)
			return fail(f, E2BIG, "the id map is longer than %zu bytes: the user is in too many groups",
				    size);
		used += (size_t)put;
	}
	return (int)used;
}
