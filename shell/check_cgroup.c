/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. What control groups this host has. */
#include <stdio.h>
#include <string.h>

#include "places.h"
#include "shell/check.h"

enum { DEADLINE_MS = 5000 };

static int ask_backend(struct findings *findings, struct backend *backend)
{
	char program[] = NSBOX_HELPER;
	char request[] = "backend";
	char *argv[] = { program, request, NULL };
	char line[1024];
	struct fail f;
	int status = capture(argv, DEADLINE_MS, line, sizeof line, &f);

	if (status != 0) {
		line[strcspn(line, "\n")] = '\0';
		found_error(findings, "%s", status < 0 ? f.text : line);
		return -1;
	}
	if (sscanf(line, "version=%u service=%3s place=%511s controllers=%127s missing=%127s", &backend->version,
		   backend->service, backend->place, backend->controllers, backend->missing) != 5) {
		found_error(findings, NSBOX_HELPER " is of another version than nssh: install both");
		return -1;
	}
	return 0;
}

static void say_backend(struct findings *findings, const struct backend *backend)
{
	if (strcmp(backend->service, "yes") == 0)
		found_ok(findings, "version %u, below nsbox.service, in %s", backend->version, backend->place);
	else
		found_ok(findings, "version %u, in %s", backend->version, backend->place);
	found_ok(findings, "controllers: %s", backend->controllers);
	if (strcmp(backend->missing, "-") != 0)
		found_ok(findings, "keys that cannot be enforced on this host: %s", backend->missing);
}

void check_cgroups(struct findings *findings)
{
	struct backend backend;
	bool known = ask_backend(findings, &backend) == 0;

	if (known)
		say_backend(findings, &backend);
	check_limits(findings, known ? &backend : NULL);
}
