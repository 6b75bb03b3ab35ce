/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. nssh --check: what is wrong on this host. */
#include "shell/check.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "conf/escape.h"
#include "conf/fd.h"
#include "places.h"
#include "shell/check_conf.h"
#include "shell/nssh.h"

static void __attribute__((format(printf, 3, 0)))
say(const struct findings *findings, const char *kind, const char *format, va_list ap)
{
	char text[1024];
	char safe[2048];

	(void)vsnprintf(text, sizeof text, format, ap);
	escape_text(safe, sizeof safe, text);
	(void)printf("%s: %s: %s\n", kind, findings->about, safe);
}

void found_ok(struct findings *findings, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(findings, "ok", format, ap);
	va_end(ap);
}

void found_warning(struct findings *findings, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(findings, "warning", format, ap);
	va_end(ap);
}

void found_error(struct findings *findings, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(findings, "error", format, ap);
	va_end(ap);
	findings->errors++;
}

int default_policy(struct policy *out, struct fail *f)
{
	struct config *config;
	int done;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, f) < 0)
		return -1;
	done = policy_for(config, "", group_that_one, NULL, out, f);
	config_free(config);
	return done;
}

static void check_configuration(struct findings *findings)
{
	(void)fflush(stdout); /* its lines go to standard error */
	if (check_conf(NSBOX_CONF) == 0)
		found_ok(findings, "%s has no errors", NSBOX_CONF);
	else
		found_error(findings, "%s has errors", NSBOX_CONF);
}

static void check_group(void *context, unsigned line, const char *name)
{
	struct findings *findings = context;
	struct fail f;

	switch (group_exists(name, &f)) {
	case 1:
		break;
	case 0:
		found_warning(findings, "%s:%u: there is no group %s", NSBOX_CONF, line, name);
		break;
	default:
		found_error(findings, "%s:%u: %s", NSBOX_CONF, line, f.text);
	}
}

static void check_user_name(void *context, unsigned line, const char *name)
{
	struct findings *findings = context;

	errno = 0;
	if (getpwnam(name) != NULL)
		return;
	if (errno == 0 || errno == ENOENT || errno == ESRCH)
		found_warning(findings, "%s:%u: there is no user %s", NSBOX_CONF, line, name);
	else
		found_error(findings, "%s:%u: look up user %s: %s", NSBOX_CONF, line, name, strerror(errno));
}

/* A name that is wrong is no error of the file, and a section that nobody notices. */
static void check_names(struct findings *findings)
{
	struct config *config;
	struct fail f;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, &f) < 0)
		return; /* said already */
	config_groups(config, check_group, findings);
	config_users(config, check_user_name, findings);
	config_free(config);
}

static void check_kernel(struct findings *findings)
{
	struct utsname system;
	unsigned major;
	unsigned minor;

	if (uname(&system) < 0 || sscanf(system.release, "%u.%u", &major, &minor) != 2)
		found_error(findings, "the version of the kernel cannot be told");
	else if (major < 6 || (major == 6 && minor < 1))
		found_error(findings, "Linux %s is too old: 6.1 or newer is needed", system.release);
	else
		found_ok(findings, "Linux %s", system.release);
}

/*
 * sshd's child is beside the box, not in it, and keeps the connection: it must not become traceable by its user
 * when it becomes that user (proc(5), /proc/sys/fs/suid_dumpable).
 */
static void check_dumpable(struct findings *findings)
{
	char text[16];
	OWN_FD int fd = open("/proc/sys/fs/suid_dumpable", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_text(fd, text, sizeof text) < 0)
		found_error(findings, "/proc/sys/fs/suid_dumpable cannot be read: %s", strerrordesc_np(errno));
	else if (text[0] == '1')
		found_error(findings,
			    "fs.suid_dumpable is 1, and users can trace what was privileged: set it to 0 or 2");
	else
		found_ok(findings, "fs.suid_dumpable is %c", text[0]);
}

static void check_helper(struct findings *findings)
{
	struct stat st;
	struct statvfs fs;
	unsigned before = findings->errors;
	OWN_FD int fd = open(NSBOX_HELPER, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		found_error(findings, "%s: %s", NSBOX_HELPER, strerror(errno));
		return;
	}
	if (!S_ISREG(st.st_mode) || st.st_uid != 0)
		found_error(findings, "%s is not a file of root's", NSBOX_HELPER);
	else if ((st.st_mode & 07777) != 04755)
		found_error(findings, "%s has mode %04o instead of 4755", NSBOX_HELPER, st.st_mode & 07777);
	if (fstatvfs(fd, &fs) < 0)
		found_error(findings, "%s: %s", NSBOX_HELPER, strerror(errno));
	else if ((fs.f_flag & ST_NOSUID) != 0)
		found_error(findings, "%s is on a file system mounted nosuid", NSBOX_HELPER);
	if (findings->errors == before)
		found_ok(findings, "%s is setuid root", NSBOX_HELPER);
}

int check_host(void)
{
	static const struct {
		const char *name;
		void (*run)(struct findings *findings);
	} checks[] = {
		{ "configuration", check_configuration },
		{ "names", check_names },
		{ "kernel", check_kernel },
		{ "dumpable", check_dumpable },
		{ "seccomp", check_filter },
		{ "helper", check_helper },
		{ "apparmor", check_apparmor },
		{ "cgroups", check_cgroups },
		{ "slices", check_slices },
		{ "network", check_network },
		{ "pam", check_pam },
		{ "services", check_services },
		{ "shells", check_shells },
		{ "sshd", check_sshd }, /* after pam, which learns the exempt group */
	};
	struct findings findings = { .errors = 0 };

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		findings.about = checks[i].name;
		checks[i].run(&findings);
	}
	return findings.errors > 0 ? NSSH_FOUND : 0;
}
