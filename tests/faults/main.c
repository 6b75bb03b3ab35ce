/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. Makes every system call of a story fail, and looks what comes of it. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/fd.h"
#include "tests/faults/judge.h"

/*
 * faults STORY USER all|killed|sample|list [SHARE/OF]: every system call with every error, and with SIGKILL; or with that alone;
 * or most of them with one of these, the same ones each time. SHARE is which part of them, so that several can run at once, with a user each.
 */

struct choice {
	bool all, killed;
	unsigned share, of;
};

/* By who, what and which: the order in which processes happened to run is another one each time. */
static int in_order(const void *left, const void *right)
{
	const struct site *a = left, *b = right;
	int order = strcmp(a->role, b->role);

	if (order == 0)
		order = strcmp(a->image, b->image);
	if (order == 0)
		order = (a->nr > b->nr) - (a->nr < b->nr);
	return order != 0 ? order : (a->n > b->n) - (a->n < b->n);
}

/* Of a call that is made over and over, in loops above all, a sample has the first ones, and every eighth. */
static bool is_in_sample(const struct site *site)
{
	return site->n <= 2 || site->n % 8 == 3;
}

/* With one error for each site in turn, and instead of every fifth of these SIGKILL. */
static unsigned which_in_sample(size_t index)
{
	return index % 5 == 4 ? ERRORS : (unsigned)(index % ERRORS);
}

static void try_each(struct judge *j, const struct site *site, const struct choice *choice, size_t index)
{
	for (unsigned which = 0; which <= ERRORS; which++) {
		bool fails = which == ERRORS || call_failure(site->nr) != CALL_NEVER_FAILS;

		if (fails && (choice->all ? which == ERRORS || !choice->killed : which == which_in_sample(index)))
			judge_fault(j, site, which == ERRORS ? 0 : call_error(site->nr, which));
	}
}

static void try_all(struct judge *j, const struct sites *sites, const struct choice *choice)
{
	size_t index = 0;

	for (size_t i = 0; i < sites->count; i++) {
		if (!choice->all && !is_in_sample(&sites->of[i]))
			continue;
		if (index % choice->of == choice->share)
			try_each(j, &sites->of[i], choice, index);
		index++;
	}
}

static int begin(struct judge *j, const char *story, const char *user)
{
	const struct passwd *entry = getpwnam(user);

	j->story = stories;
	while (j->story->name != NULL && strcmp(j->story->name, story) != 0)
		j->story++;
	j->telling.outcome = mmap(NULL, sizeof *j->telling.outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (entry == NULL || j->story->name == NULL || j->telling.outcome == MAP_FAILED || open_stacks() != 0)
		return -1;
	j->who = (struct person){ .name = user, .home = entry->pw_dir, .uid = entry->pw_uid, .gid = entry->pw_gid };
	j->telling.who = &j->who;
	/* What a story without a tracer leaves running comes to us. */
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

int main(int argc, char **argv)
{
	static struct judge j;
	static struct sites sites;
	struct choice choice = { .of = 1 };

	if (argc < 4 || (argc > 4 && sscanf(argv[4], "%u/%u", &choice.share, &choice.of) != 2) || choice.of == 0 ||
	    begin(&j, argv[1], argv[2]) != 0) {
		(void)fprintf(stderr, "faults STORY USER all|killed|sample|list [SHARE/OF]\n");
		return 2;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	choice.killed = strcmp(argv[3], "killed") == 0;
	choice.all = choice.killed || strcmp(argv[3], "all") == 0;
	if (!judge_prepare(&j, &sites))
		return 2;
	qsort(sites.of, sites.count, sizeof sites.of[0], in_order);
	if (strcmp(argv[3], "list") == 0)
		judge_list(&sites);
	else
		try_all(&j, &sites, &choice);
	return judge_sum(&j) ? 0 : 1;
}
