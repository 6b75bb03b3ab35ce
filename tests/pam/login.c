/* SPDX-License-Identifier: MIT */
/* runs as: root. Logs in the way sshd does, in a process of its own, and tells what was seen. */
#include "tests/pam/login.h"

#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <security/pam_appl.h>
#include <security/pam_ext.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ours first: cmocka takes the name fail for a macro of its own. */
#include "conf/fd.h"

#include <cmocka.h>

struct seen *new_seen(void)
{
	struct seen *seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return seen == MAP_FAILED ? NULL : seen;
}

void check(struct seen *seen, bool holds, const char *what)
{
	if (!holds && seen->failed[0] == '\0')
		(void)snprintf(seen->failed, sizeof seen->failed, "%s (errno: %s)", what, strerror(errno));
}

static void add(char *to, size_t size, const char *text)
{
	size_t used = strlen(to);

	(void)snprintf(to + used, size - used, "%s\n", text);
}

/* Every handle carries the seen of its login in the conversation. */
static struct seen *seen_of(const pam_handle_t *pamh)
{
	const void *conversation = NULL;

	if (pam_get_item(pamh, PAM_CONV, &conversation) != PAM_SUCCESS || conversation == NULL)
		return NULL;
	return ((const struct pam_conv *)conversation)->appdata_ptr;
}

/* In the place of libpam's: what the module logs is for the test and not for this machine's log. */
void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	struct seen *seen = seen_of(pamh);
	char line[1024];
	va_list ap;

	(void)priority;
	va_start(ap, format);
	(void)vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	if (seen != NULL)
		add(seen->log, sizeof seen->log, line);
}

/* In the place of libc's: the group "broken" is one whose directory server does not answer. */
int getgrnam_r(const char *name, struct group *entry, char *buffer, size_t room, struct group **found)
{
	int (*real)(const char *, struct group *, char *, size_t, struct group **);
	void *symbol = dlsym(RTLD_NEXT, "getgrnam_r");

	if (strcmp(name, "broken") == 0) {
		*found = NULL;
		return EIO;
	}
	memcpy(&real, &symbol, sizeof real);
	return real(name, entry, buffer, room, found);
}

static int converse(int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	struct seen *seen = data;

	*answers = calloc((size_t)n, sizeof **answers);
	for (int i = 0; i < n; i++)
		add(seen->told, sizeof seen->told, messages[i]->msg);
	return *answers == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

/* sshd's child: credentials again, then it would serve the session. */
static void be_child(const struct login *how, pam_handle_t *pamh, struct seen *seen)
{
	(void)pam_setcred(pamh, how->credentials != 0 ? how->credentials : (int)PAM_ESTABLISH_CRED);
	if (how->child != NULL)
		how->child(seen);
	_exit(CHILD_SURVIVED);
}

static void note_ports(pam_handle_t *pamh, struct seen *seen)
{
	const char *ports = pam_getenv(pamh, "NSBOX_PORTS");

	(void)snprintf(seen->ports, sizeof seen->ports, "%s", ports != NULL ? ports : "");
}

static void serve(const struct login *how, pam_handle_t *pamh, struct seen *seen)
{
	pid_t child;

	if (how->monitor != NULL)
		how->monitor(seen);
	child = fork();
	if (child == 0)
		be_child(how, pamh, seen);
	CHECK(seen, child > 0);
	if (how->meanwhile != NULL)
		how->meanwhile(seen, child);
	CHECK(seen, waitpid(child, &seen->child, 0) == child);
}

static void be_monitor(const struct login *how, struct seen *seen)
{
	struct pam_conv conversation = { converse, seen };
	pam_handle_t *pamh = NULL;

	seen->fds = count_fds();
	/* Somewhere that is nobody's usual place. */
	CHECK(seen, chdir("/usr") == 0);
	if (pam_start_confdir(how->service != NULL ? how->service : "sshd", how->user != NULL ? how->user : "ada",
			      &conversation, stacks_directory(), &pamh) != PAM_SUCCESS)
		_exit(1);
	(void)pam_set_item(pamh, PAM_RHOST, how->rhost != NULL ? how->rhost : "outside");
	if (how->password)
		seen->authenticated = pam_authenticate(pamh, 0);
	if (how->session_first)
		seen->opened = pam_open_session(pamh, 0);
	seen->credentials = pam_setcred(pamh, PAM_ESTABLISH_CRED);
	if (!how->session_first)
		seen->opened = pam_open_session(pamh, 0);
	note_ports(pamh, seen);
	serve(how, pamh, seen);
	seen->closed = seen->opened == PAM_SUCCESS ? pam_close_session(pamh, 0) : -1;
	(void)pam_setcred(pamh, PAM_DELETE_CRED);
	if (how->after != NULL)
		how->after(seen);
	(void)pam_end(pamh, PAM_SUCCESS);
	seen->monitor_ended = true;
	_exit(0);
}

void log_in(const struct login *how, struct seen *seen)
{
	struct fail f = { 0 };
	struct pollfd end = { .events = POLLIN };
	pid_t monitor;

	memset(seen, 0, sizeof *seen);
	if (write_stacks(how, &f) != 0)
		fail_msg("%s", f.text);
	monitor = fork();
	if (monitor == 0)
		be_monitor(how, seen);
	OWN_FD int pidfd = pidfd_open(monitor, 0);

	end.fd = pidfd;
	if (poll(&end, 1, 20000) != 1) {
		(void)kill(monitor, SIGKILL);
		(void)waitpid(monitor, NULL, 0);
		fail_msg("the login took too long; log: %s", seen->log);
	}
	(void)waitpid(monitor, NULL, 0);
	if (seen->failed[0] != '\0')
		fail_msg("%s; log: %s", seen->failed, seen->log);
}
