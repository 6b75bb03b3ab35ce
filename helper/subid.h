/* SPDX-License-Identifier: MIT */
/* runs as: root. The subordinate id range of an owner: where it comes from, and that it stays the same. */
#ifndef NSBOX_SUBID_H
#define NSBOX_SUBID_H

#include <stdint.h>

#include "conf/fail.h"
#include "helper/owner.h"

/* The first ids of a range of 65536 uids and one of 65536 gids. */
struct subid {
	uint32_t uid;
	uint32_t gid;
};

/*
 * The owner's ranges: from libsubid, else from the pool (POLICY_NONE: there is none). What was used once is
 * kept in the file "idmap" of the storage directory, because the files on disk belong to those ids: a
 * database that says something else now is an error. Waits until deadline at most.
 */
int subid_for(int storage, const struct owner *owner, uint64_t pool, int64_t deadline, struct subid *ids,
	      struct fail *f);

/* The range of uid in the pool; uid_min as in login.defs(5). Arithmetic only. */
int subid_from_pool(uint64_t pool, uint32_t uid, uint32_t uid_min, struct subid *ids, struct fail *f);

/* Picks the first ranges of at least 65536 ids from what nsbox-subid printed. Returns 1, 0 if there is none, -1. */
int subid_pick(char *text, struct subid *ids, struct fail *f);

#endif
