/* SPDX-License-Identifier: MIT */
/* runs as: root. Lines of key=value. */
#include "helper/fields.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("_.:@/+-,", c) != NULL);
}

int field_put(char *text, size_t size, const char *key, const char *value, char end)
{
	size_t used = strlen(text);
	int put = snprintf(text + used, size - used, "%s=", key);

	if (put < 0 || (size_t)put >= size - used)
		return -1;
	used += (size_t)put;
	for (; *value != '\0'; value++) {
		put = snprintf(text + used, size - used, plain(*value) ? "%c" : "%%%02X", (unsigned char)*value);
		if (put < 0 || (size_t)put >= size - used)
			return -1;
		used += (size_t)put;
	}
	if (size - used < 2)
		return -1;
	text[used] = end;
	text[used + 1] = '\0';
	return 0;
}

int field_put_number(char *text, size_t size, const char *key, uint64_t value, char end)
{
	char digits[24];

	(void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
	return field_put(text, size, key, digits, end);
}

static int hex(char c)
{
	const char *digits = "0123456789ABCDEF", *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

static int decode(char *value)
{
	char *to = value;

	for (const char *from = value; *from != '\0'; from++) {
		if (*from == '%') {
			int high = hex(from[1]), low = high >= 0 ? hex(from[2]) : -1;

			if (low < 0 || (high == 0 && low == 0))
				return -1;
			*to++ = (char)(high * 16 + low);
			from += 2;
		} else if (plain(*from)) {
			*to++ = *from;
		} else {
			return -1;
		}
	}
	*to = '\0';
	return 0;
}

int field_next(char **text, char **key, char **value)
{
	char *line = *text, *end = strchr(line, '\n'), *equal;

	if (line[0] == '\0')
		return 0;
	if (end == NULL)
		return -1;
	*end = '\0';
	equal = strchr(line, '=');
	if (equal == NULL || equal == line)
		return -1;
	*equal = '\0';
	*key = line;
	*value = equal + 1;
	*text = end + 1;
	return decode(*value) < 0 ? -1 : 1;
}

int field_number(const char *value, uint64_t max, uint64_t *number)
{
	uint64_t n = 0;

	if (value[0] == '\0' || (value[0] == '0' && value[1] != '\0'))
		return -1;
	for (; *value != '\0'; value++) {
		if (*value < '0' || *value > '9')
			return -1;
		if (__builtin_mul_overflow(n, 10U, &n) || __builtin_add_overflow(n, (unsigned)(*value - '0'), &n))
			return -1;
	}
	if (n > max)
		return -1;
	*number = n;
	return 0;
}
