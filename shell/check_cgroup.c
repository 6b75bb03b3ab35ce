/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. What control groups this host has, and what of nsbox.conf they cannot do. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "conf/fd.h"
#include "shell/check.h"

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
		if ((at == text || strchr(" \n", at[-1]) != NULL) && strchr(" \n", at[n]) != NULL)
			return true;
	return false;
}

/* A line of /proc/cgroups is "NAME HIERARCHY CGROUPS ENABLED"; a hierarchy that is not 0 is a v1 one. */
static bool v1_has(const char *controller)
{
	FILE *in = fopen("/proc/cgroups", "re");
	char name[64];
	unsigned hierarchy;
	unsigned enabled;
	bool found = false;
	char line[256];

	if (in == NULL)
		return false;
	while (!found && fgets(line, sizeof line, in) != NULL)
		found = sscanf(line, "%63s %u %*u %u", name, &hierarchy, &enabled) == 3 &&
			strcmp(name, controller) == 0 && hierarchy != 0 && enabled != 0;
	(void)fclose(in);
	return found;
}

void check_cgroups(struct findings *findings)
{
	static const char *const wanted[] = { "pids", "memory" };
	OWN_FD int fd = open("/sys/fs/cgroup/cgroup.controllers", O_RDONLY | O_CLOEXEC);
	char list[1024] = "";

	if (fd >= 0 && fd_read_text(fd, list, sizeof list) < 0)
		list[0] = '\0';
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		if (has_word(list, wanted[i]))
			found_ok(findings, "the %s controller is there (version 2)", wanted[i]);
		else if (v1_has(wanted[i]))
			found_ok(findings, "the %s controller is there (version 1)", wanted[i]);
		else
			found_error(findings, "there is no %s controller: limits cannot be kept", wanted[i]);
	}
}
