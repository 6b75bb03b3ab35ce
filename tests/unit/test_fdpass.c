/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Messages with descriptors: what is of another form is refused, and nothing stays open. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "helper/fdpass.h"

enum { SOON = 2000 };

struct line {
	int near, far, null;
	int before; /* open descriptors, with these three */
};

static int line_make(void **state)
{
	struct line *line = calloc(1, sizeof *line);
	int ends[2];

	if (line == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	line->near = ends[0];
	line->far = ends[1];
	line->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	line->before = count_fds();
	*state = line;
	return line->null < 0 ? -1 : 0;
}

static int line_remove(void **state)
{
	struct line *line = *state;

	fd_close(&line->near);
	fd_close(&line->far);
	fd_close(&line->null);
	free(line);
	return 0;
}

#define ON_LINE(name) cmocka_unit_test_setup_teardown(name, line_make, line_remove)

/* A message as anybody could send it: size bytes with n copies of /dev/null. */
static void send_raw(const struct line *line, size_t size, unsigned n)
{
	union {
		char room[CMSG_SPACE(64 * sizeof(int))];
		struct cmsghdr aligned;
	} control = { 0 };
	static char bytes[256];
	struct iovec body = { .iov_base = bytes, .iov_len = size };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1 };

	assert_true(size <= sizeof bytes && n <= 64);
	if (n > 0) {
		control.aligned.cmsg_level = SOL_SOCKET;
		control.aligned.cmsg_type = SCM_RIGHTS;
		control.aligned.cmsg_len = CMSG_LEN(n * sizeof(int));
		for (unsigned i = 0; i < n; i++)
			memcpy(CMSG_DATA(&control.aligned) + i * sizeof(int), &line->null, sizeof(int));
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	assert_int_equal(sendmsg(line->far, &message, 0), size);
}

/* Receiving 8 bytes must fail with that code and leave nothing open. */
static void refused(const struct line *line, int code)
{
	char data[8];
	int fds[FDPASS_FDS];
	unsigned n = 99;
	struct fail f = { 0 };

	for (unsigned i = 0; i < FDPASS_FDS; i++)
		fds[i] = -7;
	assert_int_equal(fdpass_receive(line->near, clock_ms() + SOON, data, sizeof data, fds, &n, &f), -1);
	assert_int_equal(f.code, code);
	assert_int_equal(n, 99);
	assert_int_equal(fds[0], -7);
	assert_int_equal(count_fds(), line->before);
}

static void received(const struct line *line, const char *want, unsigned count)
{
	char data[8];
	int fds[FDPASS_FDS];
	unsigned n;
	struct fail f = { 0 };

	GOOD(fdpass_receive(line->near, clock_ms() + SOON, data, sizeof data, fds, &n, &f));
	assert_memory_equal(data, want, sizeof data);
	assert_int_equal(n, count);
	assert_int_equal(count_fds(), line->before + (int)count);
	for (unsigned i = 0; i < FDPASS_FDS; i++) {
		struct stat st;

		if (i >= count) {
			assert_int_equal(fds[i], -1);
			continue;
		}
		assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		assert_int_equal(fstat(fds[i], &st), 0);
		assert_true(S_ISCHR(st.st_mode));
		fd_close(&fds[i]);
	}
}

static void message__comes_with_its_descriptors_close_on_exec(void **state)
{
	const struct line *line = *state;
	static const unsigned counts[] = { 0, 1, 3, FDPASS_FDS };
	int fds[FDPASS_FDS];
	struct fail f = { 0 };

	for (unsigned i = 0; i < FDPASS_FDS; i++)
		fds[i] = line->null;
	for (unsigned i = 0; i < 4; i++)
		GOOD(fdpass_send(line->far, "12345678", 8, fds, counts[i], &f));
	for (unsigned i = 0; i < 4; i++)
		received(line, "12345678", counts[i]);
	assert_int_equal(fcntl(line->null, F_GETFD), FD_CLOEXEC);
}

static void sender__carries_no_more_than_16_descriptors(void **state)
{
	const struct line *line = *state;
	int fds[FDPASS_FDS + 1];
	struct fail f = { 0 };

	for (unsigned i = 0; i < FDPASS_FDS + 1; i++)
		fds[i] = line->null;
	assert_int_equal(fdpass_send(line->far, "12345678", 8, fds, FDPASS_FDS + 1, &f), -1);
	assert_int_equal(f.code, EINVAL);
}

static void message__of_another_size_is_refused_with_its_descriptors(void **state)
{
	const struct line *line = *state;
	static const size_t sizes[] = { 1, 7, 9, 256 };

	for (unsigned i = 0; i < 4; i++) {
		send_raw(line, sizes[i], 0);
		refused(line, EPROTO);
		send_raw(line, sizes[i], FDPASS_FDS);
		refused(line, EPROTO);
	}
	send_raw(line, 8, 2);
	received(line, "\0\0\0\0\0\0\0", 2);
}

static void message__with_too_many_descriptors_is_refused_with_all_of_them(void **state)
{
	const struct line *line = *state;

	send_raw(line, 8, FDPASS_FDS + 1);
	refused(line, EPROTO);
	send_raw(line, 8, 20);
	refused(line, EPROTO);
	send_raw(line, 8, 64);
	refused(line, EPROTO);
}

static void empty_message__with_descriptors_leaves_none_open(void **state)
{
	const struct line *line = *state;

	send_raw(line, 0, 3);
	refused(line, EPROTO);
	send_raw(line, 0, 0);
	refused(line, EPIPE);
}

static void credentials__are_not_a_message_of_ours(void **state)
{
	const struct line *line = *state;
	const int on = 1;

	assert_int_equal(setsockopt(line->near, SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
	send_raw(line, 8, 0);
	refused(line, EPROTO);
	send_raw(line, 8, 3);
	refused(line, EPROTO);
}

static void peer_that_closed__is_a_broken_pipe_on_both_sides(void **state)
{
	struct line *line = *state;
	struct fail f = { 0 };

	fd_close(&line->far);
	line->before--;
	refused(line, EPIPE);
	assert_int_equal(fdpass_send(line->near, "12345678", 8, &line->null, 1, &f), -1);
	assert_int_equal(f.code, EPIPE);
	assert_int_equal(count_fds(), line->before);
}

static void message__sent_before_the_peer_closed_still_arrives(void **state)
{
	struct line *line = *state;
	struct fail f = { 0 };

	GOOD(fdpass_send(line->far, "12345678", 8, &line->null, 1, &f));
	fd_close(&line->far);
	line->before--;
	received(line, "12345678", 1);
	refused(line, EPIPE);
}

static void peer_that_left_our_words_unread__is_gone_as_well(void **state)
{
	struct line *line = *state;
	struct fail f = { 0 };

	GOOD(fdpass_send(line->near, "12345678", 8, NULL, 0, &f));
	fd_close(&line->far);
	line->before--;
	refused(line, EPIPE);
}

static void silence__ends_with_the_deadline(void **state)
{
	const struct line *line = *state;
	char data[8];
	int fds[FDPASS_FDS];
	unsigned n;
	struct fail f = { 0 };
	int64_t began = clock_ms();

	assert_int_equal(fdpass_receive(line->near, began + 60, data, sizeof data, fds, &n, &f), -1);
	assert_int_equal(f.code, ETIMEDOUT);
	assert_in_range(clock_ms() - began, 60, 1500);
	assert_int_equal(fdpass_receive(line->near, began - 1000, data, sizeof data, fds, &n, &f), -1);
	assert_int_equal(f.code, ETIMEDOUT);
}

static void message__that_is_there_is_taken_after_the_deadline(void **state)
{
	const struct line *line = *state;
	char data[8];
	int fds[FDPASS_FDS];
	unsigned n;
	struct fail f = { 0 };

	send_raw(line, 8, 0);
	GOOD(fdpass_receive(line->near, clock_ms() - 1, data, sizeof data, fds, &n, &f));
}

static void full_socket__fails_the_sender_at_once(void **state)
{
	const struct line *line = *state;
	struct fail f = { 0 };
	int64_t began = clock_ms();
	int sent = 0;

	while (sent < 100000 && fdpass_send(line->far, "12345678", 8, NULL, 0, &f) == 0)
		sent++;
	assert_in_range(sent, 1, 99999);
	assert_int_equal(f.code, EAGAIN);
	assert_true(clock_ms() - began < 5000);
}

static void other_end__may_be_no_socket(void **state)
{
	const struct line *line = *state;
	struct line wrong = *line;
	struct fail f = { 0 };

	wrong.near = line->null;
	refused(&wrong, ENOTSOCK);
	assert_int_equal(fdpass_send(line->null, "12345678", 8, NULL, 0, &f), -1);
	assert_int_equal(f.code, ENOTSOCK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_LINE(message__comes_with_its_descriptors_close_on_exec),
		ON_LINE(sender__carries_no_more_than_16_descriptors),
		ON_LINE(message__of_another_size_is_refused_with_its_descriptors),
		ON_LINE(message__with_too_many_descriptors_is_refused_with_all_of_them),
		ON_LINE(empty_message__with_descriptors_leaves_none_open),
		ON_LINE(credentials__are_not_a_message_of_ours),
		ON_LINE(peer_that_closed__is_a_broken_pipe_on_both_sides),
		ON_LINE(message__sent_before_the_peer_closed_still_arrives),
		ON_LINE(peer_that_left_our_words_unread__is_gone_as_well),
		ON_LINE(silence__ends_with_the_deadline),
		ON_LINE(message__that_is_there_is_taken_after_the_deadline),
		ON_LINE(full_socket__fails_the_sender_at_once),
		ON_LINE(other_end__may_be_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
