/* SPDX-License-Identifier: MIT */
/* runs as: root. Values, and the policy they make for one user. */
#include "tests/unit/conf_file.h"

/* In the groups of a list with a comma behind each; asked about "broken" it does not know. The order of questions is kept. */
struct membership {
	const char *groups;
	char asked[200];
};

static int in_group(void *context, const char *group, struct fail *f)
{
	struct membership *is = context;
	char entry[100];
	size_t used = strlen(is->asked);

	(void)snprintf(is->asked + used, sizeof is->asked - used, "%s,", group);
	(void)snprintf(entry, sizeof entry, "%s,", group);
	if (strcmp(group, "broken") == 0)
		return fail(f, 0, "the directory does not answer");
	return strstr(is->groups, entry) != NULL;
}

static struct policy policy_of(const struct place *place, const char *text, const char *user, const char *groups)
{
	struct config *config = read_good(place, text);
	struct membership is = { .groups = groups };
	struct policy policy;
	struct fail f = { 0 };

	if (policy_for(config, user, in_group, &is, &policy, &f) < 0)
		flunk("%s\n", f.text);
	config_free(config);
	return policy;
}

static void refuse_policy(const struct place *place, const char *text, const char *groups, const char *words)
{
	struct config *config = read_good(place, text);
	struct membership is = { .groups = groups };
	struct policy policy = { .boxes = 12345 };
	struct fail f = { 0 };
	char whole[500];

	assert_int_equal(policy_for(config, "ada", in_group, &is, &policy, &f), -1);
	assert_int_equal(policy.boxes, 12345);
	(void)snprintf(whole, sizeof whole, "%s:%s", place->path, words);
	assert_string_equal(f.text, whole);
	config_free(config);
}

static void defaults__are_what_the_manual_says(void **state)
{
	struct policy p = policy_of(*state, "", "ada", "");

	assert_true(p.enable);
	assert_string_equal(p.services[0], "sshd");
	assert_null(p.services[1]);
	assert_int_equal(p.scope, SCOPE_LOGIN);
	assert_int_equal(p.linger, 0);
	assert_int_equal(p.boxes, 16);
	assert_string_equal(p.hostname, "%u.%h");
	assert_int_equal(p.home, HOME_OVERLAY);
	assert_int_equal(p.homes, HOMES_OWN);
	assert_int_equal(p.storage, STORAGE_PERSISTENT);
	assert_true(p.subuid_pool == POLICY_NONE);
	assert_null(p.bind[0]);
	assert_null(p.bind_ro[0]);
	assert_null(p.hide[0]);
	assert_null(p.devices[0]);
	assert_int_equal(p.network, NETWORK_NAT);
	assert_string_equal(p.egress, "all");
	assert_string_equal(p.publish, "none");
	assert_true(p.ports_per_user == POLICY_NONE);
	assert_int_equal(p.ports_from, 20000);
	assert_string_equal(p.subnet, "10.189.0.0/20");
	assert_string_equal(p.subnet6, "fd6e:7362:6f78::/64");
	assert_string_equal(p.host_ports, "none");
	assert_int_equal(p.seccomp, SECCOMP_DEFAULT);
	assert_false(p.nested);
	assert_string_equal(p.shell, "");
	assert_true(p.memory == POLICY_NONE);
	assert_int_equal(p.pids, 4096);
	assert_int_equal(p.tmp, 512 << 20);
	assert_int_equal(p.shm, 256 << 20);
	for (unsigned i = 0; i < KEY_COUNT; i++)
		assert_int_equal(p.line[i], 0);
	policy_free(&p);
}

static void default_of_each_key__comes_back_as_the_same_text(void **state)
{
	struct policy p = policy_of(*state, "", "ada", "");
	char text[100];

	for (unsigned i = 0; i < KEY_COUNT; i++) {
		key_text(&p, (enum key)i, 0, text, sizeof text);
		assert_string_equal(text, key_row((enum key)i)->initial);
	}
	policy_free(&p);
}

/* key = value must be taken, and read back as text. */
static void take(enum key key, const char *value, const char *text)
{
	struct policy p = { 0 };
	struct fail f = { 0 };
	char back[1000];

	if (key_set(&p, key, value, 1, &f) < 0)
		flunk("%s\n", f.text);
	key_text(&p, key, 0, back, sizeof back);
	assert_string_equal(back, text);
	key_clear(&p, key);
}

static void spurn(enum key key, const char *value, const char *words)
{
	struct policy p = { 0 };
	struct policy before = p;
	struct fail f = { 0 };

	if (key_set(&p, key, value, 1, &f) == 0 || strstr(f.text, words) == NULL)
		flunk("%s = %s: %s\n(not: %s)\n", key_row(key)->name, value, f.text, words);
	assert_non_null(strstr(f.text, key_row(key)->allowed));
	assert_memory_equal(&p, &before, sizeof p);
}

static void size__takes_powers_of_1024(void **state)
{
	(void)state;
	take(KEY_memory, "16M", "16M");
	take(KEY_memory, "16384K", "16M");
	take(KEY_memory, "16777217", "16777217");
	take(KEY_memory, "3G", "3G");
	take(KEY_memory, "2T", "2T");
	take(KEY_memory, "none", "none");
	take(KEY_memory, "1048576T", "1048576T");
	spurn(KEY_memory, "16383K", "is too small; allowed: 16M.. or none");
	spurn(KEY_memory, "1048577T", "is too large");
	spurn(KEY_memory, "18446744073709551617", "is too large");
	spurn(KEY_memory, "99999999999999999999999999T", "is too large");
	spurn(KEY_memory, "512m", "is not a size");
	spurn(KEY_memory, "512MB", "is not a size");
	spurn(KEY_memory, "1.5G", "is not a size");
	spurn(KEY_memory, "M", "is not a size");
	spurn(KEY_memory, "", "is not a size");
	spurn(KEY_memory, "-1", "is not a size");
	spurn(KEY_memory, "+16M", "is not a size");
	spurn(KEY_memory, "0x10000000", "is not a size");
	spurn(KEY_memory, "None", "is not a size");
	spurn(KEY_tmp, "none", "is not a size");
	spurn(KEY_shm, "1023K", "is too small");
}

static void time__takes_seconds_minutes_and_hours(void **state)
{
	(void)state;
	take(KEY_linger, "0", "0");
	take(KEY_linger, "30s", "30s");
	take(KEY_linger, "90", "90s");
	take(KEY_linger, "300", "5m");
	take(KEY_linger, "12h", "12h");
	take(KEY_linger, "2147483647", "2147483647s");
	spurn(KEY_linger, "2147483648", "is too large");
	spurn(KEY_linger, "596524h", "is too large");
	spurn(KEY_linger, "5 m", "is not a time");
	spurn(KEY_linger, "1d", "is not a time");
	spurn(KEY_linger, "none", "is not a time");
}

static void number__keeps_to_its_range(void **state)
{
	(void)state;
	take(KEY_boxes, "1", "1");
	take(KEY_boxes, "1000", "1000");
	spurn(KEY_boxes, "0", "is too small; allowed: 1..1000");
	spurn(KEY_boxes, "1001", "is too large");
	spurn(KEY_boxes, "1K", "is not a whole number");
	spurn(KEY_pids, "50%", "is not a whole number; allowed");
	spurn(KEY_cpu, "50%", "is not a whole number: percent without the sign, 100 is one processor; allowed");
	take(KEY_pids, "16", "16");
	take(KEY_pids, "4194304", "4194304");
	take(KEY_pids, "none", "none");
	spurn(KEY_pids, "15", "is too small");
	spurn(KEY_pids, "4194305", "is too large");
	take(KEY_subuid_pool, "65536", "65536");
	take(KEY_subuid_pool, "4294901759", "4294901759");
	spurn(KEY_subuid_pool, "65535", "is too small");
	spurn(KEY_subuid_pool, "4294901761", "is too large");
}

static void choice__is_one_of_its_words(void **state)
{
	(void)state;
	take(KEY_enable, "no", "no");
	take(KEY_scope, "user", "user");
	take(KEY_home, "empty", "empty");
	take(KEY_homes, "all", "all");
	take(KEY_storage, "ephemeral", "ephemeral");
	take(KEY_network, "host", "host");
	spurn(KEY_enable, "true", "is not known; allowed: yes|no");
	spurn(KEY_scope, "", "is not known");
	spurn(KEY_scope, "log", "is not known");
	spurn(KEY_scope, "login|user", "is not known");
	take(KEY_network, "nat", "nat");
	take(KEY_network, "pasta", "pasta");
	spurn(KEY_network, "bridge", "is not known; allowed: none|host|nat|pasta");
}

static void services__are_known_words(void **state)
{
	(void)state;
	take(KEY_services, "sshd", "sshd");
	take(KEY_services, " sshd,sshd ", "sshd");
	spurn(KEY_services, "", "is empty");
	spurn(KEY_services, ",", "is empty");
	spurn(KEY_services, "sshd login", "holds a word that is not known; allowed: sshd");
}

static void hostname__takes_its_percent_signs_only(void **state)
{
	(void)state;
	take(KEY_hostname, "box-%u.%h%%", "box-%u.%h%%");
	spurn(KEY_hostname, "", "is empty");
	spurn(KEY_hostname, "%d", "before something else than u, h or %");
	spurn(KEY_hostname, "box%", "before something else than u, h or %");
	spurn(KEY_hostname, "a b", "not for host names");
	spurn(KEY_hostname, "a/b", "not for host names");
	spurn(KEY_hostname, "b\303\266x", "not for host names");
	take(KEY_hostname, "0123456789012345678901234567890123456789012345678901234567890123",
	     "0123456789012345678901234567890123456789012345678901234567890123");
	spurn(KEY_hostname, "01234567890123456789012345678901234567890123456789012345678901234", "longer than 64 bytes");
}

static void path__names_one_thing_in_one_way(void **state)
{
	(void)state;
	take(KEY_bind, "/srv/a b/..c/.d/e.", "/srv/a b/..c/.d/e.");
	take(KEY_hide, "none", "none");
	spurn(KEY_bind, "", "is not an absolute path");
	spurn(KEY_bind, "srv", "is not an absolute path; allowed: absolute path or none");
	spurn(KEY_bind_ro, "/", "is the root directory");
	spurn(KEY_bind, "//", "empty component");
	spurn(KEY_bind, "/srv//a", "empty component");
	spurn(KEY_bind, "/srv/", "empty component");
	spurn(KEY_bind, "/.", ". or .. component");
	spurn(KEY_bind, "/srv/./a", ". or .. component");
	spurn(KEY_hide, "/srv/..", ". or .. component");
	spurn(KEY_hide, "/a\nb", "control byte");
	take(KEY_devices, "/dev/kvm", "/dev/kvm");
	take(KEY_devices, "/dev/dri/card0", "/dev/dri/card0");
	spurn(KEY_devices, "/dev", "is not below /dev");
	spurn(KEY_devices, "/device", "is not below /dev");
	spurn(KEY_devices, "/dev/../etc/passwd", ". or .. component");
	take(KEY_shell, "", "");
	take(KEY_shell, "/bin/zsh", "/bin/zsh");
	spurn(KEY_shell, "zsh", "is not an absolute path");
	spurn(KEY_shell, "none", "is not an absolute path");
}

static void egress__is_a_word_or_the_name_of_a_chain(void **state)
{
	(void)state;
	take(KEY_egress, "internet", "internet");
	take(KEY_egress, "none", "none");
	take(KEY_egress, "Lab_2", "Lab_2");
	take(KEY_egress, "a234567890123456789012345678901", "a234567890123456789012345678901");
	spurn(KEY_egress, "a2345678901234567890123456789012", "is longer than 31 bytes");
	spurn(KEY_egress, "", "is empty");
	spurn(KEY_egress, "2lab", "does not begin with a letter");
	spurn(KEY_egress, "_lab", "does not begin with a letter");
	spurn(KEY_egress, "lab-2", "has something else than letters, digits and _");
	spurn(KEY_egress, "lab 2", "has something else than letters, digits and _");
	spurn(KEY_egress, "lab\"", "has something else than letters, digits and _");
	spurn(KEY_egress, "l\303\244b", "has something else than letters, digits and _; allowed: all|internet|none or a chain");
}

static void ports_and_subnets__are_judged_by_their_parsers(void **state)
{
	(void)state;
	take(KEY_publish, "8080 9000-9010", "8080 9000-9010");
	take(KEY_publish, "none", "none");
	spurn(KEY_publish, "53/udp", "publish = 53/udp: names a protocol");
	spurn(KEY_publish, "1-1001", "has more than 1000 ports; allowed: up to 16");
	take(KEY_ports_per_user, "1000", "1000");
	spurn(KEY_ports_per_user, "0", "is too small");
	spurn(KEY_ports_from, "1023", "is too small; allowed: 1024..65535");
	spurn(KEY_ports_from, "65536", "is too large");
	spurn(KEY_ports_from, "none", "is not a whole number");
	take(KEY_host_ports, "53/udp 8000-8010/tcp", "53/udp 8000-8010/tcp");
	spurn(KEY_host_ports, "dns", "has a word that is no port");
	take(KEY_subnet, "192.168.8.0/24", "192.168.8.0/24");
	spurn(KEY_subnet, "192.168.8.1/24", "has bits behind the prefix; the network is 192.168.8.0/24; allowed: a network of IPv4");
	take(KEY_subnet6, "none", "none");
	take(KEY_subnet6, "fd00:1:2:3::/64", "fd00:1:2:3::/64");
	spurn(KEY_subnet6, "fd00::/48", "is too large a network");
}

static void quotes_and_comments__are_not_part_of_a_value(void **state)
{
	static const char text[] = "[default]\nhide = \"/a;b # c\" # d\nhide='/x \"y\"'\nhide=/z ; e=\nhide = /k=v\nshell= # none\nhostname = \"\tx\"\n";
	struct policy p = policy_of(*state, "[default]\nshell = ''\nhostname = \"x\" ; y\n", "ada", "");

	assert_string_equal(p.shell, "");
	assert_string_equal(p.hostname, "x");
	policy_free(&p);
	refuse(*state, text, 7, "not for host names");
	p = policy_of(*state, "[default]\nhide = \"/a;b # c\" # d\nhide='/x \"y\"'\nhide=/z ; e=\nhide = /k=v\nshell= # none\n", "ada", "");
	assert_string_equal(p.hide[0], "/a;b # c");
	assert_string_equal(p.hide[1], "/x \"y\"");
	assert_string_equal(p.hide[2], "/z");
	assert_string_equal(p.hide[3], "/k=v");
	assert_string_equal(p.shell, "");
	policy_free(&p);
}

static void sections__merge_in_their_order(void **state)
{
	static const char text[] = "[user:ada]\nboxes = 4\n[group:b]\npids = 200\nboxes = 2\ntmp = 2M\n[group:a]\npids = 300\n"
				   "shm = 3M\n[group:c]\npids = 400\n[default]\npids = 100\nboxes = 1\ntmp = 1M\nshm = 1M\nlinger = 1\n[user:bob]\nlinger = 2\n";
	struct policy p = policy_of(*state, text, "ada", "a,b,");

	assert_int_equal(p.linger, 1);
	assert_int_equal(p.line[KEY_linger], 17);
	assert_int_equal(p.tmp, 2 << 20);
	assert_int_equal(p.line[KEY_tmp], 6);
	assert_int_equal(p.pids, 300);
	assert_int_equal(p.shm, 3 << 20);
	assert_int_equal(p.boxes, 4);
	assert_int_equal(p.line[KEY_boxes], 2);
	policy_free(&p);
}

static void paths__add_up_over_sections_once_each_and_none_empties(void **state)
{
	static const char text[] = "[default]\nhide = /a\nhide = /b\nbind = /c\n[group:g]\nhide = /b\nhide = /d\n[user:ada]\nbind = none\nbind = /e\n[user:bob]\nhide = none\n";
	struct policy ada = policy_of(*state, text, "ada", "g,");
	struct policy bob = policy_of(*state, text, "bob", "g,");

	assert_string_equal(ada.hide[0], "/a");
	assert_string_equal(ada.hide[1], "/b");
	assert_string_equal(ada.hide[2], "/d");
	assert_null(ada.hide[3]);
	assert_int_equal(ada.item_line[KEY_hide][1], 3);
	assert_int_equal(ada.item_line[KEY_hide][2], 7);
	assert_string_equal(ada.bind[0], "/e");
	assert_null(ada.bind[1]);
	assert_null(bob.hide[0]);
	assert_int_equal(bob.line[KEY_hide], 12);
	assert_string_equal(bob.bind[0], "/c");
	policy_free(&ada);
	policy_free(&bob);
}

static void membership__is_asked_for_each_group_in_file_order(void **state)
{
	struct config *config = read_good(*state, "[group:z]\n[user:a]\n[group:Domain Users]\npids = 77\n[default]\n[group:m]\n");
	struct membership is = { .groups = "Domain Users," };
	struct policy p;
	struct fail f;

	assert_int_equal(policy_for(config, "ada", in_group, &is, &p, &f), 0);
	assert_string_equal(is.asked, "z,Domain Users,m,");
	assert_int_equal(p.pids, 77);
	policy_free(&p);
	config_free(config);
}

static void membership__that_cannot_be_found_out_is_a_failure(void **state)
{
	refuse_policy(*state, "[group:a]\n[group:broken]\n", "", "2: membership in group broken: the directory does not answer");
}

static void memory__must_leave_room_for_tmp_and_shm(void **state)
{
	const struct place *place = *state;
	struct policy p;

	refuse_policy(place, "[default]\nmemory = 815M\n", "",
		      "2: memory = 815M (line 2) has no room for tmp = 512M (built-in default), shm = 256M (built-in default), "
		      "run = 32M (built-in default) and 16M for processes; allowed: tmp + shm + run + 16M <= memory; "
		      "set memory = 816M or more, or lower tmp, shm or run");
	refuse_policy(place, "[default]\nmemory = 1G\n[group:g]\ntmp = 1048576T\nshm = 1048576T\n", "g,",
		      "2: memory = 1G (line 2) has no room for tmp = 1048576T (line 4), shm = 1048576T (line 5), "
		      "run = 32M (built-in default) and 16M for processes; allowed: tmp + shm + run + 16M <= memory; "
		      "set memory = 2199023255600M or more, or lower tmp, shm or run");
	p = policy_of(place, "[default]\nmemory = 816M\n", "ada", "");
	policy_free(&p);
	p = policy_of(place, "[default]\nmemory = 16M\nenable = no\n", "ada", "");
	policy_free(&p);
}

static void path__is_in_one_of_bind_bind_ro_and_hide(void **state)
{
	const struct place *place = *state;

	refuse_policy(place, "[default]\nbind = /a\nbind = /b\n[group:g]\nbind_ro = /b\n", "g,",
		      "5: /b stands under bind (line 3) and under bind_ro (line 5); allowed: one of them");
	refuse_policy(place, "[default]\nhide = /a\nbind = /a\n", "", "2: /a stands under bind (line 3) and under hide (line 2); allowed: one of them");
	refuse_policy(place, "[default]\nhide = /a\nbind_ro = /a\n", "", "2: /a stands under bind_ro (line 3) and under hide (line 2); allowed: one of them");
}

static void nested__leaves_proc_as_the_kernel_shows_it(void **state)
{
	const struct place *place = *state;
	struct policy p;

	refuse_policy(place, "[default]\nprocview = lxcfs\n[group:g]\nnested = yes\n", "g,",
		      "4: nested = yes (line 4) cannot be had with procview = lxcfs (line 2); allowed: one of them");
	p = policy_of(place, "[default]\nprocview = lxcfs\n[user:ada]\nnested = yes\nprocview = host\n", "ada", "");
	assert_true(p.nested);
	policy_free(&p);
}

static void egress__other_than_all_needs_nat_or_none(void **state)
{
	const struct place *place = *state;
	struct policy p;

	refuse_policy(place, "[default]\negress = internet\n[group:g]\nnetwork = pasta\n", "g,",
		      "2: egress = internet (line 2) cannot be enforced with network = pasta (line 4); "
		      "allowed: egress = all, or network = nat");
	refuse_policy(place, "[default]\nnetwork = host\negress = lab\n", "",
		      "3: egress = lab (line 3) cannot be enforced with network = host (line 2); "
		      "allowed: egress = all, or network = nat");
	p = policy_of(place, "[default]\nnetwork = pasta\negress = internet\nenable = no\n", "ada", "");
	policy_free(&p);
	p = policy_of(place, "[default]\nnetwork = nat\negress = internet\n", "ada", "");
	policy_free(&p);
	p = policy_of(place, "[default]\nnetwork = none\negress = internet\n[user:ada]\nnetwork = pasta\negress = all\n", "ada", "");
	assert_int_equal(p.network, NETWORK_PASTA);
	policy_free(&p);
}

static void host__has_what_stands_in_default(void **state)
{
	struct config *config = read_good(*state, "[user:ada]\negress = lab\n[default]\nnetwork = pasta\negress = none\nsubnet = 10.1.0.0/16\n");
	struct policy p;
	struct fail f = { 0 };

	/* Contradictions are those of a user. */
	assert_int_equal(policy_host(config, &p, &f), 0);
	assert_string_equal(p.subnet, "10.1.0.0/16");
	assert_int_equal(p.line[KEY_subnet], 6);
	assert_string_equal(p.subnet6, "fd6e:7362:6f78::/64");
	assert_string_equal(p.egress, "none");
	policy_free(&p);
	config_free(config);
}

static void note_value(void *context, unsigned line, const char *value)
{
	char *text = context;
	size_t used = strlen(text);

	(void)snprintf(text + used, 100 - used, "%u:%s,", line, value);
}

static void values__of_one_key_come_from_all_sections(void **state)
{
	struct config *config = read_good(*state, "[user:ada]\negress = lab\npids = 100\n[default]\n[group:g]\negress = none\n");
	char text[100] = "";

	config_values(config, KEY_egress, note_value, text);
	assert_string_equal(text, "2:lab,6:none,");
	config_free(config);
}

static void print__aligns_and_names_the_origin(void **state)
{
	const struct place *place = *state;
	struct config *config = read_good(place, "[default]\nhide = /a\nhide = /b\233\n[user:ada]\nmemory = 4G\n");
	struct membership is = { .groups = "" };
	struct policy p;
	struct fail f;
	char *text = NULL;
	char want[300];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(policy_for(config, "ada", in_group, &is, &p, &f), 0);
	policy_print(out, config, &p);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "enable         = yes                  # default\n"));
	(void)snprintf(want, sizeof want, "hide           = /a                   # %s:2 [default]\nhide           = /b\\x9b               # %s:3 [default]\n", place->path, place->path);
	assert_non_null(strstr(text, want));
	(void)snprintf(want, sizeof want, "memory         = 4G                   # %s:5 [user:ada]\n", place->path);
	assert_non_null(strstr(text, want));
	free(text);
	policy_free(&p);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults__are_what_the_manual_says),
		TEST(default_of_each_key__comes_back_as_the_same_text),
		TEST(size__takes_powers_of_1024),
		TEST(time__takes_seconds_minutes_and_hours),
		TEST(number__keeps_to_its_range),
		TEST(choice__is_one_of_its_words),
		TEST(services__are_known_words),
		TEST(hostname__takes_its_percent_signs_only),
		TEST(path__names_one_thing_in_one_way),
		TEST(egress__is_a_word_or_the_name_of_a_chain),
		TEST(ports_and_subnets__are_judged_by_their_parsers),
		TEST(quotes_and_comments__are_not_part_of_a_value),
		TEST(sections__merge_in_their_order),
		TEST(paths__add_up_over_sections_once_each_and_none_empties),
		TEST(membership__is_asked_for_each_group_in_file_order),
		TEST(membership__that_cannot_be_found_out_is_a_failure),
		TEST(memory__must_leave_room_for_tmp_and_shm),
		TEST(path__is_in_one_of_bind_bind_ro_and_hide),
		TEST(nested__leaves_proc_as_the_kernel_shows_it),
		TEST(egress__other_than_all_needs_nat_or_none),
		TEST(host__has_what_stands_in_default),
		TEST(values__of_one_key_come_from_all_sections),
		TEST(print__aligns_and_names_the_origin),
	};

	return not_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
