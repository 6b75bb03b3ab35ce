/* SPDX-License-Identifier: MIT */
/* runs as: the user, in a box. The environment of who comes from another box, as it is right in this one. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/hop/hop.h"
#include "helper/left_behind.h"

/* This box has its own, or none. */
static const char *const others[] = { "SSH_AUTH_SOCK", "DISPLAY", "NSBOX_PORTS" };

static bool is_others(const char *variable)
{
	size_t n = strcspn(variable, "=");

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strlen(others[i]) == n && strncmp(variable, others[i], n) == 0)
			return true;
	return variable[n] == '\0'; /* no variable at all */
}

static void keep_own(char **environment)
{
	char **to = environment;

	for (char **from = environment; *from != NULL; from++)
		if (!is_others(*from))
			*to++ = *from;
	*to = NULL;
}

static int read_line(const char *path, char *text, size_t size)
{
	OWN_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, size) <= 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

/* Those that lead into this box; its description, which root wrote, says so. */
static int set_ports(const char *box)
{
	char path[sizeof HOP_DIR + WIRE_BOX + 8], text[1024];

	(void)snprintf(path, sizeof path, HOP_DIR "/%s.info", box);
	if (read_line(path, text, sizeof text) < 0)
		return 0;

	char *ports = strstr(text, " ports=");

	if (ports == NULL)
		return 0;
	ports += strlen(" ports=");
	ports[strcspn(ports, " ")] = '\0';
	return strcmp(ports, "-") == 0 ? 0 : setenv("NSBOX_PORTS", ports, 1);
}

/* Paths that stay the same from login to login (the key stable_paths); runtime is /run/user/UID. */
static int set_stable(const char *runtime)
{
	char path[64], display[256];
	struct stat st;

	(void)snprintf(path, sizeof path, "%s/nsbox/agent", runtime);
	if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && setenv("SSH_AUTH_SOCK", path, 1) != 0)
		return -1;
	(void)snprintf(path, sizeof path, "%s/nsbox/display", runtime);
	return read_line(path, display, sizeof display) < 0 ? 0 : setenv("DISPLAY", display, 1);
}

int environment_set(const struct asked *asked, const struct box *box, struct fail *f)
{
	char runtime[32];

	keep_own(asked->environment);
	environ = asked->environment;
	left_behind();
	(void)snprintf(runtime, sizeof runtime, "/run/user/%u", getuid());
	if (setenv("NSBOX", box->name, 1) != 0 || setenv("XDG_RUNTIME_DIR", runtime, 1) != 0 ||
	    setenv("SHELL", box->shell, 1) != 0 || setenv("HOME", box->home, 1) != 0 ||
	    setenv("USER", box->user, 1) != 0 || setenv("LOGNAME", box->user, 1) != 0 || set_ports(box->name) != 0 ||
	    set_stable(runtime) != 0)
		return fail(f, errno, "set the environment");
	return 0;
}
