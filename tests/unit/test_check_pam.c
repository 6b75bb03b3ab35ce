/* SPDX-License-Identifier: MIT */
/* runs as: anyone. What nssh --check makes of PAM files: the files under test are taken in whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above before itself */
#include <cmocka.h>
#undef fail /* cmocka's; ours has other arguments */
#include <stdlib.h>
#include <unistd.h>

#include "conf/fd.h"
#include "shell/check_pam.c"
#include "shell/check_services.c"
#include "shell/pam_stack.c"

void found_ok(struct findings *findings, const char *format, ...)
{
	(void)findings;
	(void)format;
}

void found_warning(struct findings *findings, const char *format, ...)
{
	(void)findings;
	(void)format;
}

void found_error(struct findings *findings, const char *format, ...)
{
	(void)format;
	findings->errors++;
}

int group_exists(const char *group, struct fail *f)
{
	(void)f;
	return strcmp(group, "sudo") == 0;
}

static char file[2][32];

/* Writes one of two files, to be named by its absolute path. */
static const char *written(unsigned which, const char *text)
{
	(void)snprintf(file[which], sizeof file[which], "/tmp/nsbox-pam.XXXXXX");

	OWN_FD int fd = mkstemp(file[which]);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	return file[which];
}

static struct pam_stack read_stack(const char *path)
{
	struct pam_stack stack = { .type = "session" };

	pam_stack_read(&stack, path);
	(void)unlink(path);
	return stack;
}

static unsigned errors_of(const struct pam_stack *stack)
{
	struct findings findings = { .about = "pam" };

	judge(&findings, stack);
	return findings.errors;
}

static void pam_walk__finds_the_last_line_of_a_stack(void **state)
{
	struct pam_stack stack = read_stack(written(0, "# a comment\n"
						   "auth required pam_deny.so\n"
						   "session [success=ok default=ignore] pam_unix.so # pam_nsbox.so\n"
						   "-session optional pam_systemd.so\n"
						   "session required pam_nsbox.so exempt=sudo\n"
						   "account required pam_permit.so\n"));

	(void)state;
	assert_false(stack.failed);
	assert_int_equal(stack.lines, 3);
	assert_int_equal(stack.times, 1);
	assert_int_equal(stack.ours.line, 5);
	assert_int_equal(errors_of(&stack), 0);
}

static void pam_walk__follows_includes(void **state)
{
	char text[256];

	(void)state;
	(void)snprintf(text, sizeof text, "session required pam_nsbox.so exempt=sudo\n@include %s\n", written(1, "session required pam_late.so\n"));

	struct pam_stack stack = read_stack(written(0, text));

	assert_string_equal(stack.last.module, "pam_late.so");
	assert_string_equal(stack.last.file, file[1]);
	assert_int_equal(errors_of(&stack), 1);
	(void)snprintf(text, sizeof text, "session substack %s\nsession required pam_nsbox.so exempt=sudo\n", file[1]);
	stack = read_stack(written(0, text));
	(void)unlink(file[1]);
	assert_int_equal(stack.lines, 2);
	assert_int_equal(errors_of(&stack), 0);
	stack = read_stack(written(0, "session include /nowhere/at-all\n"));
	assert_true(stack.failed);
}

static void pam_walk__survives_files_that_include_themselves(void **state)
{
	char text[256];
	const char *path = written(0, "");

	(void)state;
	(void)snprintf(text, sizeof text, "@include %s\n", path);

	FILE *out = fopen(path, "w");

	assert_non_null(out);
	(void)fputs(text, out);
	(void)fclose(out);
	assert_true(read_stack(path).failed);
}

static void pam_walk__joins_lines(void **state)
{
	struct pam_stack stack = read_stack(written(0, "session required \\\n  /lib/security/pam_nsbox.so \\\n exempt=sudo\n"));

	(void)state;
	assert_int_equal(stack.times, 1);
	assert_int_equal(errors_of(&stack), 0);
}

static void pam_judge__wants_required(void **state)
{
	struct pam_stack stack = read_stack(written(0, "session optional pam_nsbox.so exempt=sudo\n"));

	(void)state;
	assert_int_equal(errors_of(&stack), 1);
	stack = read_stack(written(0, "session required pam_nsbox.so\nsession required pam_nsbox.so\n"));
	assert_int_equal(errors_of(&stack), 1);
}

static void pam_walk__sees_lines_that_end_the_stack_early(void **state)
{
	struct pam_stack stack = read_stack(written(0, "session sufficient pam_x.so\nsession required pam_nsbox.so\n"));

	(void)state;
	assert_int_equal(stack.early.line, 1);
	stack = read_stack(written(0, "session [success=1 default=ignore] pam_unix.so\nsession required pam_nsbox.so\n"));
	assert_int_equal(stack.early.line, 0);
}

static unsigned errors_of_door(const char *text)
{
	struct findings findings = { .about = "services", .exempt = "sudo" };
	struct pam_stack stack = read_stack(written(0, text));

	judge_door(&findings, &doors[0], &stack);
	return findings.errors;
}

/* Unlike sshd's, a session that does not come to the line is opened, outside. */
static void services_judge__wants_the_line_last_and_required(void **state)
{
	(void)state;
	assert_int_equal(errors_of_door("session required pam_unix.so\nsession required pam_nsbox.so exempt=sudo\n"), 0);
	assert_int_equal(errors_of_door("session requisite pam_nsbox.so\n"), 0);
	assert_int_equal(errors_of_door("session optional pam_nsbox.so\n"), 1);
	assert_int_equal(errors_of_door("session required pam_nsbox.so\nsession required pam_unix.so\n"), 1);
	assert_int_equal(errors_of_door("session required pam_nsbox.so\nsession required pam_nsbox.so\n"), 1);
	assert_int_equal(errors_of_door("session sufficient pam_unix.so\nsession required pam_nsbox.so\n"), 1);
}

static void services__are_found_in_any_section(void **state)
{
	struct named named = { 0 };

	(void)state;
	note_services(&named, 3, "sshd, su");
	note_services(&named, 9, "su,atd");
	note_services(&named, 12, "sshd sudo");
	assert_int_equal(named.line[0], 3);
	assert_int_equal(named.line[1], 3);
	assert_int_equal(named.line[2], 0);
	assert_int_equal(named.line[3], 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pam_walk__finds_the_last_line_of_a_stack),
		cmocka_unit_test(pam_walk__follows_includes),
		cmocka_unit_test(pam_walk__survives_files_that_include_themselves),
		cmocka_unit_test(pam_walk__joins_lines),
		cmocka_unit_test(pam_judge__wants_required),
		cmocka_unit_test(pam_walk__sees_lines_that_end_the_stack_early),
		cmocka_unit_test(services_judge__wants_the_line_last_and_required),
		cmocka_unit_test(services__are_found_in_any_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
