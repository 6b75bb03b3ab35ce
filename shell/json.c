/* SPDX-License-Identifier: MIT */
/* runs as: the user. JSON, as much of it as a list needs. */
#include "shell/json.h"

#include <stdbool.h>
#include <string.h>

static bool follows(unsigned char c)
{
	return (c & 0xc0U) == 0x80U;
}

/* The length of the UTF-8 sequence text begins with, 0 if it is none (RFC 3629: no surrogates, none too long). */
static size_t sequence(const unsigned char *text)
{
	unsigned char a = text[0];
	unsigned char b = text[1];

	if (a < 0x80)
		return 1;
	if (a < 0xc2 || a > 0xf4 || !follows(b))
		return 0;
	if (a < 0xe0)
		return 2;
	if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) || (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f))
		return 0;
	if (!follows(text[2]))
		return 0;
	if (a < 0xf0)
		return 3;
	return follows(text[3]) ? 4 : 0;
}

void json_string(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	(void)fputc('"', out);
	while (*at != '\0') {
		size_t n = sequence(at);

		if (n == 0)
			(void)fputs("\\ufffd", out);
		else if (*at == '"' || *at == '\\')
			(void)fprintf(out, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			(void)fprintf(out, "\\u%04x", *at);
		else if (*at == 0xc2 && at[1] < 0xa0) /* C1: controls to many terminals, too */
			(void)fprintf(out, "\\u%04x", at[1]);
		else
			(void)fwrite(at, 1, n, out);
		at += n > 0 ? n : 1;
	}
	(void)fputc('"', out);
}

void json_number(FILE *out, const char *digits)
{
	while (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
		digits++;
	(void)fputs(digits[0] != '\0' ? digits : "null", out);
}
