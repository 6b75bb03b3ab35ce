/* SPDX-License-Identifier: MIT */
/* runs as: anyone. What went wrong, in words. */
#include "conf/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fail(struct fail *f, int code, const char *format, ...)
{
	va_list ap;

	f->code = code;
	f->plain[0] = '\0';
	va_start(ap, format);
	(void)vsnprintf(f->text, sizeof f->text, format, ap);
	va_end(ap);
	if (code != 0) {
		size_t used = strlen(f->text);
		/* strerrordesc_np, unlike strerror, needs no locale and no memory. */
		const char *words = strerrordesc_np(code);

		(void)snprintf(f->text + used, sizeof f->text - used, ": %s",
			       words != NULL ? words : "unknown error");
	}
	return -1;
}

int fail_in(struct fail *f, const char *format, ...)
{
	char cause[sizeof f->text];
	size_t length = strlen(f->text);
	va_list ap;

	memcpy(cause, f->text, length + 1);
	va_start(ap, format);
	(void)vsnprintf(f->text, sizeof f->text, format, ap);
	va_end(ap);

	/* The cause stands last and is what must survive a text that grew too long. */
	size_t room = sizeof f->text - 1 - (length < sizeof f->text - 3 ? length + 2 : sizeof f->text - 1);
	size_t used = strnlen(f->text, room);

	(void)snprintf(f->text + used, sizeof f->text - used, "%s%s", used > 0 ? ": " : "", cause);
	return -1;
}

int fail_plain(struct fail *f, const char *format, ...)
{
	va_list ap;

	if (f->plain[0] != '\0')
		return -1;
	va_start(ap, format);
	(void)vsnprintf(f->plain, sizeof f->plain, format, ap);
	va_end(ap);
	return -1;
}
