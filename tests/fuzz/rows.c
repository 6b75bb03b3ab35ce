/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. Lines of boxes as nssh reads them, from the helper or from a BOX.info, and what it prints of them:
 * JSON that is JSON, and tables that no terminal takes for orders. The files under test are taken in whole.
 */
#include "tests/fuzz/fuzz.h"

#include "shell/hop_boxes.c"
#define columns stat_columns
#define cell stat_cell
#include "shell/stat.c"

#include "tests/fuzz/json.h"

int complain(const struct fail *f)
{
	HOLDS(is_said(f));
	return 125;
}

/* What is printed goes to memory. */
struct printed {
	FILE *own;
	char *text;
	size_t size;
};

static void begin(struct printed *p)
{
	p->own = stdout;
	stdout = open_memstream(&p->text, &p->size);
	HOLDS(stdout != NULL);
}

static void end(struct printed *p, bool json)
{
	HOLDS(fclose(stdout) == 0);
	stdout = p->own;
	HOLDS(is_tame(p->text) && (!json || is_json(p->text)));
	free(p->text);
}

static void print_list(struct rows *rows)
{
	struct printed p;

	if (rows->n > 1)
		qsort(rows->row, rows->n, sizeof *rows->row, compare);
	for (int json = 0; json < 2; json++) {
		begin(&p);
		HOLDS(list_show(rows, "ada-1", json != 0) == 0);
		end(&p, json != 0);
	}
}

static void print_stat(const struct rows *before, struct rows *now)
{
	struct printed p;
	struct fail f = { 0 };

	HOLDS(stat_rates(before, now, &f) == 0 && stat_sort(now, &f) == 0);
	begin(&p);
	rows_json(now, STAT_SHOWN);
	end(&p, true);
	begin(&p);
	table_print(stat_columns, COLUMNS, now->n, stat_cell, now);
	end(&p, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool is_stat = next_byte(&data, &size) % 2 != 0;
	OWN_ROWS struct rows rows = { .fields = is_stat ? fields : list_fields,
				      .count = is_stat ? (int)STAT_FIELDS : (int)LIST_FIELDS };
	OWN_ROWS struct rows before = rows;
	struct fail f = { 0 };
	char box[WIRE_BOX], *name = text_of(data, size);
	size_t half = size / 2;

	/* What was there before is the first half of the lines. */
	while (half > 0 && data[half - 1] != '\n')
		half--;

	if (box_of(name, box))
		HOLDS(strlen(box) < sizeof box);
	free(name);
	if (rows_read(file_of(data, size), &rows, &f) < 0 || rows_read(file_of(data, half), &before, &f) < 0)
		HOLDS(is_said(&f));
	else if (is_stat)
		print_stat(&before, &rows);
	else
		print_list(&rows);
	return 0;
}
