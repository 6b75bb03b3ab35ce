/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Key and value of each line, by iniparser. */
#include <errno.h>
#include <iniparser/iniparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "conf/fd.h"
#include "conf/lines.h"

/*
 * iniparser keeps neither line numbers nor duplicates, so each line is given to it as a section of its own,
 * named by the line's index. Its dictionary is searched linearly for every entry; batches of this many lines
 * keep the whole linear. Measured on a small virtual machine: a file of a dozen lines 0.04 ms from open to the
 * checked struct config, the largest one (2,000 settings) 6 ms; as one batch that would be 18 ms.
 */
enum { BATCH = 64, ENTRY_MAX = CONF_LINE_MAX + 16 };

/* iniparser would print to standard error, which here belongs to somebody else. */
static int say_nothing(const char *format, ...)
{
	(void)format;
	return 0;
}

static void free_dictionary(dictionary **ini)
{
	if (*ini != NULL)
		iniparser_freedict(*ini);
}

static void free_text(char **text)
{
	free(*text);
}

/* iniparser reads files by name only: the name is that of a memfd. */
static dictionary *load(const char *text, size_t length, struct fail *f)
{
	OWN_FD int fd = memfd_create("nsbox.conf", MFD_CLOEXEC);
	dictionary *ini;
	char path[64];

	if (fd < 0 || fd_write_all(fd, text, length) < 0) {
		(void)fail(f, errno, "copy lines for iniparser");
		return NULL;
	}
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	iniparser_set_error_callback(say_nothing);
	errno = 0;
	ini = iniparser_load(path);
	if (ini == NULL)
		(void)fail(f, errno, "iniparser could not load %s", path);
	return ini;
}

/* Entries are "INDEX" (a section, without value) and "INDEX:key". */
static int take(const dictionary *ini, struct conf_line *lines, unsigned count, struct fail *f)
{
	/* Signed in iniparser 4.1, not in 4.2. */
	size_t size = (size_t)ini->size;

	for (size_t i = 0; i < size; i++) {
		char *key;
		unsigned long index;

		if (ini->key[i] == NULL || ini->val[i] == NULL)
			continue;
		index = strtoul(ini->key[i], &key, 10);
		if (*key != ':' || index >= count || lines[index].key != NULL)
			return fail(f, 0, "iniparser mixed up its lines");
		lines[index].key = strdup(key + 1);
		lines[index].value = strdup(ini->val[i]);
		if (lines[index].key == NULL || lines[index].value == NULL)
			return fail(f, ENOMEM, "copy a line");
	}
	return 0;
}

/* Gives iniparser the settings from *at on, BATCH of them at most, and moves *at behind them. */
static int split_batch(struct conf_line *lines, unsigned count, unsigned *at, char *text, struct fail *f)
{
	dictionary *ini __attribute__((cleanup(free_dictionary))) = NULL;
	size_t used = 0;
	unsigned given = 0;

	for (; *at < count && given < BATCH; (*at)++) {
		if (lines[*at].kind != LINE_SETTING)
			continue;
		used += (size_t)snprintf(text + used, ENTRY_MAX, "[%u]\n%s\n", *at, lines[*at].text);
		given++;
	}
	if (given == 0)
		return 0;
	ini = load(text, used, f);
	return ini == NULL ? -1 : take(ini, lines, count, f);
}

int ini_split(struct conf_line *lines, unsigned count, struct fail *f)
{
	char *text __attribute__((cleanup(free_text))) = malloc((size_t)BATCH * ENTRY_MAX);

	if (text == NULL)
		return fail(f, errno, "copy lines for iniparser");
	for (unsigned at = 0; at < count;)
		if (split_batch(lines, count, &at, text, f) < 0)
			return -1;
	for (unsigned i = 0; i < count; i++)
		if (lines[i].kind == LINE_SETTING && lines[i].key == NULL)
			return fail(f, 0, "iniparser did not understand line %u", lines[i].number);
	return 0;
}
