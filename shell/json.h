/* SPDX-License-Identifier: MIT */
/* runs as: the user. JSON, as much of it as a list needs. */
#ifndef NSBOX_JSON_H
#define NSBOX_JSON_H

#include <stdio.h>

/* Any bytes as a JSON string (RFC 8259): what is not UTF-8 becomes U+FFFD, the replacement character. */
void json_string(FILE *out, const char *text);

/* Digits, perhaps with a point among them, as a number without leading zeros; null for none. */
void json_number(FILE *out, const char *digits);

#endif
