/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Text that somebody else wrote, made safe for a terminal or a log. */
#include "conf/escape.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The length of a UTF-8 character by its first byte; 0 for one that begins none. */
static size_t first_says(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first >= 0xf5)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/*
 * The length of the UTF-8 character at text, or 0 if there is none. *code is its code point. Overlong forms,
 * surrogates and what lies beyond U+10FFFF are no characters.
 */
static size_t utf8_length(const unsigned char *text, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = first_says(text[0]);

	if (length < 2) {
		*code = text[0];
		return length;
	}
	*code = text[0] & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (text[i] & 0x3f);
	}
	if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return length;
}

/* C1 controls are controls to many terminals in UTF-8 too: U+009B begins a sequence like ESC [ does. */
static size_t harmless_length(const unsigned char *text)
{
	uint32_t code;
	size_t length = utf8_length(text, &code);

	return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : length;
}

void escape_text(char *out, size_t size, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t used = 0;

	if (size == 0)
		return;
	while (*at != '\0') {
		size_t take = harmless_length(at);
		char piece[5];

		(void)snprintf(piece, sizeof piece, "\\x%02x", *at);
		if (take > 0)
			memcpy(piece, at, take);
		if (used + (take > 0 ? take : 4) >= size)
			break;
		memcpy(out + used, piece, take > 0 ? take : 4);
		used += take > 0 ? take : 4;
		at += take > 0 ? take : 1;
	}
	out[used] = '\0';
}
