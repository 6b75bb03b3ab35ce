/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. What nsbox-sweep reads: bytes in the pipe from init, which a user can write too, and counts of
 * cgroups. Its file is taken in whole, without the start of a program that has no libc; no sanitizer sees what it
 * asks of the kernel.
 */
#include "tests/fuzz/fuzz.h"

#define NSBOX_INIT_START_H
static unsigned long arg_count(const long *stack)
{
	return (unsigned long)stack[0];
}

static char *arg(const long *stack, unsigned long i)
{
	return i < arg_count(stack) ? (char *)stack[1 + i] : NULL;
}

void start(const long *stack) __attribute__((noreturn));

#include "helper/init/sweep.c"

static int news_end;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int pipes[2], file = file_of(NULL, 0);

	(void)argc;
	(void)argv;
	HOLDS(file >= 0 && pipe2(pipes, O_CLOEXEC | O_NONBLOCK) == 0);
	news_end = fcntl(pipes[1], F_DUPFD_CLOEXEC, 20);
	HOLDS(pipes[0] == SWEEP_NEWS || dup3(pipes[0], SWEEP_NEWS, O_CLOEXEC) == SWEEP_NEWS);
	HOLDS(file == SWEEP_MEMORY || dup3(file, SWEEP_MEMORY, O_CLOEXEC) == SWEEP_MEMORY);
	return news_end < 0;
}

static void pipe_of(struct sweep *s, const uint8_t *data, size_t size)
{
	unsigned long hops = 0, others = 0;

	if (size > HEAR_MOST)
		size = HEAR_MOST;
	for (size_t i = 0; i < size; i++) {
		hops += data[i] == NEWS_HOP;
		others += data[i] == NEWS_RESET || data[i] == NEWS_ALONE;
	}
	HOLDS(write(news_end, data, size) == (ssize_t)size);
	hear(s);
	HOLDS(s->fds[NEWS].fd == SWEEP_NEWS && s->news.hops == hops);
	HOLDS((s->news.reset || s->news.alone) == (others > 0) && has_heard(s) == (hops + others > 0));
}

static void counts(struct sweep *s, const uint8_t *data, size_t size)
{
	int *fd = &s->fds[SWEEP_MEMORY - SWEEP_INIT].fd;
	unsigned long seen = 0;

	HOLDS(ftruncate(SWEEP_MEMORY, 0) == 0 && pwrite(SWEEP_MEMORY, data, size, 0) == (ssize_t)size);
	if (has_news(fd, &seen))
		HOLDS(*fd == SWEEP_MEMORY && seen > 0 && !has_news(fd, &seen));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const long words[] = { 3, 0, 0, 0 };
	struct sweep s;

	begin(&s, words);
	pipe_of(&s, data, size);
	counts(&s, data, size);
	return 0;
}
