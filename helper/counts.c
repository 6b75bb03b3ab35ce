/* SPDX-License-Identifier: MIT */
/* runs as: root. The numbers in a cgroup's files, of version 1 and 2. */
#include "helper/counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No machine has so much of anything; v1's "no limit" is twice that, less a page. */
#define NO_LIMIT (UINT64_C(1) << 62)

enum { PERIOD_USEC = 100000 }; /* the kernel's default, which is never changed for boxes */

static bool read_number(const char *text, uint64_t *value)
{
	unsigned long long number;

	/* strtoull takes signs and blanks too. */
	if (*text < '0' || *text > '9')
		return false;
	number = strtoull(text, NULL, 10);
	if (number >= NO_LIMIT)
		return false;
	*value = number;
	return true;
}

/* The next line, or NULL. */
static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end == NULL || end[1] == '\0' ? NULL : end + 1;
}

/* What comes after word in this line, which must stand at its beginning or after a blank. NULL if it does not. */
static const char *after(const char *line, const char *word)
{
	const char *end = line + strcspn(line, "\n");
	const char *at = strstr(line, word);

	while (at != NULL && at < end && at != line && at[-1] != ' ')
		at = strstr(at + 1, word);
	return at != NULL && at < end ? at + strlen(word) : NULL;
}

const char *count_find(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *line = text; line != NULL; line = next_line(line))
		if (strncmp(line, word, length) == 0 && line[length] == ' ')
			return line + length + 1;
	return NULL;
}

bool count_number(const char *text, const char *word, uint64_t *value)
{
	const char *number = word != NULL ? count_find(text, word) : text;

	return number != NULL && read_number(number, value);
}

bool count_nanoseconds(const char *text, const char *word, uint64_t *value)
{
	uint64_t nanoseconds;

	if (!count_number(text, word, &nanoseconds))
		return false;
	*value = nanoseconds / 1000;
	return true;
}

bool count_shares(const char *text, const char *word, uint64_t *value)
{
	uint64_t shares;

	if (!count_number(text, word, &shares) || shares > UINT32_MAX)
		return false;
	*value = (shares * 100 + 512) / 1024;
	return true;
}

bool count_quota(const char *text, const char *word, uint64_t *value)
{
	const char *blank = strchr(text, ' ');
	uint64_t quota, period = PERIOD_USEC;

	(void)word;
	if (!read_number(text, &quota) || (blank != NULL && !read_number(blank + 1, &period)) || period == 0 ||
	    quota > UINT64_MAX / 100)
		return false;
	*value = quota * 100 / period;
	return true;
}

/* Nothing was read or written where no disk is named. */
static bool sum(const char *text, const char *word, uint64_t *value)
{
	*value = 0;
	for (const char *line = text; line != NULL; line = next_line(line)) {
		const char *at = after(line, word);
		uint64_t one;

		if (at != NULL && read_number(at, &one))
			*value += one;
	}
	return true;
}

bool count_io(const char *text, const char *word, uint64_t *value)
{
	char equal[32];

	(void)snprintf(equal, sizeof equal, "%s=", word);
	return sum(text, equal, value);
}

bool count_blkio(const char *text, const char *word, uint64_t *value)
{
	char blank[32];

	(void)snprintf(blank, sizeof blank, "%s ", word);
	return sum(text, blank, value);
}

bool count_pressure(const char *text, const char *word, uint64_t *value)
{
	unsigned whole, hundredths;

	(void)word;
	/* The kernel prints two digits after the point, always. */
	if (sscanf(text, "some avg10=%3u.%2u ", &whole, &hundredths) != 2)
		return false;
	*value = (uint64_t)whole * 100 + hundredths;
	return true;
}
