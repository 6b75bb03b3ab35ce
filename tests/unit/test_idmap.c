/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The arithmetic of the `keep` id map. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>

#include "helper/idmap.h"

#define IDS(...) (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t)

enum { BASE = 100000 };

static void maps_to(uint32_t base, const uint32_t *keep, size_t n, const char *want)
{
	struct idmap map;
	struct fail f = { 0 };
	char text[IDMAP_TEXT];

	GOOD(idmap_keep(base, keep, n, &map, &f));
	assert_int_equal(idmap_text(&map, text, sizeof text, &f), strlen(want));
	assert_string_equal(text, want);
}

static void refused(uint32_t base, const uint32_t *keep, size_t n, int code)
{
	struct idmap map;
	struct fail f = { 0 };

	assert_int_equal(idmap_keep(base, keep, n, &map, &f), -1);
	assert_int_equal(f.code, code);
	assert_string_not_equal(f.text, "");
}

static void owner__in_the_middle_splits_the_range_in_two(void **state)
{
	(void)state;
	maps_to(BASE, IDS(1000), "0 100000 1000\n1000 1000 1\n1001 101001 64535\n");
}

static void nobody_kept__leaves_the_range_whole(void **state)
{
	(void)state;
	maps_to(BASE, IDS(1) - 1, "0 100000 65536\n");
}

static void owner__at_the_first_or_last_id_leaves_no_empty_extent(void **state)
{
	(void)state;
	maps_to(BASE, IDS(0), "0 0 1\n1 100001 65535\n");
	maps_to(BASE, IDS(65535), "0 100000 65535\n65535 65535 1\n");
	maps_to(BASE, IDS(65535, 0), "0 0 1\n1 100001 65534\n65535 65535 1\n");
}

static void ids_above_the_range__get_an_extent_of_their_own(void **state)
{
	(void)state;
	maps_to(BASE, IDS(65536), "0 100000 65536\n65536 65536 1\n");
	maps_to(BASE, IDS(4294967294, 1, 90000),
		"0 100000 1\n1 1 1\n2 100002 65534\n90000 90000 1\n4294967294 4294967294 1\n");
}

static void ids__come_in_any_order_and_repeated(void **state)
{
	(void)state;
	maps_to(BASE, IDS(30, 10, 20, 10, 30, 70000, 70000),
		"0 100000 10\n10 10 1\n11 100011 9\n20 20 1\n21 100021 9\n30 30 1\n31 100031 65505\n70000 70000 1\n");
}

static void neighbours__have_no_empty_extent_between_them(void **state)
{
	(void)state;
	maps_to(BASE, IDS(5, 6, 7), "0 100000 5\n5 5 1\n6 6 1\n7 7 1\n8 100008 65528\n");
}

static void id_inside_the_own_range__is_refused(void **state)
{
	(void)state;
	refused(BASE, IDS(BASE), EINVAL);
	refused(BASE, IDS(1, BASE + 65535), EINVAL);
	refused(1000, IDS(1000), EINVAL);
	refused(1000, IDS(66535), EINVAL);
	maps_to(BASE, IDS(BASE - 1, BASE + 65536), "0 100000 65536\n99999 99999 1\n165536 165536 1\n");
}

static void range__may_end_at_the_last_id_there_is(void **state)
{
	struct idmap map;
	struct fail f = { 0 };

	(void)state;
	GOOD(idmap_keep(UINT32_MAX - IDMAP_COUNT, IDS(7), &map, &f));
	assert_int_equal(idmap_outside(&map, 65535), UINT32_MAX - 1);
}

/* n ids, two apart, from first on. */
static size_t apart(uint32_t first, size_t n, uint32_t *ids)
{
	for (size_t i = 0; i < n; i++)
		ids[i] = first + 2 * (uint32_t)i;
	return n;
}

static void groups__fit_up_to_340_extents(void **state)
{
	uint32_t ids[IDMAP_EXTENTS + 1];
	struct idmap map;
	struct fail f = { 0 };

	(void)state;
	GOOD(idmap_keep(BASE, ids, apart(1, 169, ids), &map, &f));
	assert_int_equal(map.used, 339);
	GOOD(idmap_keep(BASE, ids, apart(0, 170, ids), &map, &f));
	assert_int_equal(map.used, 340);
	refused(BASE, ids, apart(1, 170, ids), E2BIG);
	refused(BASE, ids, apart(200000, 340, ids), E2BIG);
	refused(BASE, ids, apart(0, IDMAP_EXTENTS + 1, ids), E2BIG);
}

static void text__longer_than_a_page_is_refused(void **state)
{
	uint32_t ids[169];
	struct idmap map;
	struct fail f = { 0 };
	char text[IDMAP_TEXT];

	(void)state;
	GOOD(idmap_keep(4000000000, ids, apart(10001, 169, ids), &map, &f));
	assert_int_equal(idmap_text(&map, text, sizeof text, &f), -1);
	assert_int_equal(f.code, E2BIG);
}

static void text__fits_to_the_byte_with_its_end(void **state)
{
	static const char want[] = "0 100000 7\n7 7 1\n8 100008 65528\n";
	char *text = malloc(sizeof want);
	struct idmap map;
	struct fail f = { 0 };

	(void)state;
	assert_non_null(text);
	GOOD(idmap_keep(BASE, IDS(7), &map, &f));
	assert_int_equal(idmap_text(&map, text, sizeof want, &f), sizeof want - 1);
	assert_string_equal(text, want);
	for (size_t size = 1; size < sizeof want; size++)
		assert_int_equal(idmap_text(&map, text, size, &f), -1);
	free(text);
}

static void outside__is_where_the_map_leads(void **state)
{
	struct idmap map;
	struct fail f = { 0 };

	(void)state;
	GOOD(idmap_keep(BASE, IDS(1000, 70000), &map, &f));
	assert_int_equal(idmap_outside(&map, 0), BASE);
	assert_int_equal(idmap_outside(&map, 999), BASE + 999);
	assert_int_equal(idmap_outside(&map, 1000), 1000);
	assert_int_equal(idmap_outside(&map, 1001), BASE + 1001);
	assert_int_equal(idmap_outside(&map, 65535), BASE + 65535);
	assert_int_equal(idmap_outside(&map, 65536), UINT32_MAX);
	assert_int_equal(idmap_outside(&map, 69999), UINT32_MAX);
	assert_int_equal(idmap_outside(&map, 70000), 70000);
	assert_int_equal(idmap_outside(&map, 70001), UINT32_MAX);
	assert_int_equal(idmap_outside(&map, UINT32_MAX), UINT32_MAX);
}

/* The same numbers in every run. */
static uint32_t dice(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static bool is_one_of(uint32_t id, const uint32_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static int by_outside(const void *a, const void *b)
{
	uint32_t x = ((const struct extent *)a)->outside, y = ((const struct extent *)b)->outside;

	return x < y ? -1 : x > y;
}

static void each_inside_id_once(const struct idmap *map, uint32_t base, const uint32_t *keep, size_t n)
{
	static unsigned char seen[IDMAP_COUNT];

	memset(seen, 0, sizeof seen);
	for (size_t i = 0; i < map->used; i++) {
		const struct extent *e = &map->extents[i];

		assert_true(e->count > 0);
		for (uint32_t k = 0; k < e->count; k++) {
			uint32_t inside = e->inside + k;
			bool kept = e->count == 1 && is_one_of(inside, keep, n);

			assert_int_equal(e->outside + k, kept ? inside : base + inside);
			if (inside < IDMAP_COUNT)
				assert_int_equal(seen[inside]++, 0);
			else
				assert_true(kept);
		}
	}
	assert_null(memchr(seen, 0, sizeof seen));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(idmap_outside(map, keep[i]), keep[i]);
}

static void no_outside_id_twice(const struct idmap *map)
{
	struct idmap sorted = *map;

	qsort(sorted.extents, sorted.used, sizeof sorted.extents[0], by_outside);
	for (size_t i = 1; i < sorted.used; i++)
		assert_true(sorted.extents[i].outside - sorted.extents[i - 1].outside >= sorted.extents[i - 1].count);
}

static void any_groups__map_every_inside_id_once_and_no_outside_id_twice(void **state)
{
	uint32_t seed = 2463534242, keep[160];
	int mapped = 0;

	(void)state;
	for (int round = 0; round < 300; round++) {
		static const uint32_t spans[] = { 200, 3000, IDMAP_COUNT, 200000, UINT32_MAX };
		uint32_t span = spans[dice(&seed) % 5], base = 1 + dice(&seed) % (UINT32_MAX - IDMAP_COUNT);
		size_t n = dice(&seed) % 160;
		bool own = false;
		struct idmap map;
		struct fail f = { 0 };

		for (size_t i = 0; i < n; i++) {
			keep[i] = dice(&seed) % span;
			own = own || (keep[i] >= base && keep[i] - base < IDMAP_COUNT);
		}
		if (own) {
			refused(base, keep, n, EINVAL);
			continue;
		}
		GOOD(idmap_keep(base, keep, n, &map, &f));
		each_inside_id_once(&map, base, keep, n);
		no_outside_id_twice(&map);
		mapped++;
	}
	assert_true(mapped > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owner__in_the_middle_splits_the_range_in_two),
		cmocka_unit_test(nobody_kept__leaves_the_range_whole),
		cmocka_unit_test(owner__at_the_first_or_last_id_leaves_no_empty_extent),
		cmocka_unit_test(ids_above_the_range__get_an_extent_of_their_own),
		cmocka_unit_test(ids__come_in_any_order_and_repeated),
		cmocka_unit_test(neighbours__have_no_empty_extent_between_them),
		cmocka_unit_test(id_inside_the_own_range__is_refused),
		cmocka_unit_test(range__may_end_at_the_last_id_there_is),
		cmocka_unit_test(groups__fit_up_to_340_extents),
		cmocka_unit_test(text__longer_than_a_page_is_refused),
		cmocka_unit_test(text__fits_to_the_byte_with_its_end),
		cmocka_unit_test(outside__is_where_the_map_leads),
		cmocka_unit_test(any_groups__map_every_inside_id_once_and_no_outside_id_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
