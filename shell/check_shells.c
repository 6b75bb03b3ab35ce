/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Whose login shell is nssh, and can they log in with it? */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/shell.h"
#include "shell/check.h"

enum { NAMES_SHOWN = 5 };

/* Those who have nssh as login shell, by one path. */
struct users {
	char shell[256];
	unsigned count;
	char names[256];
};

static void add(struct users *users, const char *name)
{
	size_t used = strlen(users->names);

	if (users->count < NAMES_SHOWN)
		(void)snprintf(users->names + used, sizeof users->names - used, "%s%s", used > 0 ? ", " : "", name);
	else if (users->count == NAMES_SHOWN)
		(void)snprintf(users->names + used, sizeof users->names - used, ", ...");
	users->count++;
}

/* Of a second path the check is for another day: it says so when the first is gone. */
static void find_users(struct users *users)
{
	setpwent();
	for (const struct passwd *p = getpwent(); p != NULL; p = getpwent()) {
		if (!shell_is_nssh(p->pw_shell) || (users->count > 0 && strcmp(p->pw_shell, users->shell) != 0))
			continue;
		(void)snprintf(users->shell, sizeof users->shell, "%s", p->pw_shell);
		add(users, p->pw_name);
	}
	endpwent();
}

static bool is_listed(const char *shell)
{
	bool listed = false;

	setusershell();
	for (const char *line = getusershell(); line != NULL && !listed; line = getusershell())
		listed = strcmp(line, shell) == 0;
	endusershell();
	return listed;
}

void check_shells(struct findings *findings)
{
	struct users users = { .count = 0 };

	find_users(&users);
	if (users.count == 0) {
		found_ok(findings, "nobody has nssh as login shell");
		return;
	}
	found_ok(findings, "%u user%s nssh as login shell (%s) and cannot log in when it is gone; "
		 "before it is removed: usermod -s /bin/bash USER", users.count, users.count == 1 ? " has" : "s have",
		 users.names);
	if (access(users.shell, X_OK) != 0)
		found_error(findings, "%s is their login shell and cannot be executed: they cannot log in",
			    users.shell);
	if (!is_listed(users.shell))
		found_error(findings, "%s is not in /etc/shells, and some services refuse whose login shell it is: "
			    "add-shell %s", users.shell, users.shell);
}
