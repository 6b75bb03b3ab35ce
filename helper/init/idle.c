/* SPDX-License-Identifier: MIT */
/* runs as: pid 1 of a box, as the owner. The key idle: how long nothing was typed or shown on the box's terminals. */

/*
 * The kernel notes on a terminal when something was last read from it (atime) or written to it (mtime), by the time
 * of day, and only in the first second with news of every 8 (tty_io.c). The time of day can be set; so what counts is
 * that a time changed, by the clock that nobody sets, and a time of day says only how long before this look that was,
 * at most as long as the look before it.
 */
#include "helper/init/idle.h"

#include "helper/init/clock.h"
#include "helper/init/terminals.h"

enum {
	SECOND = 1000,
	STEP_MAX = 30 * SECOND,
	WARNING_MAX = 60 * SECOND,
	/*
	 * What the warning itself makes others show, as tmux does with what is written to the terminals that it made,
	 * is no sign of life; it is shown by then.
	 */
	SETTLE = SECOND,
	BLIND = 7, /* seconds for which the kernel may have noted nothing after what it noted */
};

/* How long before its end an idle box is warned. */
static unsigned long warning(const struct idle *idle)
{
	return least(idle->limit / 2, WARNING_MAX);
}

void idle_begin(struct idle *idle, unsigned long limit)
{
	idle->limit = limit * SECOND;
	idle->looked = idle->since = idle->next = now_ms();
	idle->warned = 0;
	idle->settled = false;
	idle->newest = idle->sum = 0;
}

unsigned long idle_wait(const struct idle *idle)
{
	unsigned long now = now_ms();

	if (idle->limit == 0)
		return forever;
	return now < idle->next ? idle->next - now : 0;
}

/* There was something: when, at the latest? */
static void note_activity(struct idle *idle, unsigned long now, const struct terminals *seen)
{
	unsigned long day = time_of_day(), last = seen->newest | BLIND;

	if (seen->count == 0)
		idle->since = now;
	else if (last >= day)
		idle->since = now + least(last - day, BLIND) * SECOND;
	else
		idle->since = now - least((day - last) * SECOND, now - idle->looked);
	idle->warned = 0;
	idle->newest = seen->newest;
	idle->sum = seen->sum;
}

static char *put(char *to, const char *text)
{
	while (*text != '\0')
		*to++ = *text++;
	*to = '\0';
	return to;
}

static char *put_number(char *to, unsigned long number)
{
	char digits[24], *at = digits + sizeof digits - 1;

	*at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	return put(to, at);
}

static void warn(const struct idle *idle)
{
	unsigned long quiet = (idle->limit - warning(idle)) / SECOND;
	bool minutes = quiet >= 120;
	char text[200], *at = put(text, "\r\nnsbox: nothing was typed or shown in this box for ");

	at = put_number(at, minutes ? quiet / 60 : quiet);
	at = put(at, minutes ? " minutes; it ends in " : " seconds; it ends in ");
	at = put_number(at, warning(idle) / SECOND);
	(void)put(at, " seconds if nothing is typed.\r\n");
	terminals_tell(text);
}

/* The warning is no sign of life either: the terminals are to look as before, also to those who ask who is idle. */
static void settle(struct idle *idle)
{
	struct terminals seen;

	terminals_take_back(idle->newest);
	terminals_look(&seen);
	idle->sum = seen.sum;
	idle->settled = true;
}

static void look(struct idle *idle, unsigned long now)
{
	struct terminals seen;

	terminals_look(&seen);
	if (seen.count == 0 || seen.sum != idle->sum)
		note_activity(idle, now, &seen);
	idle->looked = now;
}

static void plan(struct idle *idle, unsigned long now)
{
	unsigned long step = least(idle->limit / 4, STEP_MAX), due = idle->since + idle->limit - warning(idle);

	if (idle->warned != 0)
		idle->next = idle->warned + (idle->settled ? warning(idle) : SETTLE);
	else
		idle->next = now + step < due ? now + step : due;
}

bool idle_over(struct idle *idle)
{
	unsigned long now = now_ms();

	if (idle->limit == 0 || now < idle->next)
		return false;
	if (idle->warned != 0 && !idle->settled)
		settle(idle);
	else
		look(idle, now);
	if (idle->warned != 0 && now >= idle->warned + warning(idle))
		return true;
	if (idle->warned == 0 && now >= idle->since + idle->limit - warning(idle)) {
		warn(idle);
		idle->warned = now;
		idle->settled = false;
	}
	plan(idle, now);
	return false;
}
