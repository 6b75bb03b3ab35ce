/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Do the PAM files of the other services that nsbox.conf names place their sessions? */
#include <stdio.h>
#include <string.h>

#include "places.h"
#include "shell/check.h"
#include "shell/pam_stack.h"

/* `su -` has a file of its own, which may include the other's. */
static const struct door {
	const char *file;
	const char *service;
} doors[] = { { "su", "su" }, { "su-l", "su" }, { "cron", "cron" }, { "atd", "atd" } };

enum { DOORS = sizeof doors / sizeof *doors };

/* The lines of nsbox.conf that name the services; 0: none does. */
struct named {
	unsigned line[DOORS];
};

/* Words separated by blanks or commas, one of which is this. */
static bool has_word(const char *text, const char *word)
{
	static const char gaps[] = " \t,";
	size_t n = strlen(word);

	for (text += strspn(text, gaps); *text != '\0'; text += strspn(text, gaps)) {
		size_t length = strcspn(text, gaps);

		if (length == n && strncmp(text, word, n) == 0)
			return true;
		text += length;
	}
	return false;
}

static void note_services(void *context, unsigned line, const char *value)
{
	struct named *named = context;

	for (size_t i = 0; i < DOORS; i++)
		if (named->line[i] == 0 && has_word(value, doors[i].service))
			named->line[i] = line;
}

/* A session that does not come to pam_nsbox.so is opened, and outside; sshd's alone would be refused. */
static void judge_order(struct findings *findings, const struct pam_stack *stack)
{
	const struct pam_line *ours = &stack->ours;

	check_pam_place(findings, stack);
	if (strcasecmp(ours->control, "required") != 0 && strcasecmp(ours->control, "requisite") != 0)
		found_error(findings, "%s:%u: the session line of pam_nsbox.so is %s instead of required: "
			    "sessions that are refused go on outside", ours->file, ours->line, ours->control);
	if (stack->early.line != 0)
		found_error(findings, "%s:%u: %s may end the session stack before pam_nsbox.so is called; "
			    "such sessions are outside", stack->early.file, stack->early.line, stack->early.module);
}

static void judge_door(struct findings *findings, const struct door *door, const struct pam_stack *stack)
{
	unsigned before = findings->errors;
	char exempt[64] = "";

	judge_order(findings, stack);
	(void)pam_find_exempt(stack->ours.args, exempt);
	if (strcmp(exempt, findings->exempt) != 0)
		found_warning(findings, "%s:%u: the line exempts %s, that of sshd %s",
			      stack->ours.file, stack->ours.line, exempt[0] != '\0' ? exempt : "nobody",
			      findings->exempt[0] != '\0' ? findings->exempt : "nobody");
	if (findings->errors == before)
		found_ok(findings, "sessions of %s are boxed: %s:%u: pam_nsbox.so is the last of the session stack",
			 door->file, stack->ours.file, stack->ours.line);
}

static void check_door(struct findings *findings, const struct door *door, unsigned line)
{
	struct pam_stack stack = { .type = "session" };

	pam_stack_read(&stack, door->file);
	if (stack.failed && stack.lines == 0)
		found_warning(findings, "%s:%u: services has %s: %s", NSBOX_CONF, line, door->service, stack.failure);
	else if (stack.failed)
		found_error(findings, "%s", stack.failure);
	else if (stack.times == 0)
		found_error(findings, "%s:%u: services has %s, but the session stack of %s lacks its last line: "
			    "session required pam_nsbox.so exempt=GROUP: its sessions are outside", NSBOX_CONF, line,
			    door->service, door->file);
	else
		judge_door(findings, door, &stack);
}

/* Whether its file has the line or not: pam_nsbox.so lets the session be where it is. */
static void say_outside(struct findings *findings, const struct door *door)
{
	struct pam_stack stack = { .type = "session" };

	pam_stack_read(&stack, door->file);
	if (stack.lines > 0)
		found_ok(findings, "sessions of %s are outside: services does not have %s", door->file,
			 door->service);
}

void check_services(struct findings *findings)
{
	struct named named = { 0 };
	struct config *config;
	struct fail f;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, &f) < 0)
		return; /* said already */
	config_values(config, KEY_services, note_services, &named);
	config_free(config);
	for (size_t i = 0; i < DOORS; i++)
		if (named.line[i] != 0)
			check_door(findings, &doors[i], named.line[i]);
		else
			say_outside(findings, &doors[i]);
}
