/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The configuration file: sections and settings, all checked. */
#include "conf/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lines.h"

/* What is known while the lines are gone through. */
struct reading {
	struct config *config;
	config_report *report;
	void *context;
	struct fail *f;
	unsigned errors;
	unsigned seen[KEY_COUNT]; /* the line of each key in the current section */
};

static void wrong(struct reading *r, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void wrong(struct reading *r, unsigned line, const char *format, ...)
{
	char text[sizeof r->f->text];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (r->errors++ == 0)
		(void)fail(r->f, 0, "%s:%u: %s", r->config->path, line, text);
	if (r->report != NULL)
		r->report(r->context, line, text);
}

static enum section_kind kind_of(const char *header, const char **name)
{
	if (strncmp(header, "group:", 6) == 0 || strncmp(header, "user:", 5) == 0) {
		*name = strchr(header, ':') + 1;
		return header[0] == 'g' ? SECTION_GROUP : SECTION_USER;
	}
	*name = header + strlen(header);
	return strcmp(header, "default") == 0 ? SECTION_DEFAULT : SECTION_WRONG;
}

/* Names may hold blanks (directory services have such groups), but not around them. */
static bool name_is_good(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length < 256 && strpbrk(name, ":[]\t") == NULL && name[0] != ' ' &&
	       name[length - 1] != ' ';
}

static const struct section *find_section(const struct config *config, const char *header)
{
	for (unsigned i = 0; i < config->section_count; i++)
		if (config->sections[i].kind != SECTION_WRONG && strcmp(config->sections[i].header, header) == 0)
			return &config->sections[i];
	return NULL;
}

/* The section begins even if it is wrong, so that what stands in it is checked and not reported as homeless. */
static int begin_section(struct reading *r, const struct conf_line *line)
{
	struct section section = { .line = line->number, .first = r->config->setting_count };
	size_t length = strlen(line->text);
	bool closed = line->text[length - 1] == ']';
	const struct section *twin;

	section.header = strndup(line->text + 1, length - (closed ? 2 : 1));
	if (section.header == NULL)
		return fail(r->f, errno, "copy a section");
	section.kind = closed ? kind_of(section.header, &section.name) : SECTION_WRONG;
	twin = find_section(r->config, section.header);
	if (section.kind == SECTION_WRONG)
		wrong(r, line->number, "unknown section %.80s; allowed: [default], [group:NAME], [user:NAME]",
		      line->text);
	else if (section.kind != SECTION_DEFAULT && !name_is_good(section.name))
		wrong(r, line->number, "%.80s: not a name; allowed: up to 255 bytes without : [ ] or blanks around",
		      line->text);
	else if (twin != NULL)
		wrong(r, line->number, "section %.80s stands already in line %u; allowed: each section once",
		      line->text, twin->line);
	memset(r->seen, 0, sizeof r->seen);
	r->config->sections[r->config->section_count++] = section;
	return 0;
}

static void unknown_key(struct reading *r, const struct conf_line *line)
{
	char names[320] = "";
	size_t used = 0;

	for (unsigned i = 0; i < KEY_COUNT && used < sizeof names; i++)
		used += (size_t)snprintf(names + used, sizeof names - used, " %s", key_row((enum key)i)->name);
	wrong(r, line->number, "unknown key %.60s; allowed:%s", line->key, names);
}

/* A section that is wrong was reported already, and may have been meant for [default]. */
static bool may_hold_host_keys(const struct config *config)
{
	enum section_kind kind = config->sections[config->section_count - 1].kind;

	return kind == SECTION_DEFAULT || kind == SECTION_WRONG;
}

static enum key judge_key(struct reading *r, const struct conf_line *line)
{
	enum key key = key_find(line->key);

	if (key == KEY_COUNT) {
		unknown_key(r, line);
	} else if (strncmp(line->text, line->key, strlen(line->key)) != 0) {
		wrong(r, line->number, "keys are written in small letters; allowed: %s", line->key);
	} else if (r->config->section_count == 0) {
		wrong(r, line->number,
		      "%s stands before the first section; allowed: below [default], [group:NAME] or [user:NAME]",
		      line->key);
	} else if (key_row(key)->repeat == HOST && !may_hold_host_keys(r->config)) {
		wrong(r, line->number, "%s is the same for all users; allowed: in [default] only", line->key);
	} else if (r->seen[key] != 0 && key_row(key)->repeat != REPEAT) {
		wrong(r, line->number, "%s stands already in line %u; allowed: once in a section", line->key,
		      r->seen[key]);
	} else {
		r->seen[key] = line->number;
		return key;
	}
	return KEY_COUNT;
}

static int read_setting(struct reading *r, const struct conf_line *line)
{
	struct config *config = r->config;
	struct setting *setting = &config->settings[config->setting_count];
	struct policy scratch = { 0 };
	enum key key = judge_key(r, line);
	struct fail why;

	if (key == KEY_COUNT)
		return 0;
	if (key_set(&scratch, key, line->value, line->number, &why) < 0)
		wrong(r, line->number, "%s", why.text);
	key_clear(&scratch, key);
	*setting = (struct setting){ .key = key, .value = strdup(line->value), .line = line->number };
	if (setting->value == NULL)
		return fail(r->f, errno, "copy a value");
	config->setting_count++;
	config->sections[config->section_count - 1].count++;
	return 0;
}

/* Goes on after a wrong line: an admin wants to see all errors at once. Fails only for want of memory. */
static int read_line(struct reading *r, const struct conf_line *line)
{
	switch (line->kind) {
	case LINE_EMPTY:
		return 0;
	case LINE_SECTION:
		return begin_section(r, line);
	case LINE_SETTING:
		return read_setting(r, line);
	case LINE_WRONG:
		wrong(r, line->number, "%s", line->wrong);
		return 0;
	}
	return 0;
}

static int new_config(const char *path, unsigned lines, struct config **out)
{
	struct config *config = calloc(1, sizeof *config);

	if (config == NULL)
		return -1;
	*out = config;
	config->path = strdup(path);
	config->sections = calloc(lines + 1, sizeof *config->sections);
	config->settings = calloc(lines + 1, sizeof *config->settings);
	return config->path != NULL && config->sections != NULL && config->settings != NULL ? 0 : -1;
}

static void cleanup_config(struct config **config)
{
	config_free(*config);
}

static int read_lines(const struct conf_lines *lines, const char *path, struct config **out, config_report *report,
		      void *context, struct fail *f)
{
	struct config *config __attribute__((cleanup(cleanup_config))) = NULL;
	struct reading r = { .report = report, .context = context, .f = f };

	if (new_config(path, lines->count, &config) < 0)
		return fail(f, ENOMEM, "%s: cannot be kept", path);
	r.config = config;
	for (unsigned i = 0; i < lines->count; i++)
		if (read_line(&r, &lines->line[i]) < 0)
			return -1;
	if (r.errors > 0)
		return -1;
	*out = config;
	config = NULL;
	return 0;
}

int config_read(const char *path, struct config **out, config_report *report, void *context, struct fail *f)
{
	struct conf_lines lines __attribute__((cleanup(conf_lines_free))) = { 0 };

	if (conf_lines_read(path, &lines, f) < 0) {
		if (report != NULL)
			report(context, 0, f->text);
		return fail_in(f, "%s", path);
	}
	return read_lines(&lines, path, out, report, context, f);
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (unsigned i = 0; i < config->section_count; i++)
		free(config->sections[i].header);
	for (unsigned i = 0; i < config->setting_count; i++)
		free(config->settings[i].value);
	free(config->sections);
	free(config->settings);
	free(config->path);
	free(config);
}

static void each_section(const struct config *config, enum section_kind kind, config_section *each, void *context)
{
	for (unsigned i = 0; i < config->section_count; i++)
		if (config->sections[i].kind == kind)
			each(context, config->sections[i].line, config->sections[i].name);
}

void config_groups(const struct config *config, config_section *each, void *context)
{
	each_section(config, SECTION_GROUP, each, context);
}

void config_users(const struct config *config, config_section *each, void *context)
{
	each_section(config, SECTION_USER, each, context);
}

void config_values(const struct config *config, enum key key, config_value *each, void *context)
{
	for (unsigned i = 0; i < config->setting_count; i++)
		if (config->settings[i].key == key)
			each(context, config->settings[i].line, config->settings[i].value);
}
