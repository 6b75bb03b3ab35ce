/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Values of the configuration: amounts, words and paths, from text and back. */
#ifndef NSBOX_VALUE_H
#define NSBOX_VALUE_H

#include <stdint.h>

#include "conf/keys.h"

/* Reads a KIND_NUMBER, KIND_SIZE or KIND_TIME that lies in allowed ("1..5 or none"). */
int value_amount(enum kind kind, const char *allowed, const char *text, uint64_t *out, struct fail *f);

/* The shortest text that value_amount reads back: "512M", "5m", or for POLICY_NONE the word of allowed. */
void value_amount_text(enum kind kind, const char *allowed, uint64_t amount, char *out, size_t size);

/* The place of a word of length bytes in "this|that", or -1. */
int value_choice(const char *choices, const char *word, size_t length);

/* The i-th of "this|that" as text. */
void value_choice_text(const char *choices, unsigned i, char *out, size_t size);

/* Is text a value (of a list: an entry) of this kind, one that a policy holds as text? */
int value_text(enum kind kind, const char *text, struct fail *f);

/* Is text an absolute path that names one thing in one way, and (unless NULL) below a directory? */
int value_path(const char *text, const char *below, struct fail *f);

#endif
