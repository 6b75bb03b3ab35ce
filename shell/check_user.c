/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. nssh --check USER: what the user gets, and from where. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/ports.h"
#include "helper/wire.h"
#include "places.h"
#include "shell/check.h"
#include "shell/nssh.h"

enum { DEADLINE_MS = 5000 };

/* A line of nsbox-subid is "uid START COUNT". */
static unsigned say_ranges(struct findings *findings, const char *lines)
{
	unsigned n = 0;
	char kind[4];
	unsigned long first;
	unsigned long count;

	for (const char *line = lines; line != NULL && line[0] != '\0'; line = strchr(line, '\n')) {
		line += line[0] == '\n';
		if (sscanf(line, "%3s %lu %lu", kind, &first, &count) != 3)
			continue;
		found_ok(findings, "subordinate %ss %lu to %lu", kind, first, first + count - 1);
		n++;
	}
	return n;
}

static void check_subids(struct findings *findings, const struct policy *policy, char *user)
{
	char program[] = NSBOX_LIBEXEC "/nsbox-subid";
	char *argv[] = { program, user, NULL };
	char lines[4096];
	struct fail f;
	int status = capture(argv, DEADLINE_MS, lines, sizeof lines, &f);

	if (status != 0) {
		lines[strcspn(lines, "\n")] = '\0';
		found_error(findings, "subordinate ids cannot be looked up: %s", status < 0 ? f.text : lines);
		return;
	}
	if (say_ranges(findings, lines) > 0)
		return;
	if (policy->subuid_pool != POLICY_NONE)
		found_ok(findings, "subordinate ids are taken from subuid_pool");
	else
		found_error(findings,
			    "no subordinate ids: add a range to /etc/subuid and /etc/subgid, or set subuid_pool");
}

static void check_ports(struct findings *findings, const struct policy *policy, uid_t uid)
{
	struct ports ports;
	char text[WIRE_PORTS];
	struct fail f;
	int none_fits = ports_of_user(policy, uid, &ports, &f);

	if (none_fits < 0) {
		found_error(findings, "%s", f.text);
		return;
	}
	if (none_fits == 1)
		found_error(findings, "ports_per_user = %llu from ports_from = %llu has no ports for uid %u: "
			    "they would be above 65535 or among %d to %d", (unsigned long long)policy->ports_per_user,
			    (unsigned long long)policy->ports_from, uid, PORTS_SOURCE_FROM, PORTS_SOURCE_TO);
	ports_text(&ports, text, sizeof text);
	if (text[0] != '\0')
		found_ok(findings, "ports that lead to the box: %s", text);
}

/* Says so if the user never gets a box at login, whatever the file says. */
static void check_exempt(struct findings *findings, uid_t uid, const char *user)
{
	char exempt[64];
	struct fail f;

	if (uid == 0) {
		found_warning(findings, "root is never boxed");
		return;
	}
	pam_exempt(exempt);
	if (exempt[0] == '\0')
		return;
	switch (group_has(exempt, user, &f)) {
	case 0:
		break;
	case 1:
		found_warning(findings, "never boxed by sshd: a member of %s, which pam_nsbox.so exempts", exempt);
		break;
	default:
		found_error(findings, "%s", f.text);
	}
}

static int print_policy(struct findings *findings, const struct config *config, uid_t uid, char *user)
{
	struct policy policy;
	struct fail f;

	if (policy_for(config, user, group_of_user, user, &policy, &f) < 0) {
		found_error(findings, "%s", f.text);
		return -1;
	}
	policy_print(stdout, config, &policy);
	check_exempt(findings, uid, user);
	if (!policy.enable)
		found_ok(findings, "no boxes: enable is no");
	else if (uid != 0)
		check_subids(findings, &policy, user);
	if (policy.enable && uid != 0 && (policy.network == NETWORK_NAT || policy.network == NETWORK_PASTA))
		check_ports(findings, &policy, uid);
	policy_free(&policy);
	return 0;
}

int check_user(const char *name)
{
	const struct passwd *who;
	uid_t uid;
	struct findings findings = { .about = name };
	struct config *config;
	struct fail f;
	char *user;

	errno = 0;
	who = getpwnam(name); /* good until the next look-up */
	if (who == NULL) {
		if (errno != 0 && errno != ENOENT && errno != ESRCH)
			found_error(&findings, "cannot be looked up: %s", strerror(errno));
		else
			found_error(&findings, "there is no such user");
		return NSSH_FOUND;
	}
	uid = who->pw_uid;
	if (config_read(NSBOX_CONF, &config, NULL, NULL, &f) < 0) {
		found_error(&findings, "%s", f.text);
		return NSSH_FOUND;
	}
	user = strdup(name);
	if (user == NULL)
		found_error(&findings, "no memory");
	else
		(void)print_policy(&findings, config, uid, user);
	free(user);
	config_free(config);
	return findings.errors > 0 ? NSSH_FOUND : 0;
}
