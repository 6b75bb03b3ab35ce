/* SPDX-License-Identifier: MIT */
/* runs as: the user, in tests. The boxes of helper/hop.h, without any box around what runs in them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/fdpass.h"
#include "helper/hop.h"
#include "tests/shell/fake_box.h"

/* "deaf" has nobody who takes connections, "dead" had a process that is gone. */
static const struct {
	const char *name;
	unsigned created; /* 0: it is in no list */
} boxes[] = {
	{ "ada-1", 100 }, { "ada-2", 300 }, { "ada-3", 200 }, { "dead-1", 400 }, { "deaf-1", 0 }, { "gone-1", 0 },
	{ "refused-1", 0 }, { "outside-1", 0 }, { "silent-1", 0 }, { "garbage-1", 0 }, { "slow-1", 0 },
};

enum { BOXES = sizeof boxes / sizeof boxes[0] };

static void write_info(const char *box, unsigned created)
{
	char path[256];
	FILE *out;

	(void)snprintf(path, sizeof path, "%s/%s.info", HOP_DIR, box);
	out = fopen(path, "w");
	if (out == NULL)
		exit(1);
	(void)fprintf(out, "box=%s user=ada pid=5 created=%u service=sshd from=- network=none address=- ports=- state=live\n",
		      box, created);
	(void)fclose(out);
}

static int open_box(const char *box)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", HOP_DIR, box);
	(void)unlink(address.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 0) < 0)
		exit(1);
	return fd;
}

/* The command, directory and environment, which stay mapped. */
static char **take_texts(int memfd, const char *box, const struct hop_request *request)
{
	struct stat st;
	char *at, *end;
	char **argv = calloc(request->words + 1, sizeof *argv);

	if (fstat(memfd, &st) < 0 || argv == NULL)
		exit(1);
	at = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, memfd, 0);
	if (at == MAP_FAILED)
		exit(1);
	end = at + st.st_size;
	for (unsigned i = 0; i < request->words; i++, at += strlen(at) + 1)
		argv[i] = at;
	if (at[0] != '\0' && chdir(at) < 0)
		exit(1);
	(void)clearenv();
	for (at += strlen(at) + 1; at < end; at += strlen(at) + 1)
		(void)putenv(at);
	(void)setenv("FAKE_BOX", box, 1);
	return argv;
}

static int enter(int socket, const char *box, const struct hop_request *request, int fds[FDPASS_FDS], unsigned n)
{
	char **argv = take_texts(fds[0], box, request);
	unsigned next = 1;

	for (int fd = 0; fd < 3; fd++)
		if ((request->ttys & 1U << fd) == 0)
			(void)dup2(fds[next++], fd);
	if (next != n)
		return 1;
	for (unsigned i = 0; i < n; i++)
		(void)close(fds[i]);
	(void)umask(request->umask);
	(void)setrlimit(RLIMIT_CORE, &request->limits[RLIMIT_CORE]);
	return fake_enter(socket, argv, (int)request->ttys);
}

static int serve(int socket, const char *box)
{
	struct hop_request request;
	struct fail f;
	int fds[FDPASS_FDS];
	unsigned n;

	/* A shell's background job ignores what is typed. */
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
	if (fdpass_receive(socket, clock_ms() + 5000, &request, sizeof request, fds, &n, &f) < 0)
		return 1;
	if (request.version != HOP_VERSION || request.spare != 0 || fake_misbehave(socket, box))
		return 1;
	if (request.kind == HOP_ENTER && strcmp(box, "gone-1") == 0)
		(void)alarm(1);
	if (request.kind == HOP_ENTER)
		return enter(socket, box, &request, fds, n);
	fake_answer(socket, request.kind == HOP_END && strcmp(box, "ada-3") == 0 ? ANSWER_REFUSED : ANSWER_ENDED, 0, "not it");
	(void)usleep(100000); /* the box ends */
	return 0;
}

static void take(int listener, const char *box, const struct pollfd polls[BOXES])
{
	int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (socket >= 0 && fork() == 0) {
		/* A test that fails leaves nobody behind. */
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		for (int i = 0; i < BOXES; i++)
			(void)close(polls[i].fd);
		_exit(serve(socket, box));
	}
	(void)close(socket);
}

int main(void)
{
	struct pollfd polls[BOXES];

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < BOXES; i++) {
		polls[i] = (struct pollfd){ .fd = open_box(boxes[i].name), .events = POLLIN };
		if (boxes[i].created != 0)
			write_info(boxes[i].name, boxes[i].created);
		if (strcmp(boxes[i].name, "dead-1") == 0)
			(void)close(polls[i].fd);
		if (strcmp(boxes[i].name, "dead-1") == 0 || strcmp(boxes[i].name, "deaf-1") == 0)
			polls[i].fd = -1; /* of the deaf one the socket stays */
	}
	(void)puts("ready");
	(void)fflush(stdout);
	for (;;) {
		if (poll(polls, BOXES, -1) < 0 && errno != EINTR)
			return 1;
		for (int i = 0; i < BOXES; i++)
			if (polls[i].revents != 0)
				take(polls[i].fd, boxes[i].name, polls);
	}
}
