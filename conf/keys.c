/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The table of keys, and what each kind does with a value. */
#include "conf/keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/policy.h"
#include "conf/value.h"

static const struct key_row rows[KEY_COUNT] = {
#define KEY(name, kind, allowed, initial, repeat, sentence) \
	{ #name, KIND_##kind, allowed, initial, repeat, sentence, offsetof(struct policy, name) },
#include "conf/keys.def"
#undef KEY
};

/* A CHOICE is written through an unsigned: all enums here have the size of one, and no negative value. */
_Static_assert(sizeof(enum scope) == sizeof(unsigned) && sizeof(enum network) == sizeof(unsigned),
	       "enum is not an unsigned");

const struct key_row *key_row(enum key key)
{
	return &rows[key];
}

enum key key_find(const char *name)
{
	for (unsigned i = 0; i < KEY_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0)
			return (enum key)i;
	return KEY_COUNT;
}

bool key_adds_up(enum key key)
{
	enum kind kind = rows[key].kind;

	return kind == KIND_PATHS || kind == KIND_DEVICES || kind == KIND_IO_MAX;
}

static bool is_list(enum key key)
{
	return rows[key].kind == KIND_WORDS || key_adds_up(key);
}

/* Held as the text that was given, once it has been judged. */
static bool is_text(enum key key)
{
	switch (rows[key].kind) {
	case KIND_HOSTNAME:
	case KIND_PATH:
	case KIND_EGRESS:
	case KIND_PUBLISH:
	case KIND_HOST_PORTS:
	case KIND_SUBNET:
	case KIND_SUBNET6:
		return true;
	case KIND_BOOL:
	case KIND_CHOICE:
	case KIND_NUMBER:
	case KIND_SIZE:
	case KIND_TIME:
	case KIND_WORDS:
	case KIND_PATHS:
	case KIND_DEVICES:
	case KIND_IO_MAX:
		return false;
	}
	return false;
}

static void *member_of(struct policy *policy, enum key key)
{
	return (char *)policy + rows[key].member;
}

static const void *member_in(const struct policy *policy, enum key key)
{
	return (const char *)policy + rows[key].member;
}

void key_clear(struct policy *policy, enum key key)
{
	if (is_list(key)) {
		char ***list = member_of(policy, key);

		for (char **at = *list; at != NULL && *at != NULL; at++)
			free(*at);
		free(*list);
		*list = NULL;
		free(policy->item_line[key]);
		policy->item_line[key] = NULL;
	} else if (is_text(key)) {
		char **text = member_of(policy, key);

		free(*text);
		*text = NULL;
	}
	policy->line[key] = 0;
}

static int set_text(char **member, enum kind kind, const char *text, struct fail *f)
{
	char *copy;

	if (value_text(kind, text, f) < 0)
		return -1;
	copy = strdup(text);
	if (copy == NULL)
		return fail(f, errno, "copy a value");
	free(*member);
	*member = copy;
	return 0;
}

/* Adds length bytes of text to a list that may be NULL yet; length 0 only makes the empty list. */
static int list_add(struct policy *policy, enum key key, const char *text, size_t length, unsigned line,
		    struct fail *f)
{
	char ***list = member_of(policy, key);
	size_t count = 0;
	char **grown;
	unsigned *lines;

	for (; *list != NULL && (*list)[count] != NULL; count++)
		if (strncmp((*list)[count], text, length) == 0 && (*list)[count][length] == '\0')
			return 0;
	lines = realloc(policy->item_line[key], (count + 1) * sizeof *lines);
	if (lines == NULL)
		return fail(f, errno, "grow a list");
	lines[count] = line;
	policy->item_line[key] = lines;
	grown = realloc(*list, (count + 2) * sizeof *grown);
	if (grown == NULL)
		return fail(f, errno, "grow a list");
	*list = grown;
	grown[count] = length > 0 ? strndup(text, length) : NULL;
	grown[count + 1] = NULL;
	return length == 0 || grown[count] != NULL ? 0 : fail(f, ENOMEM, "copy a value");
}

static int set_item(struct policy *policy, enum key key, const char *text, unsigned line, struct fail *f)
{
	if (strcmp(text, "none") == 0) {
		key_clear(policy, key);
		return list_add(policy, key, "", 0, line, f);
	}
	if (value_text(rows[key].kind, text, f) < 0)
		return -1;
	return list_add(policy, key, text, strlen(text), line, f);
}

/* All words are judged before the first one changes anything. */
static int set_words(struct policy *policy, enum key key, const char *text, unsigned line, struct fail *f)
{
	static const char blanks[] = " \t,";
	const char *first = text + strspn(text, blanks);
	size_t length;

	if (*first == '\0')
		return fail(f, 0, "is empty");
	for (const char *at = first; *at != '\0'; at += strspn(at, blanks)) {
		length = strcspn(at, blanks);
		if (value_choice(rows[key].allowed, at, length) < 0)
			return fail(f, 0, "holds a word that is not known");
		at += length;
	}
	key_clear(policy, key);
	for (const char *at = first; *at != '\0'; at += strspn(at, blanks)) {
		length = strcspn(at, blanks);
		if (list_add(policy, key, at, length, line, f) < 0)
			return -1;
		at += length;
	}
	return 0;
}

static int set_choice(void *member, const struct key_row *row, const char *text, struct fail *f)
{
	int choice = value_choice(row->allowed, text, strlen(text));

	if (choice < 0)
		return fail(f, 0, "is not known");
	if (row->kind == KIND_BOOL)
		*(bool *)member = choice == 0; /* the row says yes|no */
	else
		*(unsigned *)member = (unsigned)choice;
	return 0;
}

static int set_member(struct policy *policy, enum key key, const char *text, unsigned line, struct fail *f)
{
	const struct key_row *row = &rows[key];
	void *member = member_of(policy, key);

	switch (row->kind) {
	case KIND_BOOL:
	case KIND_CHOICE:
		return set_choice(member, row, text, f);
	case KIND_NUMBER:
	case KIND_SIZE:
	case KIND_TIME:
		return value_amount(row->kind, row->allowed, text, member, f);
	case KIND_HOSTNAME:
	case KIND_PATH:
	case KIND_EGRESS:
	case KIND_PUBLISH:
	case KIND_HOST_PORTS:
	case KIND_SUBNET:
	case KIND_SUBNET6:
		return set_text(member, row->kind, text, f);
	case KIND_WORDS:
		return set_words(policy, key, text, line, f);
	case KIND_PATHS:
	case KIND_DEVICES:
	case KIND_IO_MAX:
		return set_item(policy, key, text, line, f);
	}
	return fail(f, EINVAL, "a kind without a parser");
}

/* What an admin who writes this most likely needs to hear besides. */
static const char *hint(enum key key, const char *text)
{
	size_t length = strlen(text);

	return key == KEY_cpu && length > 0 && text[length - 1] == '%'
		? ": percent without the sign, 100 is one processor" : "";
}

int key_set(struct policy *policy, enum key key, const char *text, unsigned line, struct fail *f)
{
	const struct key_row *row = &rows[key];
	struct fail why;

	if (set_member(policy, key, text, line, &why) == 0) {
		policy->line[key] = line;
		return 0;
	}
	if (why.code != 0)
		return fail(f, 0, "%s: %s", row->name, why.text);
	return fail(f, 0, "%s = %.80s: %s%s; allowed: %s", row->name, text, why.text, hint(key, text), row->allowed);
}

static void words_text(char *const *list, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (; list != NULL && *list != NULL && used < size; list++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "", *list);
}

/* Entry i of a list, or "none". */
static void item_text(char *const *list, unsigned i, char *out, size_t size)
{
	while (i > 0 && list != NULL && *list != NULL) {
		list++;
		i--;
	}
	(void)snprintf(out, size, "%s", list != NULL && *list != NULL ? *list : "none");
}

void key_text(const struct policy *policy, enum key key, unsigned i, char *out, size_t size)
{
	const struct key_row *row = &rows[key];
	const void *member = member_in(policy, key);

	switch (row->kind) {
	case KIND_BOOL:
		return value_choice_text(row->allowed, *(const bool *)member ? 0 : 1, out, size);
	case KIND_CHOICE:
		return value_choice_text(row->allowed, *(const unsigned *)member, out, size);
	case KIND_NUMBER:
	case KIND_SIZE:
	case KIND_TIME:
		return value_amount_text(row->kind, row->allowed, *(const uint64_t *)member, out, size);
	case KIND_HOSTNAME:
	case KIND_PATH:
	case KIND_EGRESS:
	case KIND_PUBLISH:
	case KIND_HOST_PORTS:
	case KIND_SUBNET:
	case KIND_SUBNET6:
		(void)snprintf(out, size, "%s", *(char *const *)member);
		return;
	case KIND_WORDS:
		return words_text(*(char **const *)member, out, size);
	case KIND_PATHS:
	case KIND_DEVICES:
	case KIND_IO_MAX:
		return item_text(*(char **const *)member, i, out, size);
	}
}
