/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Reads the stacks of PAM files as libpam does. */
#include "shell/pam_stack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH = 16 };

static void walk(struct pam_stack *stack, const char *name, unsigned depth);

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

bool pam_is_ours(const char *module)
{
	const char *slash = strrchr(module, '/');

	return strcmp(slash != NULL ? slash + 1 : module, "pam_nsbox.so") == 0;
}

static void note(struct pam_stack *stack, const struct pam_line *line)
{
	stack->lines++;
	stack->last = *line;
	if (pam_is_ours(line->module)) {
		stack->times++;
		stack->ours = *line;
	} else if (stack->times == 0 && stack->early.line == 0 &&
		   (strcmp(line->control, "sufficient") == 0 || strstr(line->control, "=done") != NULL)) {
		stack->early = *line;
	}
}

static void take_line(struct pam_stack *stack, const char *file, unsigned number, char *text, unsigned depth)
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

static FILE *open_service(const char *name, char path[PAM_FILE_ROOM])
{
	static const char *const places[] = { "/etc/pam.d", "/usr/lib/pam.d" };
	FILE *in = NULL;

	copy(path, PAM_FILE_ROOM, name);
	if (name[0] == '/')
		return fopen(path, "re");
	for (size_t i = 0; in == NULL && i < sizeof places / sizeof places[0]; i++) {
		(void)snprintf(path, PAM_FILE_ROOM, "%s/%s", places[i], name);
		in = fopen(path, "re");
	}
	return in;
}

/* Goes through one file, and all it includes, in order. A backslash at a line's end joins the next to it. */
static void walk(struct pam_stack *stack, const char *name, unsigned depth)
{
	char path[PAM_FILE_ROOM];
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

bool pam_find_exempt(const char *args, char exempt[64])
{
	static const char word[] = "exempt=";
	const char *at = strstr(args, word);

	if (at == NULL)
		return false;
	at += strlen(word);
	(void)snprintf(exempt, 64, "%.*s", (int)strcspn(at, " \t\n"), at);
	return exempt[0] != '\0';
}

void pam_stack_read(struct pam_stack *stack, const char *service)
{
	walk(stack, service, 0);
}
