/* SPDX-License-Identifier: MIT */
/* runs as: the user. nssh as its users see it, with a helper that has no boxes, and boxes that are none. */
#include "tests/shell/drive.h"

#include <stdlib.h>
#include <unistd.h>

enum { TESTS_MOST = 128 };

int main(void)
{
	static const struct CMUnitTest *const lists[] = { relay_tests, tell_tests, hop_tests, login_tests };
	static struct CMUnitTest tests[TESTS_MOST];
	size_t n = 0;

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		for (const struct CMUnitTest *test = lists[i]; test->name != NULL; test++) {
			if (n == TESTS_MOST)
				return 2;
			tests[n++] = *test;
		}
	(void)alarm(120);
	if (setenv("TERM", "xterm", 1) != 0 || unsetenv("NO_COLOR") != 0)
		return 2;
	return _cmocka_run_group_tests("nssh", tests, n, NULL, NULL);
}
