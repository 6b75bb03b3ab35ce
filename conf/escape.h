/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Text that somebody else wrote, made safe for a terminal or a log. */
#ifndef NSBOX_ESCAPE_H
#define NSBOX_ESCAPE_H

#include <stddef.h>

/*
 * Copies text to out, of size bytes with the final NUL: well-formed UTF-8 as it is; control characters (C0, DEL,
 * C1, also newline and tab) and bytes that are no UTF-8 as \xNN. What does not fit is left off, never in the
 * middle of a character or an escape.
 */
void escape_text(char *out, size_t size, const char *text);

#endif
