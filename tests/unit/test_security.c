/* SPDX-License-Identifier: MIT */
/* runs as: anyone, in the top directory. What is written about security names tests that exist, and the helper's powers. */
#include <ctype.h>
#include <stdbool.h>

#include "tests/unit/unit.h"

enum { TEXT = 256 * 1024, NAME = 160 };

/* The caller frees. */
static char *text_of(const char *path)
{
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = malloc(TEXT);

	if (text == NULL || fd < 0 || fd_read_text(fd, text, TEXT) < 0) {
		free(text);
		return NULL;
	}
	return text;
}

static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* A function of a shell, or of C, at the start of a line. */
static bool is_in(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = text; (at = strstr(at, name)) != NULL; at += n)
		if (at[n] == '(' && at > text && (at[-1] == '\n' || at[-1] == ' '))
			return true;
	return false;
}

static bool exists(const char *file, const char *name)
{
	static const char *const places[] = { "tests/login", "tests/vm/tests", "tests/unit", "tests/pam", "tests/shell" };
	char path[2 * NAME];
	bool found = false;

	for (size_t i = 0; i < sizeof places / sizeof places[0] && !found; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", places[i], file);

		char *text = text_of(path);

		found = text != NULL && is_in(text, name);
		free(text);
	}
	return found;
}

/* `FILE: NAME`, and for more tests of the same file `NAME`: each word with two underscores in it is a test's name. */
static void tests_named_in_SECURITY__exist(void **state)
{
	char *text = text_of("SECURITY.md"), file[NAME] = "", word[NAME];
	unsigned named = 0, missing = 0;

	(void)state;
	assert_non_null(text);
	for (const char *at = text; (at = strchr(at, '`')) != NULL; at++) {
		const char *name = at + 1;
		size_t n = strspn(name, name_bytes);

		if (name[n] == '.' && strcspn(name, ":`\n") < sizeof file && name[strcspn(name, ":`\n")] == ':') {
			(void)snprintf(file, sizeof file, "%.*s", (int)strcspn(name, ":"), name);
			name += strcspn(name, ":") + 1;
			name += strspn(name, " ");
			n = strspn(name, name_bytes);
		}
		if (n == 0 || n >= sizeof word || name[n] != '`')
			continue;
		(void)snprintf(word, sizeof word, "%.*s", (int)n, name);
		if (strstr(word, "__") == NULL)
			continue;
		at = name + n;
		named++;
		if (!exists(file, word)) {
			print_error("there is no test %s in a file %s\n", word, file);
			missing++;
		}
	}
	free(text);
	assert_true(named > 50);
	assert_int_equal(missing, 0);
}

/* Every name behind before, between from and until: "chown fowner ", in lower case. */
static void list(const char *path, const char *from, const char *until, const char *before, char words[1000])
{
	char *text = text_of(path), *at, *end;
	size_t used = 0;

	assert_non_null(text);
	at = strstr(text, from);
	assert_non_null(at);
	end = strstr(at, until);
	assert_non_null(end);
	*end = '\0';
	while ((at = strstr(at, before)) != NULL) {
		at += strlen(before);
		for (size_t n = strspn(at, name_bytes); n > 0; n--)
			words[used++] = (char)tolower(*at++);
		words[used++] = ' ';
	}
	words[used] = '\0';
	assert_true(used > 100);
	free(text);
}

static void capabilities_of_the_helper__are_those_of_manual_and_profile(void **state)
{
	char code[1000], page[1000], profile[1000];

	(void)state;
	list("helper/caller.c", "powers[] = {", "\n};", "\n\tCAP_", code);
	list("man/nsbox.7", ".Ss The capabilities of nsbox-helper", "\n.El", "\n.It Dv CAP_", page);
	list("apparmor/nsbox.in", "profile nsbox-helper", "\n}", "\n\tcapability ", profile);
	assert_string_equal(code, page);
	assert_string_equal(code, profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tests_named_in_SECURITY__exist),
		cmocka_unit_test(capabilities_of_the_helper__are_those_of_manual_and_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
