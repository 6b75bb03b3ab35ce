/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. What control groups this host has, and what of nsbox.conf they cannot do. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"
#include "conf/lines.h"
#include "places.h"
#include "shell/check.h"

enum { DEADLINE_MS = 5000 };

/* What nsbox-helper's request `backend` says (helper/backend.h). */
struct backend {
	unsigned version;
	char service[4];
	char place[512];
	char controllers[128];
	char missing[128];
};

/* What is gone through for each policy of the file; each setting is spoken of once. */
struct walk {
	struct findings *findings;
	const struct backend *backend; /* NULL: not known */
	const struct config *config;
	bool said[CONF_LINES_MAX + 1]; /* by line; 0 is the built-in default */
	bool weighs;                   /* somebody has io_weight */
	bool lxcfs;                    /* somebody has procview = lxcfs */
};

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

/* Does a list like "pids,memory" hold the word? */
static bool lists(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at++)
		if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
			return true;
	return false;
}

/* A policy_setting: is this one that the host cannot keep? */
static void judge_setting(void *context, const char *key, const char *value, unsigned line, const char *section)
{
	struct walk *walk = context;
	char where[400] = "the built-in default";

	if (section != NULL)
		(void)snprintf(where, sizeof where, "%s:%u: [%s]", NSBOX_CONF, line, section);
	walk->weighs |= strcmp(key, "io_weight") == 0 && strcmp(value, "none") != 0;
	walk->lxcfs |= strcmp(key, "procview") == 0 && strcmp(value, "lxcfs") == 0;
	if (walk->backend == NULL || line > CONF_LINES_MAX || walk->said[line])
		return;
	if (lists(walk->backend->missing, key) && strcmp(value, "none") != 0) {
		found_error(walk->findings, "%s: %s = %s cannot be enforced on this host, and logins are refused", where,
			    key, value);
		walk->said[line] = true;
	} else if (walk->backend->version == 1 && strcmp(key, "delegate") == 0 && strcmp(value, "yes") == 0) {
		found_error(walk->findings, "%s: delegate = yes needs cgroup version 2, and logins are refused", where);
		walk->said[line] = true;
	}
}

static int in_one(void *context, const char *group, struct fail *f)
{
	const char *only = context;

	(void)f;
	return only != NULL && strcmp(only, group) == 0;
}

/* What contradicts itself has been said by the check of the configuration. */
static void judge_policy(struct walk *walk, const char *user, char *group)
{
	struct policy policy;
	struct fail f;

	if (policy_for(walk->config, user, in_one, group, &policy, &f) < 0)
		return;
	policy_each(walk->config, &policy, judge_setting, walk);
	policy_free(&policy);
}

static void judge_group(void *context, unsigned line, const char *name)
{
	char group[256];

	(void)line;
	(void)snprintf(group, sizeof group, "%s", name);
	judge_policy(context, "", group);
}

static void judge_user(void *context, unsigned line, const char *name)
{
	(void)line;
	judge_policy(context, name, NULL);
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

static void judge_host(const struct walk *walk)
{
	if (walk->weighs && !some_disk_weighs())
		found_warning(walk->findings,
			      "io_weight is set, but no disk has the scheduler bfq or io.cost: it has no effect");
	if (walk->lxcfs && access("/var/lib/lxcfs/proc", F_OK) != 0)
		found_warning(walk->findings,
			      "procview = lxcfs is set, but there is no /var/lib/lxcfs/proc: install and start lxcfs");
}

void check_cgroups(struct findings *findings)
{
	struct backend backend;
	struct walk walk = { .findings = findings };
	struct config *config;
	struct fail f;

	if (ask_backend(findings, &backend) == 0) {
		walk.backend = &backend;
		say_backend(findings, &backend);
	}
	if (config_read(NSBOX_CONF, &config, NULL, NULL, &f) < 0)
		return; /* said already */
	walk.config = config;
	judge_policy(&walk, "", NULL);
	config_groups(config, judge_group, &walk);
	config_users(config, judge_user, &walk);
	judge_host(&walk);
	config_free(config);
}
