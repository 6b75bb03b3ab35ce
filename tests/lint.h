/* SPDX-License-Identifier: MIT */
/* runs as: never. What `make lint` tells analysers that see one file at a time: a step that failed returns -1. */
#include "conf/fail.h"

#define fail(...) ((fail)(__VA_ARGS__), -1)
#define fail_in(...) ((fail_in)(__VA_ARGS__), -1)
#define fail_plain(...) ((fail_plain)(__VA_ARGS__), -1)
