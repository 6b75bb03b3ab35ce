/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. The stacks of PAM files, for nssh --check. */
#ifndef NSBOX_PAM_STACK_H
#define NSBOX_PAM_STACK_H

#include <stdbool.h>

enum { PAM_FILE_ROOM = 256 };

/* One line of a stack, of some file. */
struct pam_line {
	char file[PAM_FILE_ROOM];
	unsigned line;
	char control[128];
	char module[PAM_FILE_ROOM];
	char args[512];
};

/* What is known of one stack after walking through all its files. */
struct pam_stack {
	const char *type;
	unsigned lines;
	unsigned times;       /* how often pam_nsbox is called */
	struct pam_line ours; /* its last call */
	struct pam_line last;
	struct pam_line early; /* before ours: a line that may end the stack; line 0: none */
	bool failed;
	char failure[PAM_FILE_ROOM + 64];
};

/* Goes through the file of a service, or one with an absolute path, for stack->type, and all that it includes. */
void pam_stack_read(struct pam_stack *stack, const char *service);

/* Is it pam_nsbox.so, by whatever path? */
bool pam_is_ours(const char *module);

/* The GROUP of exempt=GROUP; false if there is none. */
bool pam_find_exempt(const char *args, char exempt[64]);

#endif
