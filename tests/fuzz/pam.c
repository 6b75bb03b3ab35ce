/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. The files of PAM that nssh --check goes through; whatever they include is the input once more. The
 * file under test is taken in whole.
 */
#include "tests/fuzz/fuzz.h"

static FILE *open_input(const char *path, const char *mode);

#define fopen open_input
#include "shell/pam_stack.c"
#undef fopen

static const uint8_t *input;
static size_t input_size;
static unsigned opened;

/* Files that include each other several times are more than anybody would wait for. */
static FILE *open_input(const char *path, const char *mode)
{
	HOLDS(strcmp(mode, "re") == 0 && memchr(path, '\0', PAM_FILE_ROOM) != NULL);
	if (opened++ == 100 || input_size == 0) {
		errno = EMFILE;
		return NULL;
	}
	return opened > 100 ? NULL : fmemopen((void *)(uintptr_t)input, input_size, "r");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pam_stack stack = { .type = "session" };
	char exempt[64] = "";

	input = data;
	input_size = size;
	opened = 0;
	pam_stack_read(&stack, "sshd");
	HOLDS(memchr(stack.failure, '\0', sizeof stack.failure) != NULL &&
	      stack.failed == (stack.failure[0] != '\0'));
	HOLDS(stack.times <= stack.lines && (stack.times > 0) == pam_is_ours(stack.ours.module));
	HOLDS(memchr(stack.last.args, '\0', sizeof stack.last.args) != NULL);
	if (pam_find_exempt(stack.last.args, exempt))
		HOLDS(exempt[0] != '\0' && memchr(exempt, '\0', sizeof exempt) != NULL);
	return 0;
}
