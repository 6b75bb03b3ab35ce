/* SPDX-License-Identifier: MIT */
/*
 * runs as: a user, in tests. Executes a program under conditions of the caller's choosing: caller CONDITION... --
 * CMD... Conditions hold in the order given; the table in conditions.c has them all. With `wire` the program is a
 * child, and what it answers there is printed: its kind, its status and its text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/wire.h"
#include "tests/hostile/conditions.h"

static int end_as(pid_t child)
{
	int status = 0;

	if (waitpid(child, &status, 0) != child)
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void execute(const struct wishes *w, char **command)
{
	char *none[] = { NULL };

	(void)execv(command[0], w->no_words ? none : command);
	perror(command[0]);
	_exit(126);
}

/* Answers until the end of the socket. Their descriptors are the kernel's to close: there is no room for them. */
static void print_answers(int socket)
{
	struct answer a;

	while (recv(socket, &a, sizeof a, 0) == (ssize_t)sizeof a)
		(void)printf("%u %d %.255s\n", a.kind, a.status, a.text);
	(void)fflush(stdout);
}

static int with_wire(const struct wishes *w, char **command)
{
	int pair[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return 125;
	child = fork();
	if (child == 0) {
		(void)dup2(pair[1], WIRE_FD);
		execute(w, command);
	}
	(void)close(pair[1]);
	print_answers(pair[0]);
	return end_as(child);
}

/* A tracer that lets everything go on. */
static int traced(const struct wishes *w, char **command)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execute(w, command);
	}
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status))
		(void)ptrace(PTRACE_CONT, child, NULL, WSTOPSIG(status) == SIGTRAP ? 0 : (long)WSTOPSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct wishes w = { 0 };
	int at = 1;

	for (; at < argc && strcmp(argv[at], "--") != 0; at++)
		if (condition_set(argv[at], &w) != 0) {
			(void)fprintf(stderr, "caller: %s: %m\n", argv[at]);
			return 125;
		}
	if (at + 1 >= argc)
		return 125;
	if (w.wire)
		return with_wire(&w, argv + at + 1);
	if (w.traced)
		return traced(&w, argv + at + 1);
	execute(&w, argv + at + 1);
}
