/* SPDX-License-Identifier: MIT */
/* runs as: root, started by nsbox-helper. Prints the subordinate ids of a user. */

/*
 * nsbox-subid USER prints one line "uid START COUNT" or "gid START COUNT" for each range, nothing if the
 * user has none. Exit status 1, with a line on standard error: it could not be found out. A provider from
 * nsswitch.conf that does not know the user counts as that too, since libsubid does not tell it from a
 * provider that is down; with files, a user who is not in them has no ranges.
 *
 * A program of its own because libsubid brings ten libraries along: they stay out of the setuid helper's
 * process, and the time they take to load is spent only when no id map is stored yet.
 */
#include <shadow/subid.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Debian 12 has version 4, where the caller frees, Debian 13 version 5, where the library does. */
#if SUBID_ABI_MAJOR >= 5
#define free_ranges subid_free
#else
#define free_ranges free
#endif

typedef int get_ranges(const char *user, struct subid_range **ranges);

/* Returns 0 also for no ranges at all, -1 if the library could not tell. */
static int print_ranges(const char *kind, get_ranges *get, const char *user)
{
	struct subid_range *ranges = NULL;
	int count = get(user, &ranges);

	for (int i = 0; i < count; i++)
		printf("%s %lu %lu\n", kind, ranges[i].start, ranges[i].count);
	free_ranges(ranges);
	return count < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		(void)fprintf(stderr, "usage: nsbox-subid USER\n");
		return 2;
	}
	/* What the library has to say goes to standard error, never among the answers. */
	if (!subid_init("nsbox-subid", stderr))
		return 1;
	if (print_ranges("uid", subid_get_uid_ranges, argv[1]) != 0 ||
	    print_ranges("gid", subid_get_gid_ranges, argv[1]) != 0) {
		(void)fprintf(stderr, "nsbox-subid: the subordinate ids of %s could not be found out "
				      "(see subuid(5) and nsswitch.conf(5))\n", argv[1]);
		return 1;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
