/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. Limits that an admin gave users through systemd's slices, which boxes are not in. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "shell/check.h"

/*
 * Where admins put units, and where `systemctl set-property` does. What the distribution ships is not their choice.
 */
static const char *const places[] = {
	"/etc/systemd/system", "/run/systemd/system", "/etc/systemd/system.control", "/run/systemd/system.control",
};

/* What stands here instead of a setting of systemd.resource-control(5); the first row that fits counts. */
static const struct {
	const char *setting, *key;
} rows[] = {
	{ "*Accounting", NULL },
	{ "MemoryMax", "memory" },
	{ "MemoryLimit", "memory" },
	{ "MemoryHigh", "memory_high" },
	{ "MemorySwapMax", "swap" },
	{ "CPUQuota", "cpu" },
	{ "CPUWeight", "cpu_weight" },
	{ "CPUShares", "cpu_weight" },
	{ "TasksMax", "pids" },
	{ "IOWeight", "io_weight" },
	{ "BlockIOWeight", "io_weight" },
	{ "IO*Max", "io_max" },
	{ "BlockIO*Bandwidth", "io_max" },
	{ "Memory*", "" },
	{ "CPU*", "" },
	{ "Tasks*", "" },
	{ "IO*", "" },
};

/* The key of nsbox.conf for a setting, "" if it has none, NULL if it is no limit. */
static const char *key_for(const char *setting)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (fnmatch(rows[i].setting, setting, 0) == 0)
			return rows[i].key;
	return NULL;
}

static void judge_line(struct findings *findings, const char *path, unsigned number, char *line)
{
	char *setting = line + strspn(line, " \t");
	char *value = strchr(setting, '=');
	const char *key;

	if (value == NULL || setting[0] == '#' || setting[0] == ';')
		return;
	*value++ = '\0';
	setting[strcspn(setting, " \t")] = '\0';
	value += strspn(value, " \t");
	value[strcspn(value, "\n")] = '\0';
	key = key_for(setting);
	/* Empty takes back what stood before. */
	if (key == NULL || value[0] == '\0')
		return;
	if (key[0] == '\0')
		found_warning(findings, "%s:%u: %s=%s does not hold for boxed users, and nsbox.conf has nothing "
			      "like it", path, number, setting, value);
	else
		found_warning(findings, "%s:%u: %s=%s does not hold for boxed users: use %s in nsbox.conf", path,
			      number, setting, value, key);
}

static void judge_file(struct findings *findings, const char *path)
{
	char line[1024];
	unsigned number = 0;
	FILE *in = fopen(path, "re");

	if (in == NULL) {
		found_warning(findings, "%s: %s", path, strerrordesc_np(errno));
		return;
	}
	while (fgets(line, sizeof line, in) != NULL)
		judge_line(findings, path, ++number, line);
	(void)fclose(in);
}

static void judge_matching(struct findings *findings, const char *place, const char *pattern,
			   void (*judge)(struct findings *findings, const char *path))
{
	DIR *list = opendir(place);

	if (list == NULL)
		return;
	for (const struct dirent *d; (d = readdir(list)) != NULL;) {
		char path[768];

		if (fnmatch(pattern, d->d_name, FNM_PERIOD) == 0 &&
		    (size_t)snprintf(path, sizeof path, "%s/%s", place, d->d_name) < sizeof path)
			judge(findings, path);
	}
	(void)closedir(list);
}

static void judge_drop_ins(struct findings *findings, const char *directory)
{
	judge_matching(findings, directory, "*.conf", judge_file);
}

void check_slices(struct findings *findings)
{
	/* user.slice is above those of all users. */
	static const struct {
		const char *unit, *drop_ins;
	} slices[] = { { "user.slice", "user.slice.d" }, { "user-*.slice", "user-*.slice.d" } };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		for (size_t k = 0; k < sizeof slices / sizeof slices[0]; k++) {
			judge_matching(findings, places[i], slices[k].unit, judge_file);
			judge_matching(findings, places[i], slices[k].drop_ins, judge_drop_ins);
		}
}
