/* SPDX-License-Identifier: MIT */
/* runs as: root. The PAM module as libpam loads it: who is let in, who is not, and where their session then is. */
#include <security/pam_appl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ours first: cmocka takes the name fail for a macro of its own. */
#include "tests/pam/fake_box.h"
#include "tests/pam/login.h"

#include <cmocka.h>

#define PERMIT "auth required pam_permit.so\n"
#define AUTH PERMIT "auth required NSBOX\n"
#define SESSION "session required pam_permit.so\nsession required NSBOX\n"
#define SORRY "Your session could not be set up; please tell the administrator.\n"

static void assert_logged(const struct seen *seen, const char *words)
{
	if (strstr(seen->log, words) == NULL)
		fail_msg("\"%s\" is not in the log: %s", words, seen->log);
}

/* Whoever is let in is in the whole: the session opens and the child lives. */
static void assert_let_in(const struct seen *seen)
{
	if (seen->opened != PAM_SUCCESS)
		fail_msg("the session did not open: %s", seen->log);
	assert_int_equal(seen->closed, PAM_SUCCESS);
	assert_true(WIFEXITED(seen->child) && WEXITSTATUS(seen->child) == CHILD_SURVIVED);
	assert_string_equal(seen->told, "");
	assert_true(seen->monitor_ended);
}

/* sshd: refused, told, logged, and the child that says it sits in the dead end. */
static void assert_refused(struct login how, struct seen *seen, const char *words)
{
	how.child = child_is_in_the_dead_end;
	log_in(&how, seen);
	assert_int_equal(seen->opened, PAM_SESSION_ERR);
	assert_true(WIFEXITED(seen->child) && WEXITSTATUS(seen->child) == CHILD_SURVIVED);
	assert_true(seen->monitor_ended);
	assert_logged(seen, words);
	assert_true(seen->told[0] != '\0');
}

static void auth_line__alone_authenticates_nobody(void **state)
{
	log_in(&(struct login){ .auth = "auth required NSBOX\n", .session = SESSION, .password = true }, *state);
	assert_int_not_equal(((struct seen *)*state)->authenticated, PAM_SUCCESS);
}

static void auth_line__missing_is_refused(void **state)
{
	assert_refused((struct login){ .auth = PERMIT, .session = SESSION }, *state,
		       "ada: the auth line of pam_nsbox.so is missing or was jumped over");
	assert_string_equal(((struct seen *)*state)->told, SORRY);
}

static void auth_line__jumped_over_is_refused(void **state)
{
	struct login how = { .auth = "auth [success=1 default=ignore] pam_permit.so\nauth required NSBOX\n" PERMIT,
			     .session = SESSION };

	assert_refused(how, *state, "missing or was jumped over");
	how.password = true;
	assert_refused(how, *state, "missing or was jumped over");
	how.auth = "auth sufficient pam_permit.so\nauth required NSBOX\n";
	assert_refused(how, *state, "missing or was jumped over");
}

static void auth_line__before_the_others_leaves_its_mark_too(void **state)
{
	log_in(&(struct login){ .auth = "auth required NSBOX\n" PERMIT, .session = SESSION, .password = true }, *state);
	assert_let_in(*state);
}

static void order__session_before_credentials_is_refused(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .session_first = true }, *state,
		       "missing or was jumped over");
}

static void order__session_line_twice_opens_one_session(void **state)
{
	log_in(&(struct login){ .auth = AUTH, .session = SESSION SESSION }, *state);
	assert_let_in(*state);
	/* And the second one does not take the first one's record for the auth line's mark. */
	assert_refused((struct login){ .auth = PERMIT, .session = SESSION SESSION }, *state, "missing or was jumped over");
}

static void session_line__missing_ends_the_child(void **state)
{
	struct seen *seen = *state;
	struct login how = { .auth = AUTH, .session = "session required pam_permit.so\n" };

	log_in(&how, seen);
	assert_true(WIFEXITED(seen->child) && WEXITSTATUS(seen->child) == 254);
	assert_logged(seen, "ada: the session line of pam_nsbox.so is missing or was jumped over");
	how.user = "root";
	log_in(&how, seen);
	assert_let_in(seen);
	how.user = "ada";
	how.auth = PERMIT "auth required NSBOX exempt=crew\n";
	log_in(&how, seen);
	assert_let_in(seen);
}

static void root__is_never_boxed(void **state)
{
	struct login how = { .auth = PERMIT, .session = SESSION, .user = "root", .rhost = "refuse",
			     .child = child_sees_the_host };

	log_in(&how, *state);
	assert_let_in(*state);
	/* It is the uid that counts. */
	how.user = "toor";
	log_in(&how, *state);
	assert_let_in(*state);
	how.session = "session required NSBOX exemt=crew\n";
	log_in(&how, *state);
	assert_let_in(*state);
}

static void exempt__primary_and_listed_members_are_never_boxed(void **state)
{
	static const char *const lines[] = { "session required NSBOX exempt=ada\n", "session required NSBOX exempt=crew\n",
					     "session required NSBOX exempt=others exempt=crew\n",
					     "session required NSBOX exempt=broken exempt=crew\n",
					     "session required NSBOX exemt=others exempt=crew\n" };

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		/* Not even the auth line matters. */
		log_in(&(struct login){ .auth = PERMIT, .session = lines[i], .rhost = "refuse",
					.child = child_sees_the_host }, *state);
		assert_let_in(*state);
	}
}

static void exempt__others_are_not(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = "session required NSBOX exempt=others\n", .rhost = "refuse" },
		       *state, "too many boxes");
}

static void exempt__unknown_group_is_a_warning(void **state)
{
	log_in(&(struct login){ .auth = AUTH, .session = "session required NSBOX exempt=nosuch\n" }, *state);
	assert_let_in(*state);
	assert_logged(*state, "exempt=nosuch: there is no such group");
}

static void exempt__group_that_cannot_be_looked_up_is_refused(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = "session required NSBOX exempt=broken\n" }, *state,
		       "look up group broken: Input/output error");
}

static void user__unknown_is_refused(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .user = "nosuch" }, *state, "there is no user nosuch");
}

static void arguments__unknown_are_refused(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = "session required NSBOX exemt=crew\n" }, *state,
		       "ada: the session line of pam_nsbox.so has an unknown argument: exemt=crew");
	assert_refused((struct login){ .auth = AUTH, .session = "session required NSBOX exempt=\n" }, *state,
		       "unknown argument: exempt=");
	assert_refused((struct login){ .auth = PERMIT "auth required NSBOX debug\n", .session = SESSION }, *state,
		       "the auth line of pam_nsbox.so has an unknown argument");
}

static void helper__is_run_with_nothing_of_the_service(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "inspect" }, *state,
		       "all is as it should be");
}

static void helper__gets_a_clean_host_name(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "a\nb;c" }, *state, "cleaned");
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "" }, *state, "no host");
}

static void helper__missing_is_refused(void **state)
{
	remove_helper();
	assert_refused((struct login){ .auth = AUTH, .session = SESSION }, *state,
		       "open /run/nsbox-test-helper: No such file or directory");
}

static void helper__that_others_could_have_written_is_not_run(void **state)
{
	struct fail f = { 0 };

	assert_int_equal(put_helper(0777, 0, &f), 0);
	assert_refused((struct login){ .auth = AUTH, .session = SESSION }, *state, "must be a regular file of root's");
	assert_int_equal(put_helper(0755, 4711, &f), 0);
	assert_refused((struct login){ .auth = AUTH, .session = SESSION }, *state, "must be a regular file of root's");
	assert_int_equal(put_helper(0644, 0, &f), 0);
	assert_refused((struct login){ .auth = AUTH, .session = SESSION }, *state, "ended with status 126");
}

static void helper__hanging_is_ended_and_refused(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "hang" }, *state, "answer");
}

static void helper__that_has_answered_and_stays_is_ended(void **state)
{
	log_in(&(struct login){ .auth = AUTH, .session = SESSION, .rhost = "linger" }, *state);
	assert_let_in(*state);
}

static void helper__crashing_is_refused(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "crash" }, *state, "ended by signal 6");
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "mute" }, *state, "ended with status 3");
}

static void helper__answering_nonsense_is_refused(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "nonsense" }, *state, "Protocol error");
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "ended" }, *state, "Protocol error");
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "empty-box" }, *state, "Protocol error");
}

static void helper__refusing_says_why(void **state)
{
	assert_refused((struct login){ .auth = AUTH, .session = SESSION, .rhost = "refuse" }, *state,
		       "ada: refused by nsbox-helper: You have too many boxes.");
	assert_string_equal(((struct seen *)*state)->told, "You have too many boxes.\n");
}

static void outside__child_is_left_alone(void **state)
{
	log_in(&(struct login){ .auth = AUTH, .session = SESSION, .rhost = "outside", .child = child_sees_the_host }, *state);
	assert_let_in(*state);
}

/* No dead end there: a refused session is the service's to end, and its child must not go on. */
static void other_service__refused_ends_the_child(void **state)
{
	struct seen *seen = *state;
	struct login how = { .auth = AUTH, .session = SESSION, .service = "login", .rhost = "refuse" };

	log_in(&how, seen);
	assert_int_equal(seen->opened, PAM_SESSION_ERR);
	assert_true(WIFEXITED(seen->child) && WEXITSTATUS(seen->child) == 254);
	/* A box that this service could not place its session in is no way to be outside of one. */
	how.rhost = "192.0.2.7";
	log_in(&how, seen);
	assert_int_equal(seen->opened, PAM_SESSION_ERR);
	assert_logged(seen, "cannot be placed by PAM");
	assert_true(WIFEXITED(seen->child) && WEXITSTATUS(seen->child) == 254);
}

static void boxed__child_is_placed_and_the_host_knows(void **state)
{
	struct login how = { .auth = AUTH, .session = SESSION, .rhost = "192.0.2.7", .password = true,
			     .monitor = monitor_has_the_terminals, .child = child_is_in_the_box,
			     .meanwhile = host_lists_the_login, .after = box_ends };

	log_in(&how, *state);
	assert_let_in(*state);
	/* Again, as with a public key, and by the other word for it; utmp does not grow. */
	how.password = false;
	how.credentials = PAM_REINITIALIZE_CRED;
	log_in(&how, *state);
	assert_let_in(*state);
}

static void boxed__has_the_filter_of_the_box(void **state)
{
	static const char *const services[] = { "sshd", "su", "atd" };

	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		log_in(&(struct login){ .auth = AUTH, .session = SESSION, .service = services[i], .rhost = "filtered",
					.child = child_has_the_filter }, *state);
		assert_let_in(*state);
	}
}

static void boxed__ports_are_in_the_environment(void **state)
{
	struct seen *seen = *state;

	log_in(&(struct login){ .auth = AUTH, .session = SESSION, .rhost = "192.0.2.7" }, seen);
	assert_int_equal(seen->opened, PAM_SUCCESS);
	assert_string_equal(seen->ports, FAKE_PORTS);
	log_in(&(struct login){ .auth = AUTH, .session = SESSION, .rhost = "outside" }, seen);
	assert_string_equal(seen->ports, "");
}

static void boxed__child_ends_with_the_box(void **state)
{
	struct seen *seen = *state;

	log_in(&(struct login){ .auth = AUTH, .session = SESSION, .rhost = "192.0.2.7", .child = child_waits,
				.meanwhile = init_dies }, seen);
	assert_int_equal(seen->opened, PAM_SUCCESS);
	assert_true(WIFSIGNALED(seen->child) && WTERMSIG(seen->child) == 9);
	/* The box is gone before the child comes: no way around it either. */
	log_in(&(struct login){ .auth = AUTH, .session = SESSION, .rhost = "192.0.2.7", .monitor = init_is_killed }, seen);
	assert_int_equal(seen->opened, PAM_SUCCESS);
	assert_true(WIFEXITED(seen->child) && WEXITSTATUS(seen->child) == 254);
	assert_logged(seen, "the box's init is gone");
}

/* The box ends with the process that was placed; nothing else holds it. */
static void assert_box_ended(void)
{
	pid_t pid = fake_init();

	assert_true(pid > 1);
	for (int i = 0; kill(pid, 0) == 0 && i < 500; i++)
		(void)usleep(10000);
	assert_int_not_equal(kill(pid, 0), 0);
}

static void service__is_placed_itself(void **state)
{
	static const char *const services[] = { "su", "su-l", "cron" };

	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		/* Neither the auth line nor the order of credentials and session matter. */
		struct login how = { .auth = i == 0 ? PERMIT : AUTH, .session = SESSION, .service = services[i],
				     .rhost = "192.0.2.7", .session_first = i == 1, .monitor = opener_is_in_the_box,
				     .child = opener_s_child_is_in_the_box, .after = opener_closed_in_the_box };

		log_in(&how, *state);
		assert_let_in(*state);
		assert_box_ended();
	}
}

static void service__placed_half_way_ends(void **state)
{
	struct seen *seen = *state;

	log_in(&(struct login){ .auth = PERMIT, .session = SESSION, .service = "su", .rhost = "dead-box" }, seen);
	assert_false(seen->monitor_ended);
	assert_int_equal(seen->child, 0);
	assert_logged(seen, "session refused: the box's init is gone");
	assert_logged(seen, "ended: half way into the box");
	assert_string_equal(seen->told, SORRY);
}

static void service__refused_stays_outside_and_says_so(void **state)
{
	struct seen *seen = *state;

	log_in(&(struct login){ .auth = PERMIT, .session = SESSION, .service = "su", .rhost = "refuse",
				.child = child_sees_the_host }, seen);
	assert_int_equal(seen->opened, PAM_SESSION_ERR);
	assert_string_equal(seen->told, "You have too many boxes.\n");
	assert_true(seen->monitor_ended);
}

static void service__of_root_or_the_exempt_is_outside(void **state)
{
	struct login how = { .auth = PERMIT, .session = SESSION, .service = "su", .user = "root", .rhost = "192.0.2.7",
			     .child = child_sees_the_host };

	log_in(&how, *state);
	assert_let_in(*state);
	how.user = NULL;
	how.session = "session required NSBOX exempt=crew\n";
	log_in(&how, *state);
	assert_let_in(*state);
	how.session = SESSION;
	how.rhost = "outside";
	log_in(&how, *state);
	assert_let_in(*state);
}

static void atd__stays_outside_and_its_job_does_not(void **state)
{
	struct login how = { .auth = PERMIT, .session = SESSION, .service = "atd", .rhost = "192.0.2.7",
			     .session_first = true, .monitor = opener_stays_outside,
			     .child = forked_child_is_in_the_box, .after = forks_are_outside_again };

	log_in(&how, *state);
	assert_let_in(*state);
	assert_box_ended();
}

static void atd__job_that_cannot_be_placed_is_ended(void **state)
{
	struct seen *seen = *state;

	log_in(&(struct login){ .auth = PERMIT, .session = SESSION, .service = "atd", .rhost = "192.0.2.7",
				.session_first = true, .monitor = cgroup_is_lost }, seen);
	assert_int_equal(seen->opened, PAM_SUCCESS);
	assert_true(WIFEXITED(seen->child) && WEXITSTATUS(seen->child) == 254);
	assert_logged(seen, "session ended before it began: enter the box's cgroup");
	log_in(&(struct login){ .auth = PERMIT, .session = SESSION, .service = "atd", .rhost = "dead-box" }, seen);
	assert_int_equal(seen->opened, PAM_SESSION_ERR);
}

static int fresh_helper(void **state)
{
	struct fail f = { 0 };

	(void)state;
	return put_helper(0755, 0, &f);
}

static int set_up(void **state)
{
	struct fail f = { 0 };

	*state = new_seen();
	if (*state == NULL || own_host(&f) != 0) {
		(void)fprintf(stderr, "%s\n", f.text);
		return -1;
	}
	return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_helper)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(auth_line__alone_authenticates_nobody),
		TEST(auth_line__missing_is_refused),
		TEST(auth_line__jumped_over_is_refused),
		TEST(auth_line__before_the_others_leaves_its_mark_too),
		TEST(order__session_before_credentials_is_refused),
		TEST(order__session_line_twice_opens_one_session),
		TEST(session_line__missing_ends_the_child),
		TEST(root__is_never_boxed),
		TEST(exempt__primary_and_listed_members_are_never_boxed),
		TEST(exempt__others_are_not),
		TEST(exempt__unknown_group_is_a_warning),
		TEST(exempt__group_that_cannot_be_looked_up_is_refused),
		TEST(user__unknown_is_refused),
		TEST(arguments__unknown_are_refused),
		TEST(helper__is_run_with_nothing_of_the_service),
		TEST(helper__gets_a_clean_host_name),
		TEST(helper__missing_is_refused),
		TEST(helper__that_others_could_have_written_is_not_run),
		TEST(helper__hanging_is_ended_and_refused),
		TEST(helper__that_has_answered_and_stays_is_ended),
		TEST(helper__crashing_is_refused),
		TEST(helper__answering_nonsense_is_refused),
		TEST(helper__refusing_says_why),
		TEST(outside__child_is_left_alone),
		TEST(other_service__refused_ends_the_child),
		TEST(boxed__child_is_placed_and_the_host_knows),
		TEST(boxed__has_the_filter_of_the_box),
		TEST(boxed__ports_are_in_the_environment),
		TEST(boxed__child_ends_with_the_box),
		TEST(service__is_placed_itself),
		TEST(service__placed_half_way_ends),
		TEST(service__refused_stays_outside_and_says_so),
		TEST(service__of_root_or_the_exempt_is_outside),
		TEST(atd__stays_outside_and_its_job_does_not),
		TEST(atd__job_that_cannot_be_placed_is_ended),
	};

	return cmocka_run_group_tests_name("pam", tests, set_up, NULL);
}
