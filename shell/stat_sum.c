/* SPDX-License-Identifier: MIT */
/* runs as: the user. What users and their boxes use: rates, and who is the heaviest. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/stat.h"

/* Which rate is made of which count: so much of it for each count a second. */
static const struct {
	int rate;
	int count;
	double each;
} rates[] = {
	{ S_CPU, S_CPU_USEC, 100 / 1e6 },
	{ S_READ, S_READ_BYTES, 1 },
	{ S_WRITE, S_WRITE_BYTES, 1 },
};

static bool same(const char *one, const char *other)
{
	return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static const struct row *find(const struct rows *rows, const char *user, const char *box)
{
	for (size_t n = 0; n < rows->n; n++)
		if (same(rows->row[n].value[S_USER], user) && same(rows->row[n].value[S_BOX], box))
			return &rows->row[n];
	return NULL;
}

static double number(const struct row *row, int field)
{
	return row->value[field] != NULL ? strtod(row->value[field], NULL) : 0;
}

/* Counts that go down are those of another box, which has the name now. */
static int put_rates(const struct row *before, struct row *now, struct fail *f)
{
	double seconds = (number(now, S_CLOCK) - number(before, S_CLOCK)) / 1e6;

	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		double more = number(now, rates[i].count) - number(before, rates[i].count);
		char text[40];

		if (before->value[rates[i].count] == NULL || now->value[rates[i].count] == NULL || more < 0 ||
		    seconds <= 0)
			continue;
		/* Bytes are whole, percent are not. */
		(void)snprintf(text, sizeof text, "%.*f", rates[i].rate == S_CPU, more * rates[i].each / seconds);
		if (row_set(now, rates[i].rate, text, f) < 0)
			return -1;
	}
	return 0;
}

int stat_rates(const struct rows *before, struct rows *now, struct fail *f)
{
	for (size_t n = 0; n < now->n; n++) {
		struct row *row = &now->row[n];
		const struct row *was = find(before, row->value[S_USER], row->value[S_BOX]);

		if (was != NULL && put_rates(was, row, f) < 0)
			return -1;
	}
	return 0;
}

/* A row and that of its user. */
struct place {
	const struct row *row;
	const struct row *user;
};

static int descending(double one, double other)
{
	return (one < other) - (one > other);
}

/* Processor time in whole percent, as it is shown: what is next to nothing does not come before much memory. */
static int heavier(const struct row *one, const struct row *other)
{
	int order = descending((int)(number(one, S_CPU) + 0.5), (int)(number(other, S_CPU) + 0.5));

	return order != 0 ? order : descending(number(one, S_MEMORY), number(other, S_MEMORY));
}

static int compare(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	int order = heavier(one->user, other->user);

	if (order == 0)
		order = strcmp(one->user->value[S_USER], other->user->value[S_USER]);
	/* A user's own row is before those of the boxes. */
	if (order == 0)
		order = (one->row->value[S_BOX] != NULL) - (other->row->value[S_BOX] != NULL);
	if (order == 0)
		order = heavier(one->row, other->row);
	if (order == 0 && one->row->value[S_BOX] != NULL)
		order = strcmp(one->row->value[S_BOX], other->row->value[S_BOX]);
	return order;
}

int stat_sort(struct rows *rows, struct fail *f)
{
	struct place *places = calloc(rows->n + 1, sizeof *places);
	struct row *sorted = calloc(rows->n + 1, sizeof *sorted);

	if (places == NULL || sorted == NULL) {
		free(places);
		free(sorted);
		return fail(f, ENOMEM, "a list");
	}
	for (size_t n = 0; n < rows->n; n++) {
		places[n].row = &rows->row[n];
		places[n].user = find(rows, rows->row[n].value[S_USER], NULL);
		if (places[n].user == NULL)
			places[n].user = places[n].row;
	}
	qsort(places, rows->n, sizeof *places, compare);
	for (size_t n = 0; n < rows->n; n++)
		sorted[n] = *places[n].row;
	free(places);
	free(rows->row);
	rows->row = sorted;
	rows->room = rows->n + 1;
	return 0;
}
