/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Do the PAM stacks of sshd call pam_nsbox, and last? */
#include <stdio.h>
#include <string.h>

#include "shell/check.h"
#include "shell/pam_stack.h"

void pam_exempt(char exempt[64])
{
	struct pam_stack stack = { .type = "session" };

	pam_stack_read(&stack, "sshd");
	if (stack.times == 0 || !pam_find_exempt(stack.ours.args, exempt))
		exempt[0] = '\0';
}

static void judge_exempt(struct findings *findings, const struct pam_line *line, const char *type)
{
	char exempt[64];
	struct fail f;

	if (!pam_find_exempt(line->args, exempt)) {
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
	(void)snprintf(findings->exempt, sizeof findings->exempt, "%s", exempt);
}

void check_pam_place(struct findings *findings, const struct pam_stack *stack)
{
	const struct pam_line *last = &stack->last;

	if (stack->times > 1)
		found_error(findings, "%s:%u: the %s stack calls pam_nsbox.so %u times", stack->ours.file,
			    stack->ours.line, stack->type, stack->times);
	if (!pam_is_ours(last->module))
		found_error(findings, "%s:%u: %s comes after pam_nsbox.so, which must be the last of the %s stack",
			    last->file, last->line, last->module, stack->type);
}

static void judge(struct findings *findings, const struct pam_stack *stack)
{
	const struct pam_line *ours = &stack->ours;
	unsigned before = findings->errors;

	check_pam_place(findings, stack);
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
		struct pam_stack stack = { .type = types[i] };

		pam_stack_read(&stack, "sshd");
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
