/* SPDX-License-Identifier: MIT */
/* runs as: root. For tests: a configuration file of some text, read, and what was reported. */
#ifndef NSBOX_CONF_FILE_H
#define NSBOX_CONF_FILE_H

#include <sys/stat.h>

#include "conf/fd.h"
#include "conf/policy.h"
#include "tests/unit/unit.h"

/* A directory of its own for each test, with one path in it to be filled. */
struct place {
	char directory[64];
	char path[96];
};

struct reports {
	unsigned count;
	unsigned line[16];
	char text[16][400];
};

static inline int place_make(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	*state = place;
	if (place == NULL)
		return -1;
	(void)snprintf(place->directory, sizeof place->directory, "/tmp/nsbox-test-XXXXXX");
	if (mkdtemp(place->directory) == NULL)
		return -1;
	(void)snprintf(place->path, sizeof place->path, "%s/nsbox.conf", place->directory);
	return 0;
}

static inline int place_remove(void **state)
{
	struct place *place = *state;

	(void)(remove(place->path) == 0);
	if (rmdir(place->directory) < 0)
		return -1;
	free(place);
	return 0;
}

static inline void put_bytes(const struct place *place, const void *bytes, size_t size)
{
	OWN_FD int fd = open(place->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes, size), 0);
}

static inline void take_report(void *context, unsigned line, const char *text)
{
	struct reports *reports = context;

	assert_true(reports->count < 16);
	reports->line[reports->count] = line;
	(void)snprintf(reports->text[reports->count], sizeof reports->text[0], "%s", text);
	reports->count++;
}

/* The configuration must be good. */
static inline struct config *read_good(const struct place *place, const char *text)
{
	struct config *config = NULL;
	struct fail f = { 0 };

	put_bytes(place, text, strlen(text));
	if (config_read(place->path, &config, NULL, NULL, &f) < 0)
		flunk("%s", f.text);
	return config;
}

/* What is at the path must be refused; out is untouched, f and the first report say the same. */
static inline void read_bad(const struct place *place, struct reports *reports)
{
	struct config *untouched = (struct config *)reports;
	struct config *config = untouched;
	struct fail f = { 0 };
	char first[600];

	memset(reports, 0, sizeof *reports);
	assert_int_equal(config_read(place->path, &config, take_report, reports, &f), -1);
	assert_ptr_equal(config, untouched);
	assert_true(reports->count > 0);
	if (reports->line[0] > 0)
		(void)snprintf(first, sizeof first, "%s:%u: %s", place->path, reports->line[0], reports->text[0]);
	else
		(void)snprintf(first, sizeof first, "%s: %s", place->path, reports->text[0]);
	assert_int_equal(strncmp(f.text, first, sizeof f.text - 1), 0);
}

/* text must be refused with one error, in that line, that has those words. */
static inline void refuse(const struct place *place, const char *text, unsigned line, const char *words)
{
	struct reports reports;

	put_bytes(place, text, strlen(text));
	read_bad(place, &reports);
	if (reports.count != 1 || reports.line[0] != line || strstr(reports.text[0], words) == NULL)
		flunk("%u reports, line %u: %s\n(not: line %u: %s)", reports.count, reports.line[0], reports.text[0], line, words);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

#endif
