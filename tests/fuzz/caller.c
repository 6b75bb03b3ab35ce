/* SPDX-License-Identifier: MIT */
/*
 * runs as: root. What callers say: words of the helper's command line, variables, and to pam_nsbox the name of the
 * host that a login comes from. The files under test are taken in whole.
 */
#include "tests/fuzz/fuzz.h"

#include "helper/caller.c"
#include "helper/requests_user.c"

#define start start_helper
#include "pam_module/helper_run.c"

static void words(char *word)
{
	const struct request_row *row = request_find(word);
	uid_t uid;

	HOLDS(row == NULL || strcmp(row->name, word) == 0);
	if (request_uid(word, &uid))
		HOLDS(uid != UINT32_MAX && strspn(word, "0123456789") == strlen(word));
	if (may_name_box(word))
		HOLDS(is_tame(word) && strpbrk(word, "\"\n") == NULL && strlen(word) < WIRE_BOX);
	HOLDS(which_box(word) == ENTER_NAMED || strlen(word) == 1);
}

static void host(const char *name)
{
	char out[RHOST_MOST];

	clean_rhost(name, out);
	HOLDS(out[0] != '\0' && strlen(out) < sizeof out);
	for (const char *c = out; *c != '\0'; c++)
		HOLDS(strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:%_-?", *c) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *texts[16] = { NULL }, *environment[16];
	size_t n = 0, kept = 0, found = 0;

	for (; size > 0 && n < 15; n++) {
		texts[n] = next_text(&data, &size);
		words(texts[n]);
		host(texts[n]);
		kept += texts[n][0] == '+';
	}
	memcpy(environment, texts, sizeof environment);
	keep_carried(environment);
	for (; environment[found] != NULL; found++)
		HOLDS(*(environment[found] - 1) == '+');
	HOLDS(found == kept);
	while (n > 0)
		free(texts[--n]);
	return 0;
}
