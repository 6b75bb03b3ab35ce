/* SPDX-License-Identifier: MIT */
/* runs as: anyone. What struct config is: for conf/ only. */
#ifndef NSBOX_CONFIG_H
#define NSBOX_CONFIG_H

#include "conf/policy.h"

enum section_kind {
	SECTION_DEFAULT,
	SECTION_GROUP,
	SECTION_USER,
	SECTION_WRONG, /* its settings are checked all the same */
};

struct section {
	enum section_kind kind;
	char *header; /* "default", "group:staff" */
	const char *name; /* behind the colon; "" for [default] */
	unsigned line;
	unsigned first; /* its settings: count of them from first */
	unsigned count;
};

struct setting {
	enum key key;
	char *value;
	unsigned line;
};

struct config {
	char *path;
	struct section *sections;
	unsigned section_count;
	struct setting *settings;
	unsigned setting_count;
};

#endif
