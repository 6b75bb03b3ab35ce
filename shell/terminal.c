/* SPDX-License-Identifier: MIT */
/* runs as: the user. The outer terminal: raw while we relay, and as it was afterwards. */
#include "shell/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

void terminal_find(struct terminal *terminal, unsigned ttys)
{
	static const int order[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };

	*terminal = (struct terminal){ .fd = -1, .typed = (ttys & 1U) != 0 };
	for (unsigned i = 0; i < 3 && terminal->fd < 0; i++)
		if ((ttys & 1U << order[i]) != 0)
			terminal->fd = order[i];
}

void terminal_copy(const struct terminal *terminal, int master)
{
	struct termios modes;

	/* Settings are a comfort: a terminal that refuses them is still a terminal. */
	if (tcgetattr(terminal->fd, &modes) == 0) {
		/* An outer terminal that stays cooked turns line ends into CR LF itself; once is enough. */
		if (!terminal->typed)
			modes.c_oflag &= ~(tcflag_t)OPOST;
		(void)tcsetattr(master, TCSANOW, &modes);
	}
	terminal_resize(terminal, master);
}

void terminal_resize(const struct terminal *terminal, int master)
{
	struct winsize size;

	if (ioctl(terminal->fd, TIOCGWINSZ, &size) == 0)
		(void)ioctl(master, TIOCSWINSZ, &size);
}

static bool foreground(const struct terminal *terminal)
{
	pid_t group = tcgetpgrp(terminal->fd);

	/* Not our controlling terminal: then there is no job control on it either. */
	return group < 0 || group == getpgrp();
}

void terminal_make_raw(struct terminal *terminal)
{
	struct termios raw;

	if (!terminal->typed || terminal->raw || !foreground(terminal))
		return;
	if (tcgetattr(terminal->fd, &raw) < 0)
		return;
	/* Continued after a stop, we may find the modes of our own making: those are not what was before. */
	if (!terminal->known || (raw.c_lflag & ICANON) != 0)
		terminal->before = raw;
	terminal->known = true;
	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	terminal->raw = tcsetattr(terminal->fd, TCSANOW, &raw) == 0;
}

void terminal_restore(struct terminal *terminal)
{
	/* In the background the modes are the foreground's, and the shell has set its own. */
	if (terminal->raw && foreground(terminal))
		(void)tcsetattr(terminal->fd, TCSANOW, &terminal->before);
	terminal->raw = false;
}
