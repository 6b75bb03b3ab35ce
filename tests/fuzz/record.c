/* SPDX-License-Identifier: MIT */
/* runs as: root. The record of a box, and the lines of key=value that it is made of. */
#include "tests/fuzz/fuzz.h"

#include "helper/fields.h"
#include "helper/record.h"

/* What was read can be written, and is then read as the same. */
static void record_comes_back(const struct record *record)
{
	char once[RECORD_TEXT], twice[RECORD_TEXT], line[4096] = "";
	struct record again;
	struct fail f = { 0 };

	HOLDS(record->pid >= 2 && record->owner.uid != 0 && record->root_uid != 0);
	HOLDS(record_format(record, once, sizeof once, &f) == 0 && is_tame(once));
	memcpy(twice, once, sizeof twice);
	HOLDS(record_parse(twice, &again, &f) == 0);
	HOLDS(record_format(&again, twice, sizeof twice, &f) == 0 && strcmp(once, twice) == 0);
	HOLDS(record_describe(record, record->service, record->from, line, sizeof line) == 0);
	HOLDS(is_tame(line) && strchr(line, '\n') == NULL);
}

static void fields_come_back(char *text)
{
	char *key, *value;

	while (field_next(&text, &key, &value) == 1) {
		char line[4096] = "", *at = line, *key_again, *value_again;
		uint64_t number;

		/* Ours have no other keys; one with a line end or NUL cannot be. */
		if (field_put(line, sizeof line, key, value, '\n') < 0)
			continue;
		HOLDS(field_next(&at, &key_again, &value_again) == 1 && *at == '\0');
		HOLDS(strcmp(key, key_again) == 0 && strcmp(value, value_again) == 0);
		if (field_number(value, 1000, &number) == 0)
			HOLDS(number <= 1000 &&
			      (size_t)snprintf(line, sizeof line, "%u", (unsigned)number) == strlen(value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *copy = text_of(data, size);
	struct record record;
	struct fail f = { 0 };

	if (record_parse(text, &record, &f) == 0)
		record_comes_back(&record);
	else
		HOLDS(is_said(&f));
	fields_come_back(copy);
	free(text);
	free(copy);
	return 0;
}
