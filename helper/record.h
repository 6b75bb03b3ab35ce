/* SPDX-License-Identifier: MIT */
/* runs as: root. What the helper wrote about a box under /run/nsbox/UID/: the one truth about it. */
#ifndef NSBOX_RECORD_H
#define NSBOX_RECORD_H

#include <stdint.h>
#include <sys/types.h>

#include "conf/fail.h"
#include "helper/owner.h"
#include "helper/wire.h"

enum { RECORD_TEXT = 16384 };

struct record {
	char box[WIRE_BOX];    /* USER-N */
	unsigned number;       /* N, and the name of the record's file */
	uint64_t created;      /* seconds since the epoch */
	char service[32];
	char from[256];        /* the remote host, "-" if there is none */
	pid_t pid;             /* of init; it is that process only if start and userns agree */
	uint64_t start;        /* clock ticks since boot, field 22 of /proc/PID/stat */
	uint64_t userns;       /* inode of the box's user namespace */
	uint64_t devpts;       /* st_dev of the box's /dev/pts */
	uint64_t home_dev;     /* st_dev of the home in the box if that is the persistent overlay, else 0 */
	char real_home[256];   /* the home without symbolic links, "/" if there is none */
	char network[8];       /* the policy's word for it */
	uint32_t slot;         /* its place in the subnet, with which all of its addresses are made; 0: it has none */
	char address[WIRE_ADDRESS]; /* "10.189.0.2,fd6e::2"; "-" if it has none of its own */
	char ports[WIRE_PORTS];     /* of the host, that lead into the box: "20000-20009,8080"; "-" if none do */
	uint32_t filter;       /* enum filter: of whatever enters, as long as the box lives */
	uint32_t root_uid;     /* kuid of the box's root */
	uint32_t root_gid;
	struct owner owner;
};

/*
 * The file's text. Fails when it does not fit into size, or a field is empty, which record_parse refuses: the owner
 * could not log in again past such a record.
 */
int record_format(const struct record *record, char *text, size_t size, struct fail *f);

/* Strict: every field once (but those that came later), nothing unknown, all in range. text is used up. */
int record_parse(char *text, struct record *record, struct fail *f);

/*
 * Appends what lists tell of the box, as fields (helper/fields.h), to line, which has room for size. service and from
 * are the record's own, or those of a newer login.
 */
int record_describe(const struct record *record, const char *service, const char *from, char *line, size_t size);

/* Writes and reads DIR/NUMBER; writing is atomic. Reading fails with ENOENT when there is none. */
int record_write(int dir, const struct record *record, struct fail *f);
int record_read(int dir, unsigned number, struct record *record, struct fail *f);
/* Also what the user was told of the box (helper/told.h), its logins (logins.h) and its socket (hopdir.h). */
int record_remove(int dir, unsigned number, struct fail *f);

/* The numbers of the records in dir, ascending, at most max. Returns how many, or -1. */
int record_numbers(int dir, unsigned *numbers, int max, struct fail *f);

#endif
