/* SPDX-License-Identifier: MIT */
/* runs as: the user. What nssh is asked for, from the words of its command line. */
#include "shell/options.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

#include "helper/wire.h"

/* Options that have no letter. */
enum { STAT = 256, RELOAD, NET_UP, NET_DOWN, JSON, CHECK, EDIT, GC, RESET, VERSION };

static void set_mode(struct request *request, enum mode mode)
{
	request->mode = mode;
	request->modes++;
}

/* One option. Returns 0, or -1: a usage error. getopt has spoken where f stays empty. */
static int take_option(struct request *request, int option, struct fail *f)
{
	switch (option) {
	case 1: /* a word that is no option */
		if (request->word != NULL)
			return fail(f, 0, "unexpected word '%s'; a command stands after --", optarg);
		request->word = optarg;
		return 0;
	case 'c':
		request->script = optarg;
		return 0;
	case 'u':
		request->user = optarg;
		return 0;
	case 'n':
		request->new = true;
		return 0;
	case 'f':
		request->force = true;
		return 0;
	case 'k':
		request->end = optarg;
		set_mode(request, MODE_END);
		return 0;
	case RESET:
		request->reset = optarg;
		set_mode(request, MODE_RESET);
		return 0;
	case 'l':
		set_mode(request, MODE_LIST);
		return 0;
	case STAT:
		set_mode(request, MODE_STAT);
		return 0;
	case RELOAD:
		set_mode(request, MODE_RELOAD);
		return 0;
	case NET_UP:
		set_mode(request, MODE_NET_UP);
		return 0;
	case NET_DOWN:
		set_mode(request, MODE_NET_DOWN);
		return 0;
	case JSON:
		request->json = true;
		return 0;
	case CHECK:
		set_mode(request, MODE_CHECK);
		return 0;
	case EDIT:
		set_mode(request, MODE_EDIT);
		return 0;
	case GC:
		set_mode(request, MODE_GC);
		return 0;
	case 'h':
		set_mode(request, MODE_HELP);
		return 0;
	case VERSION:
		set_mode(request, MODE_VERSION);
		return 0;
	default:
		return -1;
	}
}

/* USER-N, as the helper makes them. What a user's name is made of, directory services decide. */
static bool box_name(const char *name)
{
	const char *dash = strrchr(name, '-');
	size_t user = dash != NULL ? (size_t)(dash - name) : 0;

	if (user == 0 || strlen(name) >= WIRE_BOX || memchr(name, '/', user) != NULL)
		return false;
	return dash[1] != '\0' && dash[1 + strspn(dash + 1, "0123456789")] == '\0';
}

/* Is it done for one user, or could be? What only says something takes -u as it comes. */
static bool about_user(enum mode mode)
{
	return mode != MODE_CHECK && mode != MODE_EDIT && mode != MODE_RELOAD && mode != MODE_NET_UP &&
	       mode != MODE_NET_DOWN;
}

static int fail_unexpected(const struct request *request, struct fail *f)
{
	enum mode mode = request->mode;

	if ((mode == MODE_LIST || mode == MODE_STAT || mode == MODE_GC || mode == MODE_RESET) &&
	    !box_name(request->word))
		return fail(f, 0, "unexpected word '%s'; root names a user by -u %s", request->word, request->word);
	if (mode == MODE_END)
		return fail(f, 0, "unexpected word '%s'; -k ends one box at a time", request->word);
	return fail(f, 0, "unexpected word '%s'", request->word);
}

/* Is what -k and --reset were given something they can do it to? */
static int judge_objects(const struct request *request, struct fail *f)
{
	const char *reset = request->reset;

	if (request->end != NULL && !box_name(request->end))
		return fail(f, 0, "'%s' is not the name of a box; `nssh -l` lists them", request->end);
	if (reset != NULL && strcmp(reset, "root") != 0 && strcmp(reset, "home") != 0)
		return fail(f, 0, "'%s' cannot be begun anew; it is --reset root, or --reset home", reset);
	return 0;
}

/* Options that say how, without the one that says what. */
static int judge_manners(const struct request *request, struct fail *f)
{
	if (request->json && request->mode != MODE_LIST && request->mode != MODE_STAT)
		return fail(f, 0, "--json goes with -l and --stat");
	if (request->force && request->mode != MODE_RESET && request->mode != MODE_END)
		return fail(f, 0, "-f goes with --reset and -k");
	if (request->new && request->mode != MODE_ENTER)
		return fail(f, 0, "-n goes with entering a box");
	if (request->new && request->word != NULL)
		return fail(f, 0, "-n is for a new box; leave out %s, or -n to enter it", request->word);
	if (request->user != NULL && !about_user(request->mode))
		return fail(f, 0, "-u goes with entering, -l, --stat, -k, --reset and --gc");
	return 0;
}

/* What does not go together. */
static int judge(const struct request *request, struct fail *f)
{
	bool entering = request->mode == MODE_ENTER;
	bool command = request->command[0] != NULL;

	if (request->modes > 1)
		return fail(f, 0,
			    "only one of -l, --stat, -k, --reset, --check, --edit, --reload, --net-up, --net-down,"
				  " --gc, --help and --version can be done at a time");
	if (judge_objects(request, f) < 0)
		return -1;
	if (!entering && (request->script != NULL || command))
		return fail(f, 0, "a command goes with entering a box");
	if (request->word != NULL && !entering && request->mode != MODE_CHECK)
		return fail_unexpected(request, f);
	if (entering && request->word != NULL && !box_name(request->word))
		return fail(f, 0, "'%s' is not the name of a box; a command stands after --", request->word);
	return judge_manners(request, f);
}

int options_parse(int argc, char **argv, struct request *request, struct fail *f)
{
	static const struct option options[] = {
		{ "command", required_argument, NULL, 'c' }, { "user", required_argument, NULL, 'u' },
		{ "new", no_argument, NULL, 'n' },           { "list", no_argument, NULL, 'l' },
		{ "kill", required_argument, NULL, 'k' },    { "reset", required_argument, NULL, RESET },
		{ "force", no_argument, NULL, 'f' },         { "stat", no_argument, NULL, STAT },
		{ "json", no_argument, NULL, JSON },         { "check", no_argument, NULL, CHECK },
		{ "edit", no_argument, NULL, EDIT },         { "reload", no_argument, NULL, RELOAD },
		{ "net-up", no_argument, NULL, NET_UP },     { "net-down", no_argument, NULL, NET_DOWN },
		{ "gc", no_argument, NULL, GC },             { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, VERSION },   { NULL, 0, NULL, 0 },
	};
	int option;

	/* "-": words come in their place, so that `nssh BOX` and `nssh -- BOX` differ. */
	while ((option = getopt_long(argc, argv, "-c:u:nlk:fh", options, NULL)) != -1)
		if (take_option(request, option, f) < 0)
			return -1;
	request->command = argv + optind;
	return judge(request, f);
}
