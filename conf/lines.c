/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The configuration file as lines, each judged for itself before any parser sees it. */
#include "conf/lines.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/fd.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Only root may have said what is in there. */
static int judge_file(int fd, struct fail *f)
{
	struct stat is;

	if (fstat(fd, &is) < 0)
		return fail(f, errno, "cannot be examined");
	if (!S_ISREG(is.st_mode))
		return fail(f, 0, "is not a regular file");
	if (is.st_uid != 0)
		return fail(f, 0, "belongs to uid %u, and must belong to root", is.st_uid);
	if ((is.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fail(f, 0, "is writable by others than its owner (mode %04o), try chmod go-w",
			    is.st_mode & 07777);
	return 0;
}

/*
 * The whole file, once. Opening a FIFO or a terminal must neither wait nor have an effect. A NUL byte ends the
 * text early; *nul says so.
 */
static int read_file(const char *path, char **text, bool *nul, struct fail *f)
{
	OWN_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return fail(f, errno, "cannot be opened");
	if (judge_file(fd, f) < 0)
		return -1;
	*text = calloc(1, CONF_FILE_MAX + 1);
	if (*text == NULL)
		return fail(f, errno, "cannot be read");
	*nul = false;
	if (fd_read_text(fd, *text, CONF_FILE_MAX + 1) >= 0)
		return 0;
	*nul = errno == EINVAL;
	if (errno == EFBIG)
		return fail(f, 0, "is larger than %d bytes", CONF_FILE_MAX);
	return *nul ? 0 : fail(f, errno, "cannot be read");
}

/*
 * What iniparser would misread without a word: it drops what follows a closing quote or a #. value is what stands
 * behind the =. Returns NULL if there is nothing to complain about.
 */
static const char *judge_value(const char *value)
{
	char quote = value[0];

	if (quote == '"' || quote == '\'') {
		const char *end = strchr(value + 1, quote);

		if (end == NULL)
			return "a quote is not closed";
		end++;
		while (is_blank(*end))
			end++;
		return *end == '\0' || *end == '#' || *end == ';' ? NULL : "text after the closing quote";
	}
	for (const char *at = value; at[0] != '\0' && at[0] != '#' && at[0] != ';'; at++)
		if (!is_blank(at[0]) && (at[1] == '#' || at[1] == ';'))
			return "# and ; begin a comment: "
			       "put a blank before it, or quotes around a value that contains it";
	return NULL;
}

static const char *judge_setting(const char *text)
{
	const char *value = strchr(text, '=');

	if (value == NULL || value == text)
		return "neither [section] nor key = value";
	if (text[strlen(text) - 1] == '\\')
		return "a line cannot be continued on the next one (\\ at its end)";
	value++;
	while (is_blank(*value))
		value++;
	return judge_value(value);
}

static bool has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text) && *text != '\t')
			return true;
	return false;
}

static void judge_line(struct conf_line *line)
{
	const char *text = line->text;

	if (strlen(text) > CONF_LINE_MAX)
		line->wrong = "longer than 900 bytes";
	else if (has_control(text))
		line->wrong = strchr(text, '\r') != NULL ? "a carriage return: lines must end with a line feed alone"
							 : "a control byte";
	else if (text[0] == '\0' || text[0] == '#' || text[0] == ';')
		line->kind = LINE_EMPTY;
	else if (text[0] == '[')
		line->kind = LINE_SECTION;
	else
		line->wrong = judge_setting(text);
	if (line->wrong != NULL)
		line->kind = LINE_WRONG;
}

_Static_assert(CONF_LINE_MAX == 900, "the message in judge_line says another number");

/* Cuts blanks off both ends of a line that ends at end. */
static char *trim(char *text, char *end)
{
	while (is_blank(*text))
		text++;
	while (end > text && is_blank(end[-1]))
		end--;
	*end = '\0';
	return text;
}

static void cut_lines(struct conf_lines *lines, bool nul)
{
	char *at = lines->text;

	while (*at != '\0' || nul) {
		struct conf_line *line = &lines->line[lines->count++];
		char *end = at + strcspn(at, "\n");
		bool last = *end == '\0';

		line->number = lines->count;
		line->kind = LINE_SETTING;
		line->text = trim(at, end);
		judge_line(line);
		if (lines->count > CONF_LINES_MAX || (last && nul)) {
			line->kind = LINE_WRONG;
			line->wrong = last && nul ? "a NUL byte" : "more than 2000 lines";
			return;
		}
		if (last)
			return;
		at = end + 1;
	}
}

_Static_assert(CONF_LINES_MAX == 2000, "the message in cut_lines says another number");

int conf_lines_read(const char *path, struct conf_lines *out, struct fail *f)
{
	struct conf_lines lines __attribute__((cleanup(conf_lines_free))) = { 0 };
	bool nul;

	if (read_file(path, &lines.text, &nul, f) < 0)
		return -1;
	lines.line = calloc(CONF_LINES_MAX + 1, sizeof *lines.line);
	if (lines.line == NULL)
		return fail(f, errno, "cannot be read");
	cut_lines(&lines, nul);
	if (ini_split(lines.line, lines.count, f) < 0)
		return -1;
	*out = lines;
	lines = (struct conf_lines){ 0 };
	return 0;
}

void conf_lines_free(struct conf_lines *lines)
{
	for (unsigned i = 0; i < lines->count; i++) {
		free(lines->line[i].key);
		free(lines->line[i].value);
	}
	free(lines->line);
	free(lines->text);
	*lines = (struct conf_lines){ 0 };
}
