/* SPDX-License-Identifier: MIT */
/* runs as: root, called by anyone. What the files of the requests share: one function for each row of the table. */
#ifndef NSBOX_REQUESTS_OWN_H
#define NSBOX_REQUESTS_OWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/fail.h"
#include "helper/requests.h"

/* Users' own affairs, and root's with those of others: requests_user.c */
int request_enter(const struct words *words);
int request_list(const struct words *words);
int request_stat(const struct words *words);
int request_end(const struct words *words);
int request_reset(const struct words *words);
int request_gc(const struct words *words);
int request_backend(const struct words *words);

/* What PAM, systemd, nsbox-sweep and the admin ask for: requests_root.c */
int request_open(const struct words *words);
int request_reload(const struct words *words);
int request_start(const struct words *words);
int request_net_up(const struct words *words);
int request_net_down(const struct words *words);
int request_tell(const struct words *words);
int request_news(const struct words *words);
int request_outside(const struct words *words);

/* Says in the log and on standard error what went wrong. Returns the exit code. */
int request_complain(const char *request, const struct fail *f);

/* A uid in digits, from root. False: it is none. */
bool request_uid(const char *word, uid_t *uid);

#endif
