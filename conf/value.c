/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Values of the configuration: amounts, words and paths, from text and back. */
#include "conf/value.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/io_max.h"
#include "conf/policy.h"
#include "conf/ports.h"
#include "conf/subnet.h"

struct unit {
	char letter;
	uint64_t worth;
};

/*
 * The limits keep sums and conversions of callers away from overflow: the sum of a few sizes fits 64 bits,
 * and a time in milliseconds too.
 */
struct scale {
	const char *name;
	uint64_t limit;
	struct unit units[5]; /* the largest first; ends with letter 0 */
};

static const struct scale *scale_of(enum kind kind)
{
	static const struct scale number = { "a whole number", UINT32_MAX, { { 0, 1 } } };
	static const struct scale bytes = { "a size like 512M or 2G", UINT64_C(1) << 60,
		{ { 'T', UINT64_C(1) << 40 }, { 'G', 1 << 30 }, { 'M', 1 << 20 }, { 'K', 1 << 10 }, { 0, 1 } } };
	static const struct scale seconds = { "a time like 30s, 5m or 12h", INT32_MAX,
		{ { 'h', 3600 }, { 'm', 60 }, { 's', 1 }, { 0, 1 } } };

	return kind == KIND_SIZE ? &bytes : kind == KIND_TIME ? &seconds : &number;
}

/* Reads length bytes: digits, and a unit if the scale has any. */
static int read_amount(const struct scale *scale, const char *text, size_t length, uint64_t *out, struct fail *f)
{
	const struct unit *unit = scale->units;
	uint64_t amount = 0;
	size_t digits = 0;

	/* Digits beyond the limit are only checked, so that nothing can overflow. */
	for (; digits < length && isdigit((unsigned char)text[digits]); digits++)
		if (amount <= scale->limit)
			amount = amount * 10 + (uint64_t)(text[digits] - '0');
	while (unit->letter != 0 && (digits == length || unit->letter != text[digits]))
		unit++;
	if (digits == 0 || digits + (unit->letter != 0) != length)
		return fail(f, 0, "is not %s", scale->name);
	if (amount > scale->limit / unit->worth)
		return fail(f, 0, "is too large");
	*out = amount * unit->worth;
	return 0;
}

/* A bound of "MIN..MAX": an empty one leaves *out alone. */
static int read_bound(const struct scale *scale, const char *text, size_t length, uint64_t *out, struct fail *f)
{
	return length == 0 ? 0 : read_amount(scale, text, length, out, f);
}

/* What may stand instead of an amount: the word behind "or", by far most often none; "" if only an amount may. */
static const char *value_word(const char *allowed)
{
	const char *or = strstr(allowed, " or ");

	return or != NULL ? or + strlen(" or ") : "";
}

int value_amount(enum kind kind, const char *allowed, const char *text, uint64_t *out, struct fail *f)
{
	const struct scale *scale = scale_of(kind);
	const char *dots = strstr(allowed, "..");
	uint64_t least = 0;
	uint64_t most = scale->limit;
	uint64_t amount;

	if (text[0] != '\0' && strcmp(text, value_word(allowed)) == 0) {
		*out = POLICY_NONE;
		return 0;
	}
	if (read_bound(scale, allowed, (size_t)(dots - allowed), &least, f) < 0 ||
	    read_bound(scale, dots + 2, strcspn(dots + 2, " "), &most, f) < 0)
		return -1;
	if (read_amount(scale, text, strlen(text), &amount, f) < 0)
		return -1;
	if (amount < least || amount > most)
		return fail(f, 0, "is too %s", amount < least ? "small" : "large");
	*out = amount;
	return 0;
}

void value_amount_text(enum kind kind, const char *allowed, uint64_t amount, char *out, size_t size)
{
	const struct unit *unit = scale_of(kind)->units;

	if (amount == POLICY_NONE) {
		(void)snprintf(out, size, "%s", value_word(allowed));
		return;
	}
	while (unit->letter != 0 && (amount == 0 || amount % unit->worth != 0))
		unit++;
	(void)snprintf(out, size, "%llu%.1s", (unsigned long long)(amount / unit->worth), &unit->letter);
}

int value_choice(const char *choices, const char *word, size_t length)
{
	for (int i = 0;; i++) {
		size_t span = strcspn(choices, "|");

		if (span == length && memcmp(choices, word, length) == 0)
			return i;
		if (choices[span] == '\0')
			return -1;
		choices += span + 1;
	}
}

void value_choice_text(const char *choices, unsigned i, char *out, size_t size)
{
	for (; i > 0; i--)
		choices += strcspn(choices, "|") + 1;
	(void)snprintf(out, size, "%.*s", (int)strcspn(choices, "|"), choices);
}

static int judge_hostname(const char *text, struct fail *f)
{
	/* The kernel's own bound for a host name; what %u and %h make of it is known only later. */
	if (text[0] == '\0' || strlen(text) > 64)
		return fail(f, 0, "is %s", text[0] == '\0' ? "empty" : "longer than 64 bytes");
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '%') {
			at++;
			if (*at != 'u' && *at != 'h' && *at != '%')
				return fail(f, 0, "has a %% before something else than u, h or %%");
		} else if (!isascii(*at) || (!isalnum((unsigned char)*at) && strchr("-_.", *at) == NULL)) {
			return fail(f, 0, "has a character that is not for host names");
		}
	}
	return 0;
}

/* One of all, internet and none, or a name for a chain of nftables. */
static int judge_egress(const char *text, struct fail *f)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t length = strlen(text);

	if (length == 0 || length > 31)
		return fail(f, 0, "is %s", length == 0 ? "empty" : "longer than 31 bytes");
	if (strchr(letters, text[0]) == NULL)
		return fail(f, 0, "does not begin with a letter");
	for (size_t i = 0; i < length; i++)
		if (strchr(letters, text[i]) == NULL && strchr("0123456789_", text[i]) == NULL)
			return fail(f, 0, "has something else than letters, digits and _");
	return 0;
}

int value_path(const char *text, const char *below, struct fail *f)
{
	size_t length;

	if (text[0] != '/')
		return fail(f, 0, "is not an absolute path");
	if (text[1] == '\0')
		return fail(f, 0, "is the root directory");
	for (const char *at = text; *at != '\0'; at += length) {
		at++;
		length = strcspn(at, "/");
		if (length == 0)
			return fail(f, 0, "has an empty component (// or / at its end)");
		if ((length == 1 && at[0] == '.') || (length == 2 && memcmp(at, "..", 2) == 0))
			return fail(f, 0, "has a . or .. component");
		for (size_t i = 0; i < length; i++)
			if (iscntrl((unsigned char)at[i]))
				return fail(f, 0, "has a control byte");
	}
	length = below != NULL ? strlen(below) : 0;
	if (length > 0 && (strncmp(text, below, length) != 0 || text[length] != '/'))
		return fail(f, 0, "is not below %s", below);
	return 0;
}

int value_text(enum kind kind, const char *text, struct fail *f)
{
	struct io_max max;
	struct ports ports;
	struct subnet4 subnet;
	struct subnet6 subnet6;

	switch (kind) {
	case KIND_HOSTNAME:
		return judge_hostname(text, f);
	case KIND_PATH:
		return text[0] != '\0' ? value_path(text, NULL, f) : 0;
	case KIND_PATHS:
		return value_path(text, NULL, f);
	case KIND_DEVICES:
		return value_path(text, "/dev", f);
	case KIND_IO_MAX:
		return io_max_parse(text, &max, f);
	case KIND_EGRESS:
		return judge_egress(text, f);
	case KIND_PUBLISH:
		return ports_parse_publish(text, &ports, f);
	case KIND_HOST_PORTS:
		return ports_parse(text, &ports, f);
	case KIND_SUBNET:
		return subnet4_parse(text, &subnet, f);
	case KIND_SUBNET6:
		return subnet6_parse(text, &subnet6, f);
	case KIND_BOOL:
	case KIND_CHOICE:
	case KIND_NUMBER:
	case KIND_SIZE:
	case KIND_TIME:
	case KIND_WORDS:
		break;
	}
	return fail(f, EINVAL, "is not held as text");
}
