/* SPDX-License-Identifier: MIT */
/* runs as: the user. Stands between the outer terminal, or root's pipes, and a command in a box. */
#include "shell/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/fd.h"
#include "helper/hop.h"
#include "helper/wire.h"

#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1U << 2) /* Linux 6.9 */
#endif

/* How often a master without a slave, or a terminal whose foreground we are not, is looked at again. */
enum { LOOK_AGAIN_MS = 100 };

/* Three full pipes of the largest size a user may make (pipe-max-size). */
enum { SPARE = 3 << 20 };

/* What is polled: the signals, whom we asked, and both ends of each flow. */
enum { AT_SIGNALS, AT_SOCKET, AT_FLOWS, RELAY_POLLS = AT_FLOWS + 2 * RELAY_FLOWS };

void relay_init(struct relay *relay)
{
	relay->socket = -1;
	relay->hop = false;
	relay->outside = false;
	relay->pidfd = -1;
	relay->master = -1;
	relay->signals.fd = -1;
	relay->terminal = (struct terminal){ .fd = -1 };
	for (int i = 0; i < RELAY_FLOWS; i++)
		flow_init(&relay->flows[i]);
	relay->resting = false;
	relay->ended = false;
	relay->spare = SPARE;
	relay->status = 0;
	relay->died = 0;
}

/* The box's terminal loses its other side: what hangs up a terminal hangs up the one in the box. */
static void hang_up(struct relay *relay)
{
	flow_close(&relay->flows[TYPED]);
	flow_close(&relay->flows[SHOWN]);
	fd_close(&relay->master);
}

void relay_close(struct relay *relay)
{
	hang_up(relay);
	for (int i = 0; i < RELAY_FLOWS; i++)
		flow_close(&relay->flows[i]);
	fd_close(&relay->pidfd);
	fd_close(&relay->socket);
	fd_close(&relay->signals.fd);
}

/* No pidfd reaches into another box. Whoever is gone shows as the end of the socket. */
static int forward_to_hop(const struct relay *relay, int sig, bool typed)
{
	const struct hop_signal message = { .number = (uint32_t)sig, .typed = typed };

	if (send(relay->socket, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno == EPIPE || errno == ECONNRESET ? 0 : -1;
	return 0;
}

/*
 * Sends the command a signal we got. One that was typed (the kernel sent it) is for everything in the foreground, as
 * on any terminal; one from kill(1) is for the command alone.
 */
static int forward(const struct relay *relay, int sig, bool typed)
{
	if (typed && relay->master >= 0 && (sig == SIGINT || sig == SIGQUIT) &&
	    ioctl(relay->master, TIOCSIG, sig) == 0)
		return 0;
	if (relay->hop)
		return forward_to_hop(relay, sig, typed);
	if (typed && pidfd_send_signal(relay->pidfd, sig, NULL, PIDFD_SIGNAL_PROCESS_GROUP) == 0)
		return 0;
	if (pidfd_send_signal(relay->pidfd, sig, NULL, 0) == 0 || errno == ESRCH)
		return 0;
	return -1;
}

static void stop(struct relay *relay)
{
	terminal_restore(&relay->terminal);
	signals_stop();
	terminal_make_raw(&relay->terminal);
}

static void on_signal(struct relay *relay, const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;

	switch (sig) {
	case SIGWINCH:
		if (relay->master >= 0)
			terminal_resize(&relay->terminal, relay->master);
		break;
	case SIGTSTP:
		stop(relay);
		break;
	case SIGCONT:
		/* Stopped by a signal that cannot be caught: the shell has reset its terminal since. */
		relay->terminal.raw = false;
		terminal_make_raw(&relay->terminal);
		break;
	case SIGTERM:
	case SIGHUP:
	case SIGINT:
	case SIGQUIT:
	case SIGUSR1:
	case SIGUSR2:
		if (relay->ended || forward(relay, sig, info->ssi_code == SI_KERNEL) < 0)
			relay->died = sig;
		break;
	default:
		relay->died = sig;
	}
}

static void take_signals(struct relay *relay)
{
	struct signalfd_siginfo info;

	while (relay->died == 0 && read(relay->signals.fd, &info, sizeof info) == (ssize_t)sizeof info)
		on_signal(relay, &info);
}

static int take_answer(struct relay *relay, struct fail *f)
{
	struct answer a;
	int none[WIRE_FDS];

	if (wire_receive(relay->socket, clock_ms() + 1000, &a, none, f) < 0)
		return f->code == EPIPE ? fail(f, 0, "the box is gone") : -1;
	for (unsigned i = 0; i < WIRE_FDS; i++)
		fd_close(&none[i]);
	if (a.kind != ANSWER_ENDED)
		return fail(f, EPROTO, "an answer that makes no sense now");
	relay->ended = true;
	relay->status = a.status;
	fd_close(&relay->socket);
	return 0;
}

/* Standard input is at its end, so the command's is; what waits in the buffer goes first. */
static void finish(struct flow *flow)
{
	fd_close(&flow->from);
	if (!flow_pending(flow))
		flow_close(flow);
}

/* The outer terminal said end-of-file: the key for that goes in. One that hung up takes the inner one along. */
static void on_typed_end(struct relay *relay, bool hung)
{
	struct termios modes;

	if (hung)
		hang_up(relay);
	else if (tcgetattr(relay->master, &modes) == 0)
		(void)flow_put(&relay->flows[TYPED], (char)modes.c_cc[VEOF]);
}

static void on_readable(struct relay *relay, enum relay_flow which, bool hung)
{
	struct flow *flow = &relay->flows[which];
	ssize_t got = flow_fill(flow);
	bool later = got < 0 && errno == EAGAIN;

	if (got > 0 && relay->ended)
		relay->spare -= (size_t)got < relay->spare ? (size_t)got : relay->spare;
	/*
	 * After the command's end, what is not there now does not come: a read looks behind the kernel's queue too.
	 */
	if (relay->ended ? got > 0 && relay->spare > 0 : got > 0 || later)
		return;
	if (which == TYPED)
		on_typed_end(relay, hung || got < 0);
	else if (which == SHOWN && !relay->ended)
		relay->resting = true; /* EIO: nobody has the slave open, but the command can open it again */
	else
		finish(flow);
}

static void on_writable(struct relay *relay, enum relay_flow which)
{
	struct flow *flow = &relay->flows[which];

	if (flow_drain(flow) < 0) {
		/* Nobody reads any more: the command is told as it would be, by a broken pipe or a hang-up. */
		if (which == TYPED || which == SHOWN)
			hang_up(relay);
		else
			flow_close(flow);
	} else if (flow->from < 0 && !flow_pending(flow)) {
		flow_close(flow);
	}
}

/* Is the flow to be read now? What we read goes to waste once the command has ended. */
static bool wants(const struct relay *relay, enum relay_flow which)
{
	if (!flow_room(&relay->flows[which]))
		return false;
	if (which == TYPED)
		return relay->terminal.raw && !relay->ended;
	if (which == SHOWN)
		return !relay->resting;
	return which != PUMPED_IN || !relay->ended;
}

static void prepare(const struct relay *relay, struct pollfd polls[RELAY_POLLS])
{
	polls[AT_SIGNALS] = (struct pollfd){ .fd = relay->signals.fd, .events = POLLIN };
	polls[AT_SOCKET] = (struct pollfd){ .fd = relay->socket, .events = POLLIN };
	for (unsigned i = 0; i < RELAY_FLOWS; i++) {
		const struct flow *flow = &relay->flows[i];
		struct pollfd *pair = &polls[AT_FLOWS + 2 * i];

		pair[0] = (struct pollfd){ .fd = wants(relay, i) ? flow->from : -1, .events = POLLIN };
		pair[1] = (struct pollfd){ .fd = flow_pending(flow) ? flow->to : -1, .events = POLLOUT };
	}
}

static int wait_ready(struct relay *relay, struct pollfd polls[RELAY_POLLS], struct fail *f)
{
	bool look = relay->resting || (relay->flows[TYPED].from >= 0 && !relay->terminal.raw);

	prepare(relay, polls);
	if (poll(polls, RELAY_POLLS, look ? LOOK_AGAIN_MS : -1) < 0 && errno != EINTR)
		return fail(f, errno, "poll");
	if (look) {
		relay->resting = false;
		terminal_make_raw(&relay->terminal);
	}
	return 0;
}

static int step(struct relay *relay, struct fail *f)
{
	struct pollfd polls[RELAY_POLLS];

	if (wait_ready(relay, polls, f) < 0)
		return -1;
	if (polls[AT_SIGNALS].revents != 0)
		take_signals(relay);
	if (polls[AT_SOCKET].revents != 0 && take_answer(relay, f) < 0)
		return -1;
	for (unsigned i = 0; i < RELAY_FLOWS; i++) {
		const struct pollfd *pair = &polls[AT_FLOWS + 2 * i];

		if (pair[1].revents != 0 && flow_pending(&relay->flows[i]))
			on_writable(relay, i);
		if (pair[0].revents != 0 && relay->flows[i].from >= 0)
			on_readable(relay, i, (pair[0].revents & POLLHUP) != 0);
	}
	return 0;
}

/* Reads what the command left behind. True while something is still to be written. */
static bool left_over(struct relay *relay)
{
	static const enum relay_flow out[] = { SHOWN, PUMPED_OUT, PUMPED_ERR };
	bool pending = false;

	for (unsigned i = 0; i < sizeof out / sizeof out[0]; i++) {
		if (wants(relay, out[i]))
			on_readable(relay, out[i], false);
		pending = pending || flow_pending(&relay->flows[out[i]]);
	}
	return pending;
}

int relay_run(struct relay *relay, struct fail *f)
{
	while (relay->died == 0 && !relay->ended)
		if (step(relay, f) < 0)
			return -1;
	relay->resting = false;
	flow_close(&relay->flows[TYPED]);
	flow_close(&relay->flows[PUMPED_IN]);
	while (relay->died == 0 && left_over(relay))
		if (step(relay, f) < 0)
			return -1;
	return 0;
}
