/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Do the PAM stacks of sshd call pam_nsbox, and last? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/check.h"

enum { DEPTH = 16, FILE_ROOM = 256 };

/* One line of a stack, of some file. */
struct pam_line {
	char file[FILE_ROOM];
	unsigned line;
	char control[128];
	char module[FILE_ROOM];
	char args[512];
};

/* What is known of one stack after walking through all its files. */
struct stack {
	const char *type;
	unsigned lines;
	unsigned times;       /* how often pam_nsbox is called */
	struct pam_line ours; /* its last call */
	struct pam_line last;
	struct pam_line early; /* before ours: a line that may end the stack; line 0: none */
	bool failed;
	char failure[FILE_ROOM + 64];
};

static void walk(struct stack *stack, const char *name, unsigned depth);

static void copy(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from);
}

/* Cuts the next word off *rest; a word in brackets may hold blanks. NULL at the end. */
static char *cut(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\n");
	char *end = word[0] == '[' ? strchr(word, ']') : word + strcspn(word, " \t\n");

	if (word[0] == '\0')
		return NULL;
	if (end == NULL)
		end = word + strlen(word);
	if (*end == ']')
		end++;
	*rest = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return word;
}

static bool is_ours(const char *module)
{
	const char *slash = strrchr(module, '/');

	return strcmp(slash != NULL ? slash + 1 : module, "pam_nsbox.so") == 0;
}

static void note(struct stack *stack, const struct pam_line *line)
{
	stack->lines++;
	stack->last = *line;
	if (is_ours(line->module)) {
		stack->times++;
		stack->ours = *line;
	} else if (stack->times == 0 && stack->early.line == 0 &&
		   (strcmp(line->control, "sufficient") == 0 || strstr(line->control, "=done") != NULL)) {
		stack->early = *line;
	}
}

static void take_line(struct stack *stack, const char *file, unsigned number, char *text, unsigned depth)
{
	struct pam_line line = { .line = number };
	char *rest = text;
	char *type;
	char *control;
	char *module;

	text[strcspn(text, "#")] = '\0';
	type = cut(&rest);
	control = type != NULL ? cut(&rest) : NULL;
	if (control == NULL)
		return;
	if (strcmp(type, "@include") == 0) {
		walk(stack, control, depth + 1);
		return;
	}
	module = cut(&rest);
	if (module == NULL || strcasecmp(type[0] == '-' ? type + 1 : type, stack->type) != 0)
		return;
	if (strcasecmp(control, "include") == 0 || strcasecmp(control, "substack") == 0) {
		walk(stack, module, depth + 1);
		return;
	}
	copy(line.file, sizeof line.file, file);
	copy(line.control, sizeof line.control, control);
	copy(line.module, sizeof line.module, module);
	copy(line.args, sizeof line.args, rest);
	note(stack, &line);
}

static FILE *open_service(const char *name, char path[FILE_ROOM])
{
	static const char *const places[] = { "/etc/pam.d", "/usr/lib/pam.d" };
	FILE *in = NULL;

	copy(path, FILE_ROOM, name);
	if (name[0] == '/')
		return fopen(path, "re");
	for (size_t i = 0; in == NULL && i < sizeof places / sizeof places[0]; i++) {
		(void)snprintf(path, FILE_ROOM, "%s/%s", places[i], name);
		in = fopen(path, "re");
	}
	return in;
}

/* Goes through one file, and all it includes, in order. A backslash at a line's end joins the next to it. */
static void walk(struct stack *stack, const char *name, unsigned depth)
{
	char path[FILE_ROOM];
	char line[1024];
	size_t used = 0;
	unsigned number = 0;
	FILE *in = depth < DEPTH ? open_service(name, path) : NULL;

	if (in == NULL) {
		stack->failed = true;
		(void)snprintf(stack->failure, sizeof stack->failure, "%s: %s", name,
			       depth < DEPTH ? strerror(errno) : "files include each other");
		return;
	}
	while (fgets(line + used, (int)(sizeof line - used), in) != NULL) {
		size_t n = strlen(line);

		number++;
		used = 0;
		if (n > 1 && line[n - 1] == '\n' && line[n - 2] == '\\' && n < sizeof line - 2) {
			used = n - 1;
			line[used - 1] = ' ';
			continue;
		}
		take_line(stack, path, number, line, depth);
	}
	(void)fclose(in);
}

static bool find_exempt(const char *args, char exempt[64])
{
	static const char word[] = "exempt=";
	const char *at = strstr(args, word);

	if (at == NULL)
		return false;
	at += strlen(word);
	(void)snprintf(exempt, 64, "%.*s", (int)strcspn(at, " \t\n"), at);
	return exempt[0] != '\0';
}

void pam_exempt(char exempt[64])
{
	struct stack stack = { .type = "session" };

	walk(&stack, "sshd", 0);
	if (stack.times == 0 || !find_exempt(stack.ours.args, exempt))
		exempt[0] = '\0';
}

static void judge_exempt(struct findings *findings, const struct pam_line *line, const char *type)
{
	char exempt[64];
	struct fail f;

	if (!find_exempt(line->args, exempt)) {
		found_warning(findings,
			      "%s:%u: no exempt=GROUP on the %s line: a mistake in %s would lock out all but root",
			      line->file, line->line, type, "the configuration");
		return;
	}
	switch (group_exists(exempt, &f)) {
	case 1:
		break;
	case 0:
		found_warning(findings, "%s:%u: exempt=%s: there is no such group", line->file, line->line, exempt);
		break;
	default:
		found_error(findings, "%s:%u: %s", line->file, line->line, f.text);
	}
	if (findings->exempt[0] != '\0' && strcmp(findings->exempt, exempt) != 0)
		found_error(findings, "%s:%u: the auth line exempts %s, the session line %s", line->file, line->line,
			    findings->exempt, exempt);
	copy(findings->exempt, sizeof findings->exempt, exempt);
}

static void judge(struct findings *findings, const struct stack *stack)
{
	const struct pam_line *ours = &stack->ours;
	const struct pam_line *last = &stack->last;
	unsigned before = findings->errors;

	if (stack->times > 1)
		found_error(findings, "%s:%u: the %s stack calls pam_nsbox.so %u times", ours->file, ours->line,
			    stack->type, stack->times);
	if (!is_ours(last->module))
		found_error(findings, "%s:%u: %s comes after pam_nsbox.so, which must be the last of the %s stack",
			    last->file, last->line, last->module, stack->type);
	if (strcasecmp(ours->control, "required") != 0 && strcasecmp(ours->control, "requisite") != 0)
		found_error(findings, "%s:%u: the %s line of pam_nsbox.so is %s instead of required", ours->file,
			    ours->line, stack->type, ours->control);
	if (stack->early.line != 0)
		found_warning(findings,
			      "%s:%u: %s may end the %s stack before pam_nsbox.so is called; such logins are refused",
			      stack->early.file, stack->early.line, stack->early.module, stack->type);
	judge_exempt(findings, ours, stack->type);
	if (findings->errors == before)
		found_ok(findings, "%s:%u: pam_nsbox.so is the last of the %s stack", ours->file, ours->line,
			 stack->type);
}

void check_pam(struct findings *findings)
{
	static const char *const types[] = { "auth", "session" };

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct stack stack = { .type = types[i] };

		walk(&stack, "sshd", 0);
		if (stack.failed)
			found_error(findings, "%s", stack.failure);
		if (stack.times > 0)
			judge(findings, &stack);
		else if (stack.lines > 0 || !stack.failed)
			found_error(findings,
				    "the %s stack of sshd lacks its last line: %s required pam_nsbox.so exempt=GROUP",
				    types[i], types[i]);
	}
}
