/* SPDX-License-Identifier: MIT */
/* runs as: root. Has nft(8) load the rules, and remove them. */
#ifndef NSBOX_NET_LOAD_H
#define NSBOX_NET_LOAD_H

#include "conf/fail.h"
#include "helper/net/rules.h"

/*
 * Makes both tables anew, with the admin's chains from /etc/nsbox.nft; the text lies in the file `rules` below
 * directory, which is /run/nsbox/net. What nft says when it fails goes to standard error, for an admin who has just
 * edited a chain. If it fails the tables are what they were.
 */
int rules_set(int directory, const struct rules *rules, struct fail *f);

/* Removes both tables; that there are none is no failure. */
int rules_remove(int directory, struct fail *f);

#endif
