/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The configuration file as lines: what iniparser does not keep, and what it does. */
#ifndef NSBOX_LINES_H
#define NSBOX_LINES_H

#include "conf/fail.h"

enum { CONF_FILE_MAX = 64 * 1024, CONF_LINES_MAX = 2000, CONF_LINE_MAX = 900 };

enum line_kind {
	LINE_EMPTY,   /* blank, or a comment */
	LINE_SECTION, /* text begins with [ */
	LINE_SETTING, /* key and value are there */
	LINE_WRONG,   /* wrong says why */
};

struct conf_line {
	unsigned number; /* from 1 */
	enum line_kind kind;
	char *text; /* without blanks around it; part of conf_lines.text */
	const char *wrong;
	char *key;
	char *value;
};

struct conf_lines {
	char *text;
	struct conf_line *line;
	unsigned count;
};

/*
 * Opens path, judges the open descriptor and reads all lines, each judged for itself. Fails, with a text that
 * does not name path, only for the file as a whole. Free with conf_lines_free, which leaves it empty.
 */
int conf_lines_read(const char *path, struct conf_lines *out, struct fail *f);
void conf_lines_free(struct conf_lines *lines);

/*
 * Lets iniparser split every LINE_SETTING among count lines into key (lower case) and value (without quotes and
 * comment). The lines are of the shape that conf_lines_read lets through.
 */
int ini_split(struct conf_line *lines, unsigned count, struct fail *f);

#endif
