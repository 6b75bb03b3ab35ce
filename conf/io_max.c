/* SPDX-License-Identifier: MIT */
/* runs as: anyone. A value of the key io_max: how fast a user may read and write one disk. */
#include "conf/io_max.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "conf/policy.h"
#include "conf/value.h"

static const struct rate {
	const char *name;
	enum kind kind;
	size_t member;
} rates[] = {
	{ "rbps", KIND_SIZE, offsetof(struct io_max, rbps) },
	{ "wbps", KIND_SIZE, offsetof(struct io_max, wbps) },
	{ "riops", KIND_NUMBER, offsetof(struct io_max, riops) },
	{ "wiops", KIND_NUMBER, offsetof(struct io_max, wiops) },
};

static uint64_t *member_of(struct io_max *max, const struct rate *rate)
{
	return (uint64_t *)(void *)((char *)max + rate->member);
}

static const struct rate *find(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		if (strlen(rates[i].name) == length && memcmp(rates[i].name, word, length) == 0)
			return &rates[i];
	return NULL;
}

/* "rbps=10M" of length bytes. */
static int set_rate(struct io_max *max, const char *word, size_t length, struct fail *f)
{
	size_t name = strcspn(word, "=");
	const struct rate *rate = name < length ? find(word, name) : NULL;
	char amount[32];

	if (rate == NULL)
		return fail(f, 0, "has a word that is not rbps=, wbps=, riops= or wiops=");
	if (*member_of(max, rate) != POLICY_NONE)
		return fail(f, 0, "says %s twice", rate->name);
	if ((size_t)snprintf(amount, sizeof amount, "%.*s", (int)(length - name - 1),
			     word + name + 1) >= sizeof amount)
		return fail(f, 0, "has too long an amount for %s", rate->name);
	/* 0 would stop the disk for good. */
	return value_amount(rate->kind, "1..", amount, member_of(max, rate), f);
}

int io_max_parse(const char *text, struct io_max *out, struct fail *f)
{
	static const char blanks[] = " \t";
	struct io_max max = { .rbps = POLICY_NONE, .wbps = POLICY_NONE, .riops = POLICY_NONE, .wiops = POLICY_NONE };
	size_t length = strcspn(text, blanks);
	const char *at = text + length + strspn(text + length, blanks);

	if (length >= sizeof max.path)
		return fail(f, 0, "has too long a path");
	memcpy(max.path, text, length);
	if (strchr(max.path, '=') != NULL && find(text, strcspn(text, "=")) != NULL)
		return fail(f, 0, "has no path before %s, as in: /home %s", max.path, max.path);
	/* "/" is the disk of the root file system: the one path that value_path keeps from other keys. */
	if (strcmp(max.path, "/") != 0 && value_path(max.path, NULL, f) < 0)
		return -1;
	if (*at == '\0')
		return fail(f, 0, "has a path but no rate");
	for (; *at != '\0'; at += strspn(at, blanks)) {
		length = strcspn(at, blanks);
		if (set_rate(&max, at, length, f) < 0)
			return -1;
		at += length;
	}
	*out = max;
	return 0;
}
