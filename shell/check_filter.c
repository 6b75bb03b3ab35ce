/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. What the kernel offers for seccomp and nested, and whether AppArmor's profiles hold. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/fd.h"
#include "places.h"
#include "shell/check.h"

#define PROFILES "/sys/kernel/security/apparmor/profiles"

/* In what some may get a box by. */
struct wanted {
	bool filter, nested;
};

static void look(void *context, const struct policy *policy, unsigned group)
{
	struct wanted *wanted = context;

	(void)group;
	wanted->filter = wanted->filter || policy->seccomp != SECCOMP_OFF;
	wanted->nested = wanted->nested || policy->nested;
}

static void judge_filter(struct findings *findings)
{
	const unsigned action = SECCOMP_RET_ERRNO;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		found_ok(findings, "the kernel has seccomp filters");
	else
		found_error(findings, "the kernel has no seccomp filters (CONFIG_SECCOMP_FILTER): logins are refused "
			    "unless seccomp = off");
}

/* Debian's and Ubuntu's own switches, and one of each kernel. A kernel without it has no such switch. */
static void judge_switch(struct findings *findings, const char *path, char bad)
{
	char text[16];
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, sizeof text) < 0)
		return;
	if (text[0] == bad && (text[1] == '\n' || text[1] == '\0'))
		found_warning(findings, "%s is %c, and nested = yes needs user namespaces that users make", path,
			      bad);
}

static void judge_nested(struct findings *findings)
{
	judge_switch(findings, "/proc/sys/user/max_user_namespaces", '0');
	judge_switch(findings, "/proc/sys/kernel/unprivileged_userns_clone", '0');
	judge_switch(findings, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1');
}

void check_filter(struct findings *findings)
{
	struct wanted wanted = { .filter = false };
	struct config *config;
	struct fail f;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, &f) < 0)
		return; /* said already */
	policies_each(config, look, &wanted);
	config_free(config);
	if (wanted.filter)
		judge_filter(findings);
	if (wanted.nested)
		judge_nested(findings);
}

/* Root alone may see which profiles are loaded. */
void check_apparmor(struct findings *findings)
{
	enum { MOST = 1 << 20 };
	struct stat st;
	OWN_FD int fd = open(PROFILES, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0 || stat(NSBOX_APPARMOR, &st) != 0)
		return;
	text = malloc(MOST);
	if (text == NULL || fd_read_text(fd, text, MOST) < 0)
		found_warning(findings, PROFILES " cannot be read: %s", strerrordesc_np(errno));
	else if (strncmp(text, "nsbox-helper (", 14) == 0 || strstr(text, "\nnsbox-helper (") != NULL)
		found_ok(findings, "the profiles of %s are loaded", NSBOX_APPARMOR);
	else
		found_warning(findings, "the profiles of %s are not loaded: apparmor_parser -r %s", NSBOX_APPARMOR,
			      NSBOX_APPARMOR);
	free(text);
}
