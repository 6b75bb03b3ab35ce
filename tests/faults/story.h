/* SPDX-License-Identifier: MIT */
/* runs as: root, in the disposable host. What happens while something fails: a login as sshd makes it, an entry, an end. */
#ifndef NSBOX_TESTS_STORY_H
#define NSBOX_TESTS_STORY_H

#include <stdbool.h>
#include <sys/types.h>

struct person {
	const char *name;
	const char *home;
	uid_t uid;
	gid_t gid;
};

/* What became of it, for whoever follows it; shared memory. */
struct outcome {
	int opened;    /* what pam_open_session said; or -1 */
	int child;     /* the wait status of sshd's child, or of nssh */
	int leaked;    /* descriptors that the service had after it and not before */
	bool over;     /* the service came to the end of its story */
	char told[512];
};

struct telling {
	const struct person *who;
	struct outcome *outcome; /* of the login or entry that is watched */
	bool bare;               /* nobody listens: no words to a tracer */
};

struct story {
	const char *name;
	const char *what;
	void (*tell)(void *telling);
};

extern const struct story stories[];

/* Was what was asked for done? */
bool story_went_well(const struct outcome *o);

/*
 * service.c. Logs in as sshd does for who comes with a key; ends the process. Closes ready when the user's command has run;
 * the session ends when held does.
 */
void be_service(const struct telling *t, int held, int ready) __attribute__((noreturn));
int open_stacks(void);
void say(const struct telling *t, int what);

#endif
