/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. What of nsbox.conf this host cannot do: for whom it stands, logins are refused. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/io_max.h"
#include "conf/lines.h"
#include "places.h"
#include "shell/check.h"

/* What is gone through for each policy of the file; each setting is spoken of once. */
struct walk {
	struct findings *findings;
	const struct backend *backend; /* NULL: not known */
	const struct config *config;
	const struct policy *policy;   /* the one that is judged now */
	unsigned group;                /* the line of the group's section that is judged alone; 0: none */
	bool said[CONF_LINES_MAX + 1]; /* by line; 0 is the built-in default */
	bool weighs;                   /* somebody has io_weight */
};

/* Does a list like "pids,memory" hold the word? */
static bool lists(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at++)
		if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
			return true;
	return false;
}

/* Why the disk of a setting cannot be found, or an empty string. Who is not root may be unable to tell. */
static void judge_disk(const char *value, char *why, size_t size)
{
	struct io_max max;
	struct stat st;
	struct fail f;

	if (io_max_parse(value, &max, &f) < 0)
		return; /* said by the check of the configuration */
	if (stat(max.path, &st) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			(void)snprintf(why, size, "there is no %s", max.path);
	} else if (major(S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev) == 0) {
		/* As helper/limits_io.c has it. */
		(void)snprintf(why, size, "%s lies on no single disk: name a device such as /dev/vda", max.path);
	}
}

static void judge_on_backend(const struct walk *walk, const char *key, const char *value, char *why, size_t size)
{
	bool v1 = walk->backend->version == 1;

	if (v1 && strcmp(key, "delegate") == 0 && strcmp(value, "yes") == 0)
		(void)snprintf(why, size, "delegate = yes needs cgroup version 2");
	else if (v1 && strcmp(key, "swap") == 0 && strcmp(value, "none") != 0 && walk->policy->memory == POLICY_NONE)
		(void)snprintf(why, size, "swap = %s needs memory on cgroup version 1: set memory too", value);
	else if (lists(walk->backend->missing, key) && strcmp(key, "delegate") != 0 && strcmp(value, "none") != 0)
		(void)snprintf(why, size, "%s = %s cannot be enforced on this host", key, value);
}

/* Why the host cannot keep a setting, or an empty string. */
static void judge_value(const struct walk *walk, const char *key, const char *value, char *why, size_t size)
{
	why[0] = '\0';
	if (walk->backend != NULL)
		judge_on_backend(walk, key, value, why, size);
	if (why[0] != '\0')
		return;
	if (strcmp(key, "io_max") == 0 && strcmp(value, "none") != 0)
		judge_disk(value, why, size);
	else if (strcmp(key, "procview") == 0 && strcmp(value, "lxcfs") == 0 &&
		 access("/var/lib/lxcfs/proc/meminfo", R_OK) != 0)
		(void)snprintf(why, size, "procview = lxcfs needs lxcfs: install and start it");
}

/* A policy_setting: is this one that the host cannot keep? */
static void judge_setting(void *context, const char *key, const char *value, unsigned line, const char *section)
{
	struct walk *walk = context;
	char where[400] = "the built-in default", why[1400];

	if (line > CONF_LINES_MAX || (!walk->policy->enable && line < walk->group))
		return;
	walk->weighs |= strcmp(key, "io_weight") == 0 && strcmp(value, "none") != 0;
	if (walk->said[line])
		return;
	judge_value(walk, key, value, why, sizeof why);
	if (why[0] == '\0')
		return;
	if (section != NULL)
		(void)snprintf(where, sizeof where, "%s:%u: [%s]", NSBOX_CONF, line, section);
	walk->said[line] = true;
	/* Of a group that gets no box by its own section, some may get one by another. */
	if (walk->policy->enable)
		found_error(walk->findings, "%s: %s, and logins are refused", where, why);
	else
		found_warning(walk->findings, "%s: %s, and who gets a box with it is refused", where, why);
}

static void judge_policy(void *context, const struct policy *policy, unsigned group)
{
	struct walk *walk = context;

	walk->policy = policy;
	walk->group = group;
	policy_each(walk->config, policy, judge_setting, walk);
}

static bool file_has(const char *path, const char *word)
{
	char text[4096];
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && fd_read_text(fd, text, sizeof text) >= 0 && strstr(text, word) != NULL;
}

/* Weights are kept by the scheduler bfq, or by io.cost where that is switched on. */
static bool some_disk_weighs(void)
{
	DIR *disks = opendir("/sys/block");
	bool found = file_has("/sys/fs/cgroup/io.cost.qos", "enable=1");

	for (const struct dirent *d; disks != NULL && !found && (d = readdir(disks)) != NULL;) {
		char path[320];

		(void)snprintf(path, sizeof path, "/sys/block/%s/queue/scheduler", d->d_name);
		found = file_has(path, "[bfq]");
	}
	if (disks != NULL)
		(void)closedir(disks);
	return found;
}

void check_limits(struct findings *findings, const struct backend *backend)
{
	struct walk walk = { .findings = findings, .backend = backend };
	struct config *config;
	struct fail f;

	if (config_read(NSBOX_CONF, &config, NULL, NULL, &f) < 0)
		return; /* said already */
	walk.config = config;
	policies_each(config, judge_policy, &walk);
	config_free(config);
	if (walk.weighs && !some_disk_weighs())
		found_warning(findings,
			      "io_weight is set, but no disk has the scheduler bfq or io.cost: it has no effect");
}
