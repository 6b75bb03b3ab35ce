/* SPDX-License-Identifier: MIT */
/* runs as: the user. Before the root or the home of boxes begins anew. */
#include "shell/reset.h"

#include <stdio.h>
#include <unistd.h>

int reset_confirm(const struct request *request, struct fail *f)
{
	const char *whose = request->user != NULL ? request->user : "your";
	char line[64];

	if (request->force)
		return 1;
	if (isatty(STDIN_FILENO) == 0)
		return fail(f, 0, "--reset %s asks first, and there is no terminal to ask on; -f does it unasked",
			    request->reset);
	(void)fprintf(stderr,
		      "Begin the %s of %s%s boxes anew? What it holds now is kept aside until the next reset. [y/N] ",
		      request->reset, whose, request->user != NULL ? "'s" : "");
	if (fgets(line, sizeof line, stdin) == NULL) {
		(void)fputc('\n', stderr);
		return 0;
	}
	return line[0] == 'y' || line[0] == 'Y';
}
