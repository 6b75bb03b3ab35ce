/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Lines of key=value: what is written is read back, and nothing else is read. */
#include "tests/unit/unit.h"

#include "helper/fields.h"

/* One line, in memory of just its size so that a read beyond it shows. */
static int next(const char *line, char **key, char **value, char **all)
{
	char *text = *all = strdup(line);

	assert_non_null(text);
	return field_next(&text, key, value);
}

static void decodes(const char *line, const char *want)
{
	char *key, *value, *all;

	assert_int_equal(next(line, &key, &value, &all), 1);
	assert_string_equal(key, "k");
	assert_string_equal(value, want);
	free(all);
}

static void refuses(const char *line)
{
	char *key, *value, *all;

	if (next(line, &key, &value, &all) != -1)
		flunk("taken: %s\n", line);
	free(all);
}

static void put__escapes_all_but_plain_bytes(void **state)
{
	char text[200] = "";

	(void)state;
	assert_int_equal(field_put(text, sizeof text, "k", "aZ09_.:@/+-,", '\n'), 0);
	assert_int_equal(field_put(text, sizeof text, "q", "a b\n=%\"\x7f\xc3\xa9", ' '), 0);
	assert_string_equal(text, "k=aZ09_.:@/+-,\nq=a%20b%0A%3D%25%22%7F%C3%A9 ");
}

static void every_byte__comes_back(void **state)
{
	char bytes[256], text[1000] = "", *at = text, *key, *value;

	(void)state;
	for (int i = 0; i < 255; i++)
		bytes[i] = (char)(i + 1);
	bytes[255] = '\0';
	assert_int_equal(field_put(text, sizeof text, "all", bytes, '\n'), 0);
	assert_int_equal(field_next(&at, &key, &value), 1);
	assert_string_equal(key, "all");
	assert_memory_equal(value, bytes, sizeof bytes);
	assert_int_equal(field_next(&at, &key, &value), 0);
}

static void put__fits_to_the_byte_or_fails(void **state)
{
	static const char want[] = "key=a%20b\n";

	(void)state;
	for (size_t size = 1; size <= sizeof want; size++) {
		char *text = calloc(1, size);

		assert_non_null(text);
		assert_int_equal(field_put(text, size, "key", "a b", '\n'), size == sizeof want ? 0 : -1);
		assert_true(strlen(text) < size);
		if (size == sizeof want)
			assert_string_equal(text, want);
		free(text);
	}
}

static void numbers__are_written_in_full(void **state)
{
	char text[100] = "";

	(void)state;
	assert_int_equal(field_put_number(text, sizeof text, "a", 0, ' '), 0);
	assert_int_equal(field_put_number(text, sizeof text, "b", UINT64_MAX, '\n'), 0);
	assert_string_equal(text, "a=0 b=18446744073709551615\n");
}

static void next__takes_lines_in_order(void **state)
{
	char text[] = "a=1\nb=\nc=x%3Dy\n", *at = text, *key, *value;

	(void)state;
	assert_int_equal(field_next(&at, &key, &value), 1);
	assert_string_equal(key, "a");
	assert_string_equal(value, "1");
	assert_int_equal(field_next(&at, &key, &value), 1);
	assert_string_equal(key, "b");
	assert_string_equal(value, "");
	assert_int_equal(field_next(&at, &key, &value), 1);
	assert_string_equal(key, "c");
	assert_string_equal(value, "x=y");
	assert_int_equal(field_next(&at, &key, &value), 0);
}

static void escapes__are_two_upper_case_hex_digits(void **state)
{
	(void)state;
	decodes("k=%41%7E\n", "A~");
	decodes("k=%FF\n", "\xff");
	refuses("k=%\n");
	refuses("k=%4\n");
	refuses("k=a%\n");
	refuses("k=%4g\n");
	refuses("k=%G4\n");
	refuses("k=%ff\n");
	refuses("k=%%41\n");
	refuses("k=% 1\n");
	refuses("k=%-1\n");
	refuses("k=%00\n");
}

static void line__of_another_form_is_refused(void **state)
{
	(void)state;
	refuses("k=v");
	refuses("\n");
	refuses("k\n");
	refuses("=v\n");
	refuses("k=a b\n");
	refuses("k=a=b\n");
	refuses("k=a\tb\n");
	refuses("k=\xc3\xa9\n");
	refuses("k=a\r\n");
}

static void takes_number(const char *text, uint64_t max, uint64_t want)
{
	uint64_t number = 77;

	assert_int_equal(field_number(text, max, &number), 0);
	assert_true(number == want);
}

static void spurns_number(const char *text, uint64_t max)
{
	uint64_t number = 77;

	if (field_number(text, max, &number) != -1)
		flunk("taken: %s\n", text);
	assert_true(number == 77);
}

static void number__has_no_sign_no_blank_and_no_leading_zero(void **state)
{
	(void)state;
	takes_number("0", 0, 0);
	takes_number("10", 10, 10);
	takes_number("18446744073709551615", UINT64_MAX, UINT64_MAX);
	spurns_number("18446744073709551616", UINT64_MAX);
	spurns_number("99999999999999999999999999", UINT64_MAX);
	spurns_number("11", 10);
	spurns_number("", 10);
	spurns_number("00", 10);
	spurns_number("01", 10);
	spurns_number("-1", UINT64_MAX);
	spurns_number("+1", 10);
	spurns_number(" 1", 10);
	spurns_number("1 ", 10);
	spurns_number("0x1", 10);
	spurns_number("1e0", 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put__escapes_all_but_plain_bytes),
		cmocka_unit_test(every_byte__comes_back),
		cmocka_unit_test(put__fits_to_the_byte_or_fails),
		cmocka_unit_test(numbers__are_written_in_full),
		cmocka_unit_test(next__takes_lines_in_order),
		cmocka_unit_test(escapes__are_two_upper_case_hex_digits),
		cmocka_unit_test(line__of_another_form_is_refused),
		cmocka_unit_test(number__has_no_sign_no_blank_and_no_leading_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
