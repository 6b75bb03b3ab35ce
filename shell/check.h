/* SPDX-License-Identifier: MIT */
/* runs as: the user, or root. What is looked at by nssh --check. */
#ifndef NSBOX_CHECK_H
#define NSBOX_CHECK_H

#include "conf/policy.h"

struct findings {
	const char *about;  /* the check that speaks now */
	unsigned errors;
	char exempt[64];    /* the group pam_nsbox leaves alone, once check_pam has found it */
};

/* One finding, one line: "ok: kernel: ...". Control bytes are escaped. */
void found_ok(struct findings *findings, const char *format, ...) __attribute__((format(printf, 2, 3)));
void found_warning(struct findings *findings, const char *format, ...) __attribute__((format(printf, 2, 3)));
void found_error(struct findings *findings, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What nsbox-helper's request `backend` says (helper/backend.h). */
struct backend {
	unsigned version;
	char service[4];
	char place[512];
	char controllers[128];
	char missing[128];
};

void check_apparmor(struct findings *findings);
void check_cgroups(struct findings *findings);
void check_filter(struct findings *findings);
/* Which settings of nsbox.conf this host cannot keep; backend may be NULL: not known. */
void check_limits(struct findings *findings, const struct backend *backend);
void check_slices(struct findings *findings);
void check_network(struct findings *findings);
/* What nft, the program, lists; host has the keys that are the same for all. */
void check_nft(struct findings *findings, const struct policy *host, char *nft);
void check_pam(struct findings *findings);
/* After check_pam. */
void check_services(struct findings *findings);
void check_shells(struct findings *findings);
void check_sshd(struct findings *findings);

/* Is pam_nsbox.so in this stack, which calls it, once and last? */
struct pam_stack;
void check_pam_place(struct findings *findings, const struct pam_stack *stack);

/* The group that the session line of /etc/pam.d/sshd exempts; empty if there is none. */
void pam_exempt(char exempt[64]);

/* The settings of somebody in no group. */
int default_policy(struct policy *out, struct fail *f);

/*
 * Called for each policy that somebody may get a box by: of [default], of each [user:NAME], of [default] with each
 * [group:NAME] alone. group is the line of the latter's header, 0 for the others; only such a policy may have enable
 * = no, and then some members may get a box by another section.
 */
typedef void check_policy(void *context, const struct policy *policy, unsigned group);
void policies_each(const struct config *config, check_policy *each, void *context);

/* 1: there is such a group, 0: there is none, -1: it could not be found out. */
int group_exists(const char *group, struct fail *f);

/*
 * Is user in group? 1 yes, 0 no (also when there is no such group or user), -1: it could not be found out. It looks
 * the user up: neither word may be one that getpwnam(3) owns.
 */
int group_has(const char *group, const char *user, struct fail *f);

/* For policy_for: is it a group of the user? Is it this very group (NULL: none is)? */
int group_of_user(void *user, const char *group, struct fail *f);
int group_that_one(void *only, const char *group, struct fail *f);

/*
 * Runs a program with no input and puts the beginning of its output, errors included, into text, as a string. Returns
 * its exit status, or -1: it could not be run, did not end in time (and was killed), or a signal ended it.
 */
int capture(char *const argv[], int milliseconds, char *text, size_t size, struct fail *f);

#endif
