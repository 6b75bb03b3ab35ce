/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The effective settings of one user. */
#include "conf/policy.h"

#include <string.h>

#include "conf/config.h"
#include "conf/value.h"

/* What the processes of a box need besides its tmpfs before anything can run. */
#define MEMORY_ROOM (UINT64_C(16) << 20)

static int put_defaults(struct policy *policy, struct fail *f)
{
	for (unsigned i = 0; i < KEY_COUNT; i++)
		if (key_set(policy, (enum key)i, key_row((enum key)i)->initial, 0, f) < 0)
			return fail_in(f, "built-in default");
	return 0;
}

static int put_section(const struct config *config, const struct section *section, struct policy *policy,
		       struct fail *f)
{
	for (unsigned i = section->first; i < section->first + section->count; i++) {
		const struct setting *setting = &config->settings[i];

		if (key_set(policy, setting->key, setting->value, setting->line, f) < 0)
			return fail_in(f, "%s:%u", config->path, setting->line);
	}
	return 0;
}

/* The section of this kind and name, if the file has it. */
static int put_named(const struct config *config, enum section_kind kind, const char *name, struct policy *policy,
		     struct fail *f)
{
	for (unsigned i = 0; i < config->section_count; i++) {
		const struct section *section = &config->sections[i];

		if (section->kind == kind && strcmp(section->name, name) == 0 &&
		    put_section(config, section, policy, f) < 0)
			return -1;
	}
	return 0;
}

static int put_groups(const struct config *config, policy_in_group *in_group, void *context, struct policy *policy,
		      struct fail *f)
{
	for (unsigned i = 0; i < config->section_count; i++) {
		const struct section *section = &config->sections[i];
		int member;

		if (section->kind != SECTION_GROUP)
			continue;
		member = in_group(context, section->name, f);
		if (member < 0)
			return fail_in(f, "%s:%u: membership in group %s", config->path, section->line,
				       section->name);
		if (member > 0 && put_section(config, section, policy, f) < 0)
			return -1;
	}
	return 0;
}

/* "tmp = 512M (line 12)" */
static void describe(const struct policy *policy, enum key key, char *out, size_t size)
{
	char value[64];
	char line[32] = "built-in default";

	key_text(policy, key, 0, value, sizeof value);
	if (policy->line[key] != 0)
		(void)snprintf(line, sizeof line, "line %u", policy->line[key]);
	(void)snprintf(out, size, "%s = %s (%s)", key_row(key)->name, value, line);
}

/* What is in a tmpfs counts as the user's memory: if both could fill it up, nothing could run any more. */
static int check_memory(const struct config *config, const struct policy *policy, struct fail *f)
{
	char memory[96];
	char tmp[96];
	char shm[96];
	char run[96];
	char least[32];
	uint64_t needed = policy->tmp + policy->shm + policy->run + MEMORY_ROOM;

	if (policy->memory == POLICY_NONE || needed <= policy->memory)
		return 0;
	describe(policy, KEY_memory, memory, sizeof memory);
	describe(policy, KEY_tmp, tmp, sizeof tmp);
	describe(policy, KEY_shm, shm, sizeof shm);
	describe(policy, KEY_run, run, sizeof run);
	value_amount_text(KIND_SIZE, "", needed, least, sizeof least);
	return fail(f, 0,
		    "%s:%u: %s has no room for %s, %s, %s and 16M for processes; "
		    "allowed: tmp + shm + run + 16M <= memory; set memory = %s or more, or lower tmp, shm or run",
		    config->path, policy->line[KEY_memory], memory, tmp, shm, run, least);
}

static int check_memory_high(const struct config *config, const struct policy *policy, struct fail *f)
{
	char memory[96];
	char high[96];

	if (policy->memory_high == POLICY_NONE || policy->memory_high <= policy->memory)
		return 0;
	describe(policy, KEY_memory, memory, sizeof memory);
	describe(policy, KEY_memory_high, high, sizeof high);
	return fail(f, 0, "%s:%u: %s is more than %s; allowed: memory_high <= memory", config->path,
		    policy->line[KEY_memory_high], high, memory);
}

/* One path cannot be shared in two ways, or shared and hidden. */
static int check_lists(const struct config *config, const struct policy *policy, enum key one, char *const *ones,
		       enum key two, char *const *twos, struct fail *f)
{
	for (unsigned i = 0; ones[i] != NULL; i++)
		for (unsigned k = 0; twos[k] != NULL; k++)
			if (strcmp(ones[i], twos[k]) == 0)
				return fail(f, 0,
					    "%s:%u: %.80s stands under %s (line %u) and under %s (line %u); "
					    "allowed: one of them",
					    config->path, policy->item_line[two][k], twos[k], key_row(one)->name,
					    policy->item_line[one][i], key_row(two)->name, policy->item_line[two][k]);
	return 0;
}

/* What goes out past our rules cannot be held back by them. */
static int check_egress(const struct config *config, const struct policy *policy, struct fail *f)
{
	char network[96];
	char egress[96];

	if (strcmp(policy->egress, "all") == 0 ||
	    (policy->network != NETWORK_PASTA && policy->network != NETWORK_HOST))
		return 0;
	describe(policy, KEY_network, network, sizeof network);
	describe(policy, KEY_egress, egress, sizeof egress);
	return fail(f, 0, "%s:%u: %s cannot be enforced with %s; allowed: egress = all, or network = nat",
		    config->path, policy->line[KEY_egress], egress, network);
}

/* The kernel lets nobody mount a procfs in a namespace of their own while something lies over the one they have. */
static int check_nested(const struct config *config, const struct policy *policy, struct fail *f)
{
	char nested[96];
	char procview[96];

	if (!policy->nested || policy->procview != PROCVIEW_LXCFS)
		return 0;
	describe(policy, KEY_nested, nested, sizeof nested);
	describe(policy, KEY_procview, procview, sizeof procview);
	return fail(f, 0, "%s:%u: %s cannot be had with %s; allowed: one of them", config->path,
		    policy->line[KEY_nested], nested, procview);
}

/* Who gets no box is not kept out by settings that only a box would use. */
static int check_policy(const struct config *config, const struct policy *policy, struct fail *f)
{
	if (!policy->enable)
		return 0;
	if (check_memory(config, policy, f) < 0 || check_memory_high(config, policy, f) < 0 ||
	    check_egress(config, policy, f) < 0 || check_nested(config, policy, f) < 0)
		return -1;
	if (check_lists(config, policy, KEY_bind, policy->bind, KEY_bind_ro, policy->bind_ro, f) < 0 ||
	    check_lists(config, policy, KEY_bind, policy->bind, KEY_hide, policy->hide, f) < 0)
		return -1;
	return check_lists(config, policy, KEY_bind_ro, policy->bind_ro, KEY_hide, policy->hide, f);
}

int policy_for(const struct config *config, const char *user, policy_in_group *in_group, void *context,
	       struct policy *out, struct fail *f)
{
	struct policy policy __attribute__((cleanup(policy_free))) = { 0 };

	if (put_defaults(&policy, f) < 0)
		return -1;
	if (put_named(config, SECTION_DEFAULT, "", &policy, f) < 0)
		return -1;
	if (put_groups(config, in_group, context, &policy, f) < 0)
		return -1;
	if (put_named(config, SECTION_USER, user, &policy, f) < 0)
		return -1;
	if (check_policy(config, &policy, f) < 0)
		return -1;
	*out = policy;
	policy = (struct policy){ 0 };
	return 0;
}

int policy_host(const struct config *config, struct policy *out, struct fail *f)
{
	struct policy policy __attribute__((cleanup(policy_free))) = { 0 };

	if (put_defaults(&policy, f) < 0 || put_named(config, SECTION_DEFAULT, "", &policy, f) < 0)
		return -1;
	*out = policy;
	policy = (struct policy){ 0 };
	return 0;
}

void policy_free(struct policy *policy)
{
	for (unsigned i = 0; i < KEY_COUNT; i++)
		key_clear(policy, (enum key)i);
}
