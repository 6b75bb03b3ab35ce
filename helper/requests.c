/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. Power as a table: which requests there are and who may make them. */
#include "helper/requests.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "helper/fields.h"
#include "helper/log.h"
#include "helper/requests_own.h"

int request_complain(const char *request, const struct fail *f)
{
	log_error("event=%s error=\"%s\"", request, f->text);
	(void)dprintf(2, "nsbox-helper: %s\n", f->text);
	return 1;
}

bool request_uid(const char *word, uid_t *uid)
{
	uint64_t number;

	if (field_number(word, UINT_MAX - 1, &number) < 0)
		return false;
	*uid = (uid_t)number;
	return true;
}

static const struct request_row rows[] = {
	{ "open", request_open, 3, 3, true, true },
	{ "enter", request_enter, 3, INT_MAX, false, true },
	{ "list", request_list, 1, 1, false, false },
	{ "stat", request_stat, 1, 1, false, false },
	{ "end", request_end, 2, 2, false, false },
	{ "reset", request_reset, 2, 2, false, false },
	{ "gc", request_gc, 1, 1, false, false },
	{ "reload", request_reload, 0, 0, true, false },
	{ "start", request_start, 0, 0, true, false },
	{ "net-up", request_net_up, 0, 0, true, false },
	{ "net-down", request_net_down, 0, 0, true, false },
	{ "tell", request_tell, 2, 2, true, false },
	{ "news", request_news, 5, 5, true, false },
	{ "outside", request_outside, 1, 1, true, false },
	{ "backend", request_backend, 0, 0, false, false },
};

const struct request_row *request_find(const char *name)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}
