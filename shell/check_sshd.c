/* SPDX-License-Identifier: MIT */
/* runs as: root. Does sshd, as it is configured, call PAM, and read the authorized_keys that users see? */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "places.h"
#include "shell/check.h"

#define SSHD "/usr/sbin/sshd"

enum { DEADLINE_MS = 5000, OUTPUT_ROOM = 65536 };

/* The value of a key in what sshd -T printed; empty if it is not there. */
static void value_of(const char *settings, const char *key, char value[256])
{
	size_t n = strlen(key);

	value[0] = '\0';
	for (const char *line = settings; line != NULL; line = strchr(line, '\n')) {
		line += line[0] == '\n';
		if (strncasecmp(line, key, n) != 0 || line[n] != ' ')
			continue;
		(void)snprintf(value, 256, "%.*s", (int)strcspn(line + n + 1, "\n"), line + n + 1);
		return;
	}
}

/* The lines of the README: root and the exempt group stay with sshd's own files, whatever becomes of nsbox-keys. */
static void advise(struct findings *findings)
{
	const char *group = findings->exempt;
	bool known = group[0] != '\0';

	found_warning(findings, "keys that a user adds or removes in a box do not count for sshd; "
				"add at the end of sshd_config:");
	found_warning(findings, "Match User \"!root,*\"%s%s%s", known ? " Group \"!" : "", group,
		      known ? ",*\"" : "");
	found_warning(findings, "    AuthorizedKeysCommand %s/nsbox-keys %%u%s%s", NSBOX_LIBEXEC,
		      known ? " exempt=" : "", group);
	found_warning(findings, "    AuthorizedKeysCommandUser root");
	found_warning(findings, "    AuthorizedKeysFile none");
}

/* With a private home, keys that a user adds in a box are not where sshd looks. */
static void check_keys(struct findings *findings, const char *settings)
{
	char command[256];
	char file[256];
	struct policy policy;
	struct fail f;
	bool private;

	if (default_policy(&policy, &f) < 0)
		return; /* said by the configuration's own check */
	private = policy.home != HOME_BIND;
	policy_free(&policy);
	value_of(settings, "authorizedkeyscommand", command);
	value_of(settings, "authorizedkeysfile", file);
	if (strstr(command, NSBOX_LIBEXEC "/nsbox-keys") == NULL) {
		if (private)
			advise(findings);
		return;
	}
	if (strcmp(file, "none") == 0)
		found_ok(findings, "authorized_keys are read as users see them in their boxes");
	else
		found_warning(findings,
			      "keys that a user removes in a box go on working: AuthorizedKeysFile is not none");
}

void check_sshd(struct findings *findings)
{
	char program[] = SSHD;
	char test[] = "-T";
	/* Somebody who is neither root nor in an exempt group: without a user no Match block would be looked at. */
	char connection[] = "-C";
	char somebody[] = "user=nobody,host=localhost,addr=127.0.0.1";
	char *argv[] = { program, test, connection, somebody, NULL };
	char settings[OUTPUT_ROOM];
	char value[256];
	struct fail f;
	int status;

	if (access(SSHD, X_OK) < 0)
		return;
	if (geteuid() != 0) {
		found_warning(findings, "only root can see its settings: not checked");
		return;
	}
	status = capture(argv, DEADLINE_MS, settings, sizeof settings, &f);
	if (status != 0) {
		settings[strcspn(settings, "\r\n")] = '\0';
		found_warning(findings, "its settings cannot be seen: %s", status < 0 ? f.text : settings);
		return;
	}
	value_of(settings, "usepam", value);
	if (strcmp(value, "yes") == 0)
		found_ok(findings, "UsePAM is yes");
	else
		found_error(findings, "UsePAM is not yes in sshd_config: logins are not boxed");
	value_of(settings, "uselogin", value);
	if (strcmp(value, "yes") == 0)
		found_error(findings, "UseLogin is yes in sshd_config: logins leave their boxes");
	check_keys(findings, settings);
}
