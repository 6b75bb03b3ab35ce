/* SPDX-License-Identifier: MIT */
/* runs as: anyone. The wire refuses whatever is not exactly an answer, and then leaves nothing open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above before itself */
#include <cmocka.h>
#undef fail /* cmocka's; ours has other arguments */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/fd.h"
#include "helper/wire.h"

struct ends {
	int near;
	int far;
};

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

static struct ends make_ends(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	return (struct ends){ pair[0], pair[1] };
}

static struct answer boxed(uint32_t fds)
{
	return (struct answer){ .version = WIRE_VERSION, .kind = ANSWER_BOXED, .fds = fds, .box = "ada-1",
				.ports = "20000-20009,8080" };
}

/* Sends any bytes with n descriptors (all the same one), without the checks of wire_send. */
static void send_raw(int socket, const void *bytes, size_t size, unsigned n)
{
	union {
		char room[CMSG_SPACE(32 * sizeof(int))];
		struct cmsghdr aligned;
	} control = { 0 };
	char empty = 0;
	struct iovec text = { .iov_base = &empty };
	struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1 };
	char copy[2 * sizeof(struct answer)] = { 0 };

	memcpy(copy, bytes, size);
	text = (struct iovec){ .iov_base = copy, .iov_len = size };
	if (n > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.aligned.cmsg_level = SOL_SOCKET;
		control.aligned.cmsg_type = SCM_RIGHTS;
		control.aligned.cmsg_len = CMSG_LEN(n * sizeof(int));
		for (unsigned i = 0; i < n; i++)
			memcpy(CMSG_DATA(&control.aligned) + i * sizeof(int), &socket, sizeof socket);
	}
	assert_int_equal(sendmsg(socket, &message, 0), size);
}

/* What wire_receive says to these bytes; checks that a refusal touches nothing and leaves nothing open. */
static int refused(const void *bytes, size_t size, unsigned n)
{
	struct ends ends = make_ends();
	struct answer a = { .version = 77 };
	int fds[WIRE_FDS] = { -7 };
	struct fail f = { 0 };
	int before = open_fds();

	send_raw(ends.far, bytes, size, n);
	assert_int_equal(wire_receive(ends.near, clock_ms() + 1000, &a, fds, &f), -1);
	assert_int_equal(a.version, 77);
	assert_int_equal(fds[0], -7);
	assert_int_equal(open_fds(), before);
	fd_close(&ends.near);
	fd_close(&ends.far);
	return f.code;
}

static void wire__carries_an_answer_and_its_descriptors(void **state)
{
	struct ends ends = make_ends();
	struct answer out = boxed(WIRE_FDS);
	struct answer in;
	int send[WIRE_FDS];
	int fds[WIRE_FDS];
	struct fail f;

	(void)state;
	for (int i = 0; i < WIRE_FDS; i++)
		send[i] = ends.far;
	assert_int_equal(wire_send(ends.far, &out, send, &f), 0);
	assert_int_equal(wire_receive(ends.near, clock_ms() + 1000, &in, fds, &f), 0);
	assert_string_equal(in.box, "ada-1");
	assert_string_equal(in.ports, "20000-20009,8080");
	for (int i = 0; i < WIRE_FDS; i++) {
		assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		fd_close(&fds[i]);
	}
	out = (struct answer){ .version = WIRE_VERSION, .kind = ANSWER_ENDED, .status = 42 << 8 };
	assert_int_equal(wire_send(ends.far, &out, NULL, &f), 0);
	assert_int_equal(wire_receive(ends.near, clock_ms() + 1000, &in, fds, &f), 0);
	assert_int_equal(in.status, 42 << 8);
	assert_int_equal(fds[0], -1);
	assert_int_equal(fds[WIRE_FDS - 1], -1);
	fd_close(&ends.near);
	fd_close(&ends.far);
}

static void wire__refuses_nonsense(void **state)
{
	struct answer a = boxed(1);

	(void)state;
	a.version = WIRE_VERSION + 1;
	assert_int_equal(refused(&a, sizeof a, 1), EPROTO);
	a = boxed(1);
	a.kind = 0;
	assert_int_equal(refused(&a, sizeof a, 1), EPROTO);
	a.kind = ANSWER_ENDED + 1;
	assert_int_equal(refused(&a, sizeof a, 1), EPROTO);
	a = boxed(1);
	a.filter = FILTERS;
	assert_int_equal(refused(&a, sizeof a, 1), EPROTO);
	a = boxed(1);
	memset(a.box, 'x', sizeof a.box);
	assert_int_equal(refused(&a, sizeof a, 1), EPROTO);
	a = boxed(1);
	memset(a.ports, '1', sizeof a.ports);
	assert_int_equal(refused(&a, sizeof a, 1), EPROTO);
	a = boxed(1);
	memset(a.text, 'x', sizeof a.text);
	assert_int_equal(refused(&a, sizeof a, 1), EPROTO);
}

static void wire__refuses_another_size(void **state)
{
	char bytes[2 * sizeof(struct answer)] = { 0 };
	struct answer a = boxed(1);

	(void)state;
	memcpy(bytes, &a, sizeof a);
	assert_int_equal(refused(bytes, 1, 0), EPROTO);
	assert_int_equal(refused(bytes, sizeof a - 1, 1), EPROTO);
	assert_int_equal(refused(bytes, sizeof a + 1, 1), EPROTO);
	assert_int_equal(refused(bytes, sizeof bytes, 1), EPROTO);
}

static void wire__refuses_a_wrong_number_of_descriptors(void **state)
{
	struct answer a = boxed(0);

	(void)state;
	assert_int_equal(refused(&a, sizeof a, 0), EPROTO);
	a = boxed(1);
	assert_int_equal(refused(&a, sizeof a, 0), EPROTO);
	assert_int_equal(refused(&a, sizeof a, 2), EPROTO);
	a = boxed(WIRE_FDS);
	assert_int_equal(refused(&a, sizeof a, WIRE_FDS + 1), EPROTO);
	assert_int_equal(refused(&a, sizeof a, 32), EPROTO);
	a = boxed(WIRE_FDS + 1);
	assert_int_equal(refused(&a, sizeof a, WIRE_FDS + 1), EPROTO);
	a = boxed(1);
	a.kind = ANSWER_REFUSED;
	assert_int_equal(refused(&a, sizeof a, 1), EPROTO);
}

static void wire__tells_that_the_other_end_is_gone(void **state)
{
	struct ends ends = make_ends();
	struct answer a = { .version = WIRE_VERSION, .kind = ANSWER_ENDED };
	int fds[WIRE_FDS];
	struct fail f;

	(void)state;
	fd_close(&ends.far);
	assert_int_equal(wire_receive(ends.near, clock_ms() + 1000, &a, fds, &f), -1);
	assert_int_equal(f.code, EPIPE);
	assert_int_equal(wire_send(ends.near, &a, NULL, &f), -1);
	assert_int_equal(f.code, EPIPE);
	fd_close(&ends.near);
}

static void wire__does_not_wait_beyond_the_deadline(void **state)
{
	struct ends ends = make_ends();
	int64_t before = clock_ms();
	struct answer a;
	int fds[WIRE_FDS];
	struct fail f;

	(void)state;
	assert_int_equal(wire_receive(ends.near, before + 100, &a, fds, &f), -1);
	assert_int_equal(f.code, ETIMEDOUT);
	assert_true(clock_ms() - before >= 100 && clock_ms() - before < 2000);
	assert_int_equal(wire_receive(ends.near, before - 1, &a, fds, &f), -1);
	assert_int_equal(f.code, ETIMEDOUT);
	fd_close(&ends.near);
	fd_close(&ends.far);
}

static void wire__does_not_wait_for_a_full_socket(void **state)
{
	struct ends ends = make_ends();
	struct answer a = { .version = WIRE_VERSION, .kind = ANSWER_ENDED };
	struct fail f = { 0 };
	int sent = 0;

	(void)state;
	while (wire_send(ends.far, &a, NULL, &f) == 0)
		assert_true(++sent < 100000);
	assert_int_equal(f.code, EAGAIN);
	fd_close(&ends.near);
	fd_close(&ends.far);
}

static void wire__sends_no_more_descriptors_than_it_may(void **state)
{
	struct ends ends = make_ends();
	struct answer a = boxed(WIRE_FDS + 1);
	int fds[WIRE_FDS + 1] = { 0 };
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(wire_send(ends.far, &a, fds, &f), -1);
	assert_int_equal(f.code, EINVAL);
	fd_close(&ends.near);
	fd_close(&ends.far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wire__carries_an_answer_and_its_descriptors),
		cmocka_unit_test(wire__refuses_nonsense),
		cmocka_unit_test(wire__refuses_another_size),
		cmocka_unit_test(wire__refuses_a_wrong_number_of_descriptors),
		cmocka_unit_test(wire__tells_that_the_other_end_is_gone),
		cmocka_unit_test(wire__does_not_wait_beyond_the_deadline),
		cmocka_unit_test(wire__does_not_wait_for_a_full_socket),
		cmocka_unit_test(wire__sends_no_more_descriptors_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
