/* SPDX-License-Identifier: MIT */
/* runs as: the user. What is known of each live box: the fields, and how they are shown. */
#ifndef NSBOX_SHELL_LIST_H
#define NSBOX_SHELL_LIST_H

#include "shell/rows.h"

/* In JSON's order. Those before LIST_COLUMNS are a column of the table each. */
enum {
	L_BOX, L_USER, L_FROM, L_SERVICE, L_SINCE, L_LOGINS, L_IDLE, L_STATE, L_MEMORY, L_PIDS, L_TIME, L_ADDRESS,
	L_PORTS, LIST_COLUMNS, L_PID = LIST_COLUMNS, L_LOGIN_AT, L_MEMORY_MAX, L_PIDS_MAX, L_NETWORK, LIST_FIELDS
};

extern const struct field list_fields[LIST_FIELDS];

/* Prints a table of boxes, in which the one called own (NULL: none) stands out, or JSON. Returns the exit status. */
int list_show(const struct rows *rows, const char *own, bool json);

#endif
