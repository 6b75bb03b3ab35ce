/* SPDX-License-Identifier: MIT */
/* runs as: anyone. Flows: bytes between two descriptors. The files under test are taken in whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above before itself */
#include <cmocka.h>
#undef fail /* cmocka's; ours has other arguments */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "shell/flow.c"
#include "shell/json.c"

static void flow__keeps_what_a_slow_reader_leaves(void **state)
{
	struct flow flow;
	int in[2];
	int out[2];
	char got[8];

	(void)state;
	flow_init(&flow);
	assert_int_equal(pipe2(in, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
	flow.from = in[0];
	flow.to = out[1];
	flow.piece = 2;
	assert_int_equal(write(in[1], "abcde", 5), 5);
	assert_int_equal(flow_fill(&flow), 5);
	assert_int_equal(flow_drain(&flow), 0);
	assert_int_equal(read(out[0], got, sizeof got), 2);
	assert_true(flow_pending(&flow));
	assert_true(flow_put(&flow, '!'));
	assert_int_equal(flow_drain(&flow), 0);
	assert_int_equal(flow_drain(&flow), 0);
	assert_int_equal(read(out[0], got, sizeof got), 4);
	assert_memory_equal(got, "cde!", 4);
	assert_false(flow_pending(&flow));
	assert_int_equal(flow_fill(&flow), -1);
	assert_int_equal(errno, EAGAIN);
	flow_close(&flow);
	assert_int_equal(close(in[1]), 0);
	assert_int_equal(close(out[0]), 0);
}

static void flow__stops_reading_when_it_is_full(void **state)
{
	struct flow flow;
	int in[2];
	int out[2];
	static char much[2 * FLOW_ROOM];

	(void)state;
	flow_init(&flow);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	flow.from = in[0];
	flow.to = out[1];
	assert_int_equal(write(in[1], much, sizeof much), sizeof much);
	assert_int_equal(flow_fill(&flow), FLOW_ROOM);
	assert_false(flow_room(&flow));
	assert_false(flow_put(&flow, 'x'));
	assert_int_equal(flow_drain(&flow), 0);
	assert_true(flow_room(&flow));
	assert_int_equal(flow_fill(&flow), FLOW_ROOM);
	flow_close(&flow);
	assert_int_equal(close(in[1]), 0);
	assert_int_equal(close(out[0]), 0);
}

static void flow_end__leaves_the_users_descriptor_blocking(void **state)
{
	int ends[2];
	int pair[2];
	size_t piece;
	int again;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	again = flow_end(ends[0], O_RDONLY, &piece);
	assert_true(again >= 0);
	assert_int_equal(fcntl(again, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(close(again), 0);
	/* A socket cannot be opened again. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	again = flow_end(pair[0], O_WRONLY, &piece);
	assert_true(again >= 0);
	assert_int_equal(piece, SMALL_PIECE);
	assert_int_equal(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(close(again), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(close(ends[i]), 0);
		assert_int_equal(close(pair[i]), 0);
	}
}

static void assert_json(const char *text, const char *wanted)
{
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	assert_non_null(out);
	json_string(out, text);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(got, wanted);
	free(got);
}

static void json_string__is_always_a_json_string(void **state)
{
	(void)state;
	assert_json("ada", "\"ada\"");
	assert_json("a\"b\\c", "\"a\\\"b\\\\c\"");
	assert_json("\n\033\177", "\"\\u000a\\u001b\\u007f\"");
	assert_json("\xc2\x9b" "A\xc2\xa0", "\"\\u009bA\xc2\xa0\"");
	assert_json("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
	/* too long, a surrogate, beyond the last character, cut off, alone */
	assert_json("\xc0\xaf", "\"\\ufffd\\ufffd\"");
	assert_json("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
	assert_json("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	assert_json("\xe2\x82", "\"\\ufffd\\ufffd\"");
	assert_json("x\x80y", "\"x\\ufffdy\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flow__keeps_what_a_slow_reader_leaves),
		cmocka_unit_test(flow__stops_reading_when_it_is_full),
		cmocka_unit_test(flow_end__leaves_the_users_descriptor_blocking),
		cmocka_unit_test(json_string__is_always_a_json_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
