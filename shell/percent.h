/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Values as nsbox-helper writes them: helper/fields.h. */
#ifndef NSBOX_PERCENT_H
#define NSBOX_PERCENT_H

#include <stdbool.h>

/* Puts the byte of each "%41" in its place, in text itself. False: not well-formed. */
bool percent_decode(char *text);

#endif
