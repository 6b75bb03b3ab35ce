/* SPDX-License-Identifier: MIT */
/* runs as: the user. Checks a configuration file and says all that is wrong with it. */
#ifndef NSBOX_CHECK_CONF_H
#define NSBOX_CHECK_CONF_H

/*
 * Prints each error as "path:line: text" to standard error, control bytes escaped. Also tried are the settings
 * as they come out for a user in no group, for one in each single group, and for each user who has a section, with
 * the groups they are in. Returns 0 if all is well, else 1.
 */
int check_conf(const char *path);

#endif
