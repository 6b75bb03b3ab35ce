/* SPDX-License-Identifier: MIT */
/* runs as: root, then the owner. The process that becomes pasta. */
#ifndef NSBOX_PASTA_RUN_H
#define NSBOX_PASTA_RUN_H

#include "helper/net/pasta.h"

/*
 * Ends of the process before it has become pasta: what is wrong stands on its standard error. pasta itself ends with
 * 1.
 */
enum { PASTA_FAILED = 90, PASTA_MISSING = 91, PASTA_PORTS = 92 };

/* Joins the box's cgroup if v1, becomes pasta in the user namespace, with messages on its standard error. */
void pasta_run(const struct pasta *p, const struct pasta_box *box, int messages) __attribute__((noreturn));

/* Makes of what it has said, lines that are changed here, one that is fit for a log. */
void pasta_said(char *raw, char *text, size_t size);

#endif
