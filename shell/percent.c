/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Values as nsbox-helper writes them: helper/fields.h. */
#include "shell/percent.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool percent_decode(char *text)
{
	char *out = text;

	for (const char *in = text; *in != '\0'; in++) {
		char c = *in;

		if (c == '%') {
			int high = hex(in[1]);
			int low = high < 0 ? -1 : hex(in[2]);

			if (low < 0 || (high == 0 && low == 0))
				return false;
			c = (char)(high * 16 + low);
			in += 2;
		}
		*out++ = c;
	}
	*out = '\0';
	return true;
}
