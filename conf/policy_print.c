/* SPDX-License-Identifier: MIT */
/* runs as: anyone. A policy as text, with where each value came from. */
#include <string.h>

#include "conf/config.h"
#include "conf/escape.h"

/* The header of the section that line is in: the last one that begins before it. */
static const char *section_of(const struct config *config, unsigned line)
{
	const char *header = NULL;

	for (unsigned i = 0; i < config->section_count && config->sections[i].line <= line; i++)
		header = config->sections[i].header;
	return line == 0 ? NULL : header;
}

static unsigned entries_of(const struct policy *policy, enum key key)
{
	char *const *const *list = (const void *)((const char *)policy + key_row(key)->member);
	unsigned count = 0;

	if (key_adds_up(key))
		while ((*list)[count] != NULL)
			count++;
	return count;
}

void policy_each(const struct config *config, const struct policy *policy, policy_setting *each, void *context)
{
	char value[1024];

	for (unsigned k = 0; k < KEY_COUNT; k++) {
		enum key key = (enum key)k;
		unsigned entries = entries_of(policy, key);
		unsigned i = 0;

		do {
			unsigned line = entries > 0 ? policy->item_line[key][i] : policy->line[key];

			key_text(policy, key, i, value, sizeof value);
			each(context, key_row(key)->name, value, line, section_of(config, line));
		} while (++i < entries);
	}
}

struct printing {
	FILE *out;
	const char *path;
	int width; /* of the value column */
};

/* Four bytes for each that may need an escape. */
enum { ESCAPED = 4 * 1024 };

static void measure(void *context, const char *key, const char *value, unsigned line, const char *section)
{
	struct printing *p = context;
	char text[ESCAPED];

	(void)key;
	(void)line;
	(void)section;
	escape_text(text, sizeof text, value);
	/* One long path does not push all origins out of sight. */
	if (strlen(text) <= 40 && (int)strlen(text) > p->width)
		p->width = (int)strlen(text);
}

static void print(void *context, const char *key, const char *value, unsigned line, const char *section)
{
	const struct printing *p = context;
	char text[ESCAPED];

	escape_text(text, sizeof text, value);
	(void)fprintf(p->out, "%-14s = %-*s  # ", key, p->width, text);
	if (line == 0) {
		(void)fputs("default\n", p->out);
		return;
	}
	escape_text(text, sizeof text, p->path);
	(void)fprintf(p->out, "%s:%u", text, line);
	escape_text(text, sizeof text, section != NULL ? section : "");
	(void)fprintf(p->out, " [%s]\n", text);
}

void policy_print(FILE *out, const struct config *config, const struct policy *policy)
{
	struct printing p = { .out = out, .path = config->path };

	policy_each(config, policy, measure, &p);
	policy_each(config, policy, print, &p);
}
