/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. What the benchmark's programs share: microseconds and their median. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double clock_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static inline int compare_us(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the n samples. */
static inline double median_us(double *samples, int n)
{
	qsort(samples, (size_t)n, sizeof *samples, compare_us);
	return n % 2 != 0 ? samples[n / 2] : (samples[n / 2 - 1] + samples[n / 2]) / 2;
}

/* A benchmark that cannot do a step has nothing to say. */
static inline void must(int good, const char *step)
{
	if (good)
		return;
	perror(step);
	exit(1);
}

#endif
