/* SPDX-License-Identifier: MIT */
/* runs as: root. Has nft(8) load the rules, and remove them. */
#include "helper/net/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/run_program.h"
#include "places.h"

enum { NFT_MS = 60000, SAID = 8192 };

static const char *find_nft(void)
{
	static const char *const places[] = { "/usr/sbin/nft", "/sbin/nft", "/usr/local/sbin/nft", "/usr/bin/nft" };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* The admin's chains are part of what root loads: nobody else may write them. */
static int judge_chains(bool *there, struct fail *f)
{
	struct stat st;

	*there = lstat(NSBOX_CHAINS, &st) == 0;
	if (!*there)
		return errno == ENOENT ? 0 : fail(f, errno, "look at " NSBOX_CHAINS);
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022) != 0)
		return fail(f, EPERM, NSBOX_CHAINS " must be a file that root owns and nobody else may write");
	return 0;
}

/* nft speaks of lines and chains, which is for the admin who runs this. */
static int load(struct fail *f)
{
	char said[SAID], path[] = NSBOX_RUN "/net/rules";
	const char *nft = find_nft();
	char *const argv[] = { (char *)"nft", (char *)"-f", path, NULL };

	if (nft == NULL)
		return fail(f, ENOENT, "find nft, which sets the rules of the network of boxes (install nftables)");
	if (run_program_heard(nft, argv, clock_ms() + NFT_MS, said, sizeof said, f) == 0)
		return 0;
	(void)dprintf(STDERR_FILENO, "%s", said);
	return -1;
}

static FILE *open_rules(int directory)
{
	int fd = openat(directory, "rules", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (file == NULL)
		fd_close(&fd);
	return file;
}

static int close_rules(FILE *file, struct fail *f)
{
	bool bad = ferror(file) != 0;

	if (fclose(file) != 0 || bad)
		return fail(f, errno, "write " NSBOX_RUN "/net/rules");
	return 0;
}

int rules_set(int directory, const struct rules *rules, struct fail *f)
{
	const struct state *state = &rules->state;
	bool chains;
	FILE *file;

	if (judge_chains(&chains, f) < 0)
		return -1;
	for (unsigned i = 0; i < state->chains && !chains; i++)
		if (!state->chain[i].gone)
			return fail(f, ENOENT, "egress = %s: there is no " NSBOX_CHAINS " with that chain",
				    state->chain[i].name);
	file = open_rules(directory);
	if (file == NULL)
		return fail(f, errno, "write " NSBOX_RUN "/net/rules");
	rules_print(file, rules, chains ? NSBOX_CHAINS : NULL);
	return close_rules(file, f) < 0 ? -1 : load(f);
}

int rules_remove(int directory, struct fail *f)
{
	FILE *file = open_rules(directory);

	if (file == NULL)
		return fail(f, errno, "write " NSBOX_RUN "/net/rules");
	rules_print_end(file);
	if (close_rules(file, f) < 0 || load(f) < 0)
		return -1;
	(void)unlinkat(directory, "rules", 0);
	return 0;
}
