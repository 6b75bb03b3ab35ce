/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The configuration file, and the policy it holds for one user. */
#ifndef NSBOX_POLICY_H
#define NSBOX_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/fail.h"

#define POLICY_NONE UINT64_MAX /* the word "none" for a size or a number */

enum scope { SCOPE_LOGIN, SCOPE_USER };
enum home { HOME_OVERLAY, HOME_BIND, HOME_EMPTY };
enum homes { HOMES_OWN, HOMES_ALL };
enum storage { STORAGE_PERSISTENT, STORAGE_EPHEMERAL };
enum network { NETWORK_NONE, NETWORK_HOST };

/* The whole file, checked; opaque. */
struct config;

/* Called for each error found: the line (0: the file as a whole) and a text without file or line. */
typedef void config_report(void *context, unsigned line, const char *text);

/*
 * Opens path, judges the open descriptor (regular, owned by root, not writable by group or others, bounded)
 * and reads and checks all of it. Every error goes to report (may be NULL); *out is set only when there is
 * none. On failure f holds the first error as "PATH:LINE: text". Free with config_free. A FIFO, a device or a directory is
 * refused without waiting for it.
 */
int config_read(const char *path, struct config **out, config_report *report, void *context, struct fail *f);
void config_free(struct config *config);

/* Is the user asked about in this group? 1 yes, 0 no, -1 could not be found out (f says why). */
typedef int policy_in_group(void *context, const char *group, struct fail *f);

/*
 * One member per row of conf/keys.def. Kinds: bool; uint64_t for sizes (bytes), numbers and times (seconds),
 * POLICY_NONE for "none"; enums; char * for text; char ** (NULL-terminated, never NULL) for lists.
 * line[KEY_x] is the line of the file the value came from, 0 for the built-in default.
 */
struct policy;

/*
 * The effective settings of user: [default], then each [group:NAME] they are in, in file order, then
 * [user:NAME]. Fails if a membership cannot be found out. Free with policy_free.
 */
int policy_for(const struct config *config, const char *user, policy_in_group *in_group, void *context, struct policy *out, struct fail *f);
void policy_free(struct policy *policy);

#endif
