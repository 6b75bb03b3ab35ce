/* SPDX-License-Identifier: MIT */
/* runs as: root. The host name of a box. */
#include "helper/hostname.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int hostname_make(const char *pattern, const char *user, char *out, size_t size, struct fail *f)
{
	char host[HOST_NAME_MAX + 1] = "", *to = out;

	if (gethostname(host, sizeof host - 1) != 0)
		return fail(f, errno, "read the host name");
	host[strcspn(host, ".")] = '\0';
	for (const char *c = pattern; *c != '\0' && size > 0; c++) {
		char one[2] = { *c, '\0' };
		const char *part = one;

		if (*c == '%' && c[1] != '\0')
			part = *++c == 'u' ? user : *c == 'h' ? host : "%";

		size_t put = (size_t)snprintf(to, size, "%s", part);

		if (put >= size)
			break; /* the kernel takes 64 bytes: cut, as a long name still names */
		to += put;
		size -= put;
	}
	return 0;
}
