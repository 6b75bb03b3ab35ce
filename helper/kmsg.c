/* SPDX-License-Identifier: MIT */
/* runs as: root. The kernel's log: whom it killed for want of memory. */
#include "helper/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fields.h"

enum {
	RECORD_MAX = 8192, /* more than the kernel makes of a line (CONSOLE_EXT_LOG_MAX, PRINTK_MESSAGE_MAX) */
	KERNEL = 8,        /* priorities from here on are of those who write to /dev/kmsg (syslog(2), facilities) */
	SLACK_MS = 2000,
};

/* Takes "NUMBER," off *text. */
static int take_number(char **text, uint64_t *number)
{
	char *word = strsep(text, ",");

	return *text == NULL || field_number(word, UINT64_MAX, number) < 0 ? -1 : 0;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The kernel writes what is no printable ASCII as \xNN, the backslash too. */
static void unescape(char *text)
{
	char *to = text;

	while (*text != '\0') {
		if (text[0] == '\\' && text[1] == 'x' && hex(text[2]) >= 0 && hex(text[3]) >= 0) {
			*to++ = (char)(hex(text[2]) * 16 + hex(text[3]));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/* Takes "KEY DIGITS" off the end of text. */
static int cut_digits(char *text, const char *key)
{
	size_t length = strlen(text), end = length, room = strlen(key);

	while (end > 0 && text[end - 1] >= '0' && text[end - 1] <= '9')
		end--;
	if (end == length || end < room || memcmp(text + end - room, key, room) != 0)
		return -1;
	text[end - room] = '\0';
	return 0;
}

/*
 * Takes ",task=NAME" off the end of text. A name has at most 15 bytes, but these are the user's choice: the first key
 * that leaves no more behind it is the one.
 */
static int cut_name(char *text, char name[16])
{
	const char *key = ",task=";
	size_t length = strlen(text), room = strlen(key) + 15;
	char *at = strstr(length > room ? text + length - room : text, key);

	if (at == NULL)
		return -1;
	(void)snprintf(name, 16, "%s", at + strlen(key));
	*at = '\0';
	return 0;
}

/* What stands behind the only key in text; NULL if there is none. *twice: a cgroup's name makes it ambiguous. */
static char *only(char *text, const char *key, bool *twice)
{
	char *at = strstr(text, key);

	if (at != NULL && strstr(at + 1, key) != NULL)
		*twice = true;
	return at != NULL ? at + strlen(key) : NULL;
}

const char *kmsg_base(const char *path, bool v2)
{
	static const char root[] = "/sys/fs/cgroup/";
	const char *base = path + strlen(root) - 1;

	if (strncmp(path, root, strlen(root)) != 0)
		return NULL;
	return v2 ? base : strchr(base + 1, '/'); /* v1 has a directory for each hierarchy */
}

/*
 * What follows BASE and word in path: "" or "/...". NULL if that is not where it leads. The whole of BASE must be the
 * beginning: further down users give names themselves (delegate = yes, and systemd's managers of users).
 */
static const char *behind(const char *path, const struct kmsg_box *box, const char *word)
{
	char start[600];
	const char *at;

	if ((size_t)snprintf(start, sizeof start, "%s/", box->base) >= sizeof start)
		return NULL;
	at = strstr(path, start);
	if (at == NULL || (at != path && !box->anywhere))
		return NULL;
	at += strlen(start);
	if (strncmp(at, word, strlen(word)) != 0)
		return NULL;
	at += strlen(word);
	return *at == '\0' || *at == '/' ? at : NULL;
}

static enum kmsg_limit limit_of(const char *path, const struct kmsg_box *box, const char *user, const char *name)
{
	const char *below = path == NULL ? NULL : behind(path, box, name);

	if (path == NULL || behind(path, box, user) == NULL)
		return KMSG_HOST;
	return below != NULL && *below == '/' ? KMSG_OWN : KMSG_USER;
}

/* "oom-kill:constraint=...,oom_memcg=PATH,task_memcg=PATH,task=NAME,pid=N,uid=N", with global_oom for no oom_memcg */
static int parse_message(char *text, const struct kmsg_box *box, struct kmsg_kill *killed)
{
	static const char start[] = "oom-kill:constraint=";
	char user[16], name[32], *of_task, *of_limit;
	bool twice = false;

	(void)snprintf(user, sizeof user, "%u", box->uid);
	(void)snprintf(name, sizeof name, "%u/%u", box->uid, box->number);
	if (strncmp(text, start, strlen(start)) != 0)
		return 0;
	unescape(text);
	if (cut_digits(text, ",uid=") < 0 || cut_digits(text, ",pid=") < 0 || cut_name(text, killed->name) < 0)
		return 0;
	of_task = only(text, ",task_memcg=", &twice);
	if (of_task == NULL || twice || behind(of_task, box, name) == NULL)
		return 0;
	of_task[-(ptrdiff_t)strlen(",task_memcg=")] = '\0';
	of_limit = only(text, ",oom_memcg=", &twice);
	killed->limit = limit_of(of_limit, box, user, name);
	return twice ? 0 : 1;
}

int kmsg_parse(const char *record, const struct kmsg_box *box, uint64_t *line, struct kmsg_kill *killed)
{
	char copy[RECORD_MAX], *text = copy, *head;
	struct kmsg_kill k = { .line = 0 };
	uint64_t priority;

	/* "PRIORITY,NUMBER,MICROSECONDS,FLAGS[,...];MESSAGE\n KEY=VALUE\n" */
	(void)snprintf(copy, sizeof copy, "%s", record);
	text[strcspn(text, "\n")] = '\0';
	head = strsep(&text, ";");
	if (text == NULL || take_number(&head, &priority) < 0 || take_number(&head, &k.line) < 0)
		return 0;
	*line = k.line;
	if (take_number(&head, &k.when) < 0 || priority >= KERNEL || parse_message(text, box, &k) == 0)
		return 0;
	*killed = k;
	return 1;
}

static int open_log(struct fail *f)
{
	OWN_FD int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fail(f, errno, "open /dev/kmsg");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 11))
		return fail(f, EPERM, "/dev/kmsg is not the kernel's log");
	return fd_give(&fd);
}

static void keep(struct kmsg_kill *kills, int *n, int most, const struct kmsg_kill *killed)
{
	if (*n == most) {
		memmove(kills, kills + 1, (size_t)(most - 1) * sizeof *kills);
		--*n;
	}
	kills[(*n)++] = *killed;
}

int kmsg_read(const struct kmsg_box *box, uint64_t since, uint64_t *line, struct kmsg_kill *kills, int most,
	      int64_t deadline, struct fail *f)
{
	char record[RECORD_MAX];
	/* The log's clock is not corrected as CLOCK_MONOTONIC is: they may part by some 100 millionths. */
	uint64_t slack = SLACK_MS + since / 10000, begun = since > slack ? (since - slack) * 1000 : 0;
	uint64_t last = *line, now;
	int n = 0;
	OWN_FD int fd = open_log(f);

	if (fd < 0)
		return -1;
	while (deadline_left(deadline) > 0) {
		ssize_t got = read(fd, record, sizeof record - 1);
		struct kmsg_kill killed;

		/* EPIPE: what we were about to read has been overwritten; the next read goes on behind it. */
		if (got < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (got < 0 && errno != EAGAIN)
			return fail(f, errno, "read /dev/kmsg");
		if (got <= 0)
			break;
		record[got] = '\0';
		now = last;
		if (kmsg_parse(record, box, &now, &killed) == 1 && now > *line && killed.when >= begun)
			keep(kills, &n, most, &killed);
		last = now > last ? now : last;
	}
	*line = last;
	return n;
}
