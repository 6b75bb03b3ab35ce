/* SPDX-License-Identifier: MIT */
/* runs as: root. For harnesses: is it JSON (RFC 8259), as strictly as its readers are? */
#ifndef NSBOX_FUZZ_JSON_H
#define NSBOX_FUZZ_JSON_H

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Each takes what it knows off *at, or says false. */
static bool json_value(const char **at);

static inline void json_blanks(const char **at)
{
	*at += strspn(*at, " \t\n\r");
}

static inline bool json_word(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*at, word, n) != 0)
		return false;
	*at += n;
	return true;
}

static inline bool json_digits(const char **at)
{
	size_t n = strspn(*at, "0123456789");

	*at += n;
	return n > 0;
}

static inline bool json_escape(const char **at)
{
	if (**at != 'u')
		return **at != '\0' && strchr("\"\\/bfnrt", *(*at)++) != NULL;
	for (int i = 1; i <= 4; i++)
		if (!isxdigit((unsigned char)(*at)[i]))
			return false;
	*at += 5;
	return true;
}

/* Well-formed UTF-8 is asked of the C library, in the caller's locale; here it is enough that lead and tail agree. */
static inline bool json_character(const char **at)
{
	unsigned char c = (unsigned char)*(*at)++;
	int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (c < 0x20 || (c >= 0x80 && c < 0xc2) || c >= 0xf5)
		return false;
	for (; more > 0; more--)
		if (((unsigned char)*(*at)++ & 0xc0) != 0x80)
			return false;
	return true;
}

static inline bool json_text(const char **at)
{
	if (!json_word(at, "\""))
		return false;
	while (**at != '"')
		if (**at == '\0' || (json_word(at, "\\") ? !json_escape(at) : !json_character(at)))
			return false;
	return json_word(at, "\"");
}

static inline bool json_digit_string(const char **at)
{
	if (**at == '0' && isdigit((unsigned char)(*at)[1]))
		return false;
	return json_digits(at) && (!json_word(at, ".") || json_digits(at));
}

static inline bool json_member(const char **at, bool named)
{
	json_blanks(at);
	if (named && (!json_text(at) || !json_word(at, ":")))
		return false;
	if (!json_value(at))
		return false;
	json_blanks(at);
	return true;
}

static inline bool json_list(const char **at, const char *end, bool named)
{
	json_blanks(at);
	if (json_word(at, end))
		return true;
	do
		if (!json_member(at, named))
			return false;
	while (json_word(at, ","));
	return json_word(at, end);
}

/* nsbox prints no other words, and no negative numbers. */
static bool json_value(const char **at)
{
	json_blanks(at);
	if (json_word(at, "["))
		return json_list(at, "]", false);
	if (json_word(at, "{"))
		return json_list(at, "}", true);
	if (**at == '"')
		return json_text(at);
	return json_word(at, "null") || json_digit_string(at);
}

static inline bool is_json(const char *text)
{
	bool good = json_value(&text);

	json_blanks(&text);
	return good && *text == '\0';
}

#endif
