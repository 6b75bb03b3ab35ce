/* SPDX-License-Identifier: MIT */
/* runs as: root. One line a happening, key=value, to syslog's AUTHPRIV. */
#ifndef NSBOX_LOG_H
#define NSBOX_LOG_H

/* Connects now: a process that enters a box opens its log before. */
void log_open(void);

void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
