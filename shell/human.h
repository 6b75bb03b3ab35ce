/* SPDX-License-Identifier: MIT */
/* runs as: the user. Numbers as people read them. */
#ifndef NSBOX_HUMAN_H
#define NSBOX_HUMAN_H

#include <stddef.h>

/* How a number is shown; digits may have a point among them. */
typedef void human(char *out, size_t size, const char *digits);

/*
 * As it is; as a size, "1.5G"; in whole percent, "87%"; microseconds in minutes and seconds, "1:02"; seconds in the
 * largest unit that fits, "5m".
 */
human human_number, human_size, human_percent, human_minutes, human_span;

/* "used/most", or "used" if most is NULL: "-" where used is NULL. */
void human_share(char *out, size_t size, human *show, const char *used, const char *most);

#endif
