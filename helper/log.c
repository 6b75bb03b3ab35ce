/* SPDX-License-Identifier: MIT */
/* runs as: root. One line a happening, to syslog's AUTHPRIV. */
#include "helper/log.h"

#include <stdarg.h>
#include <syslog.h>

void log_open(void)
{
	openlog("nsbox", LOG_NDELAY | LOG_PID, LOG_AUTHPRIV);
}

void log_info(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsyslog(LOG_INFO, format, ap);
	va_end(ap);
}

void log_error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsyslog(LOG_ERR, format, ap);
	va_end(ap);
}
