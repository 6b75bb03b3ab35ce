/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The keys of the configuration as a table made from conf/keys.def, and their values as text. */
#ifndef NSBOX_KEYS_H
#define NSBOX_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fail.h"

struct policy;

/* KEY_enable, KEY_services, ... */
enum key {
#define KEY(name, kind, allowed, initial, repeat, sentence) KEY_##name,
#include "conf/keys.def"
#undef KEY
	KEY_COUNT
};

enum kind {
	KIND_BOOL,
	KIND_CHOICE,
	KIND_NUMBER,
	KIND_SIZE,     /* bytes */
	KIND_TIME,     /* seconds */
	KIND_HOSTNAME, /* text with %u, %h and %% */
	KIND_PATH,     /* absolute, or empty */
	KIND_WORDS,    /* one line of words; a later line replaces it */
	KIND_PATHS,    /* one absolute path a line; lines add up, none empties */
	KIND_DEVICES,  /* the same, below /dev */
	KIND_IO_MAX,   /* one "PATH rbps=10M ..." a line (conf/io_max.h); lines add up, none empties */
	KIND_EGRESS,   /* all, internet, none, or the name of an nftables chain */
	KIND_PUBLISH,  /* "8080 9000-9010" (conf/ports.h) */
	KIND_HOST_PORTS, /* the same, with /tcp or /udp */
	KIND_SUBNET,   /* "10.189.0.0/20" (conf/subnet.h) */
	KIND_SUBNET6,  /* "fd6e:7362:6f78::/64", or none */
};

enum repeat {
	ONCE,
	REPEAT,
	HOST, /* once, and in [default] only: all users have the same */
};

struct key_row {
	const char *name;
	enum kind kind;
	const char *allowed;
	const char *initial; /* the default */
	enum repeat repeat;
	const char *sentence;
	size_t member; /* where in struct policy */
};

const struct key_row *key_row(enum key key);

/* The key of this name, or KEY_COUNT. */
enum key key_find(const char *name);

/*
 * Checks text against the key's row and puts it into policy, with the line it stands in. On failure policy is
 * unchanged and f says "KEY = TEXT: what is wrong; allowed: ...".
 */
int key_set(struct policy *policy, enum key key, const char *text, unsigned line, struct fail *f);

/* Frees what the key's member holds. */
void key_clear(struct policy *policy, enum key key);

/* Does the key hold a list whose entries came from lines of their own? */
bool key_adds_up(enum key key);

/* The key's value as text that key_set would take; for paths that of entry i ("none" if there is none). */
void key_text(const struct policy *policy, enum key key, unsigned i, char *out, size_t size);

#endif
