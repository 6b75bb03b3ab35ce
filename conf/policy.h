/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The configuration file, and the policy it holds for one user. */
#ifndef NSBOX_POLICY_H
#define NSBOX_POLICY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "conf/fail.h"
#include "conf/keys.h"

#define POLICY_NONE UINT64_MAX /* the word "none" for a size or a number */

enum scope { SCOPE_LOGIN, SCOPE_USER };
enum home { HOME_OVERLAY, HOME_BIND, HOME_EMPTY };
enum homes { HOMES_OWN, HOMES_ALL };
enum storage { STORAGE_PERSISTENT, STORAGE_EPHEMERAL };
enum network { NETWORK_NONE, NETWORK_HOST, NETWORK_NAT, NETWORK_PASTA };
enum seccomp { SECCOMP_DEFAULT, SECCOMP_OFF };
enum procview { PROCVIEW_HOST, PROCVIEW_LXCFS };

/* The whole file, checked; opaque. */
struct config;

/* Called for each error found: the line (0: the file as a whole) and a text without file or line. */
typedef void config_report(void *context, unsigned line, const char *text);

/*
 * Opens path, judges the open descriptor (regular, owned by root, not writable by group or others, bounded)
 * and reads and checks all of it. Every error goes to report (may be NULL); *out is set only when there is
 * none. On failure f holds the first error as "PATH:LINE: text". Free with config_free. A FIFO, a device or a
 * directory is refused without waiting for it.
 */
int config_read(const char *path, struct config **out, config_report *report, void *context, struct fail *f);
void config_free(struct config *config);

/* Is the user asked about in this group? 1 yes, 0 no, -1 could not be found out (f says why). */
typedef int policy_in_group(void *context, const char *group, struct fail *f);

/* Called for each section asked for, with the line of its header. */
typedef void config_section(void *context, unsigned line, const char *name);

/* All [group:NAME] or [user:NAME] sections, in file order: so that names that do not exist can be told. */
void config_groups(const struct config *config, config_section *each, void *context);
void config_users(const struct config *config, config_section *each, void *context);

#define POLICY_TYPE_BOOL(name) bool
#define POLICY_TYPE_CHOICE(name) enum name
#define POLICY_TYPE_NUMBER(name) uint64_t
#define POLICY_TYPE_SIZE(name) uint64_t
#define POLICY_TYPE_TIME(name) uint64_t
#define POLICY_TYPE_HOSTNAME(name) char *
#define POLICY_TYPE_PATH(name) char *
#define POLICY_TYPE_WORDS(name) char **
#define POLICY_TYPE_PATHS(name) char **
#define POLICY_TYPE_DEVICES(name) char **
#define POLICY_TYPE_IO_MAX(name) char **
#define POLICY_TYPE_EGRESS(name) char *
#define POLICY_TYPE_PUBLISH(name) char *
#define POLICY_TYPE_HOST_PORTS(name) char *
#define POLICY_TYPE_SUBNET(name) char *
#define POLICY_TYPE_SUBNET6(name) char *

/*
 * One member per row of conf/keys.def. Kinds: bool; uint64_t for sizes (bytes), numbers and times (seconds),
 * POLICY_NONE for "none"; enums; char * for text (ports and subnets as well: their parsers do not fail on it);
 * char ** (NULL-terminated, never NULL) for lists.
 * line[KEY_x] is the line of the file the value came from, 0 for the built-in default; a list adds up over
 * sections, and item_line[KEY_x][i] is the line of its entry i.
 */
struct policy {
#define KEY(name, kind, allowed, initial, repeat, sentence) POLICY_TYPE_##kind(name) name;
#include "conf/keys.def"
#undef KEY
	unsigned line[KEY_COUNT];
	unsigned *item_line[KEY_COUNT]; /* NULL but for lists */
};

/*
 * The effective settings of user: [default], then each [group:NAME] they are in, in file order, then
 * [user:NAME]. A later section's value replaces an earlier one's; lists of paths add up, and the word none
 * empties what was listed so far. Fails if a membership cannot be found out, or (for a user who gets boxes)
 * if values contradict each other; out is untouched then. Free with policy_free.
 */
int policy_for(const struct config *config, const char *user, policy_in_group *in_group, void *context,
	       struct policy *out, struct fail *f);
void policy_free(struct policy *policy);

/*
 * What holds for the host as a whole: the built-in defaults and [default]. Only of keys that stand there alone
 * (subnet, subnet6, host_ports) does it say the same as every user's policy. Free with policy_free.
 */
int policy_host(const struct config *config, struct policy *out, struct fail *f);

/* Called for each setting of one key, in file order: its line and its value as it stands there. */
typedef void config_value(void *context, unsigned line, const char *value);
void config_values(const struct config *config, enum key key, config_value *each, void *context);

/*
 * Called for each setting, and for each entry of a list of paths: its value as text, the line it came from and
 * the header of that section without brackets ("group:staff"); line 0 and section NULL for the built-in default.
 */
typedef void policy_setting(void *context, const char *key, const char *value, unsigned line, const char *section);
void policy_each(const struct config *config, const struct policy *policy, policy_setting *each, void *context);

/* Prints "key = value   # FILE:LINE [SECTION]" or "# default", aligned, control bytes escaped. */
void policy_print(FILE *out, const struct config *config, const struct policy *policy);

#endif
