/* SPDX-License-Identifier: MIT */
/*
 * runs as: root, in the disposable host; its commands as who is said. Times commands, in turn so that all meet the
 * same load, and prints for each in microseconds: the median; the median of what it took more than the last command
 * in the same round, which a load that comes and goes blurs less; the fastest.
 *
 *   commands ROUNDS [as=UID] PROGRAM [WORD...] [--- [as=UID] PROGRAM [WORD...]]...
 */
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/clock.h"

enum { COMMANDS = 6, SAMPLES = 1000, PAUSE_US = 60000 };

struct command {
	uid_t uid;
	char **words;
	double samples[SAMPLES];
};

static void execute(const struct command *c) __attribute__((noreturn));
static void execute(const struct command *c)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)dup2(null, 0);
	(void)dup2(null, 1);
	if (c->uid != 0 && (setgroups(0, NULL) != 0 || setgid(c->uid) != 0 || setuid(c->uid) != 0))
		_exit(125);
	(void)execv(c->words[0], c->words);
	_exit(126);
}

static double run(const struct command *c)
{
	double began = clock_us();
	pid_t pid = fork();
	int status;

	if (pid == 0)
		execute(c);
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	if (status == 0)
		return clock_us() - began;
	(void)fprintf(stderr, "%s ended with status %#x\n", c->words[0], (unsigned)status);
	exit(1);
}

static int split(int argc, char **argv, struct command *commands)
{
	int n = 0;

	for (int i = 0; i < argc && n < COMMANDS; i++) {
		struct command *c = &commands[n++];

		if (strncmp(argv[i], "as=", 3) == 0)
			c->uid = (uid_t)strtoul(argv[i++] + 3, NULL, 10);
		c->words = &argv[i];
		/* "--" may be a word of the command's own: "nssh -- true". Between commands it is "---". */
		while (i < argc && strcmp(argv[i], "---") != 0)
			i++;
		argv[i] = NULL;
	}
	return n;
}

/* Sorts the samples of c, so the last command has to be printed last. */
static void print(struct command *c, const struct command *last, int rounds)
{
	double more[SAMPLES] = { 0 }, median;

	for (int i = 0; i < rounds; i++)
		more[i] = c->samples[i] - last->samples[i];
	median = median_us(c->samples, rounds);
	(void)printf("%.0f %.0f %.0f\n", median, median_us(more, rounds), c->samples[0]);
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS];
	int rounds = argc > 2 ? atoi(argv[1]) : 0;
	int n;

	must(rounds > 0 && rounds <= SAMPLES, "commands ROUNDS PROGRAM...");
	n = split(argc - 2, argv + 2, commands);
	/* The first of each finds cold caches. */
	for (int round = -1; round < rounds; round++)
		for (int i = 0; i < n; i++) {
			double took = run(&commands[i]);

			if (round >= 0)
				commands[i].samples[round] = took;
			/* What it left to do, above all a box that ends, must not meet the next one. */
			(void)usleep(PAUSE_US);
		}
	for (int i = 0; i < n; i++)
		print(&commands[i], &commands[n - 1], rounds);
	return 0;
}
