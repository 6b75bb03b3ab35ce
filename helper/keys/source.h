/* SPDX-License-Identifier: MIT */
/* runs as: root. Which home the keys of a login come from. */
#ifndef NSBOX_KEYS_SOURCE_H
#define NSBOX_KEYS_SOURCE_H

#include <pwd.h>

#include "conf/fail.h"

#define SOURCE_EXEMPT "exempt="

enum source {
	SOURCE_HOST,    /* the real home, as without nsbox */
	SOURCE_OVERLAY, /* the real home under the user's upper */
	SOURCE_PRIVATE, /* only a private home that is kept */
	SOURCE_NOTHING, /* a private home that is made anew for each box: it holds no keys */
};

/*
 * By the user's policy; the host's for root and for the members of the groups in exempt ("exempt=GROUP", up to a
 * NULL). Fails when a membership could not be found out: who may have to be boxed must not log in by keys of
 * the other kind.
 */
int source_of(struct passwd *user, char **exempt, enum source *out, struct fail *f);

#endif
