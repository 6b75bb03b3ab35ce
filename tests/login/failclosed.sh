# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Whatever is broken: root and the exempt group get in, a boxed user gets a plain sentence and nothing else.

# No shell, no transfer, no forward; and what is said is a sentence.
no_shell() {
	local said
	! said=$(ssh "$1@host" 'echo got in; id' 2>&1) || fault "$1's login succeeded"
	lacks "$said" 'got in|uid=' "what was said to $1"
	matches "$said" '[A-Z][^:]*[a-z][^:]*\.' "what was said to $1"
}
refused() {
	no_shell "$1"
	fails sftp -q -b - "$1@host" <<<'pwd' >/dev/null 2>&1
	eq "$(ssh -W 127.0.0.1:2222 "$1@host" </dev/null 2>/dev/null | head -c 3)" '' 'what a forward reaches'
	lacks "$(ssh -tt "$1@host" 'echo got in' 2>&1)" 'got in' 'what was said on a terminal'
}

root_and_exempt_get_in() {
	eq "$(ssh root@host 'echo in')" in root
	eq "$(ssh sam@host 'echo in')" in 'the exempt group'
	eq "$(ssh sam@host readlink /proc/self/ns/user)" "$(readlink /proc/self/ns/user)" "sam's user namespace"
}

configuration_of_garbage__keeps_boxed_users_out() {
	head -c 300 /dev/urandom >"$conf"
	root_and_exempt_get_in
	refused ada
}

configuration_with_an_unknown_key__keeps_boxed_users_out() {
	configure 'enable = yes' 'colour = blue'
	root_and_exempt_get_in
	refused ada
	matches "$(the_log)" 'nsbox.conf:3:' 'the log'
}

configuration_that_is_missing__keeps_boxed_users_out() {
	rm "$conf"
	root_and_exempt_get_in
	refused ada
}

configuration_of_somebody_else__keeps_boxed_users_out() {
	chown ada "$conf"
	root_and_exempt_get_in
	refused ada
	chown root "$conf"
	chmod 666 "$conf"
	refused ada
}

configuration_that_is_a_directory__keeps_boxed_users_out() {
	rm "$conf"
	mkdir "$conf"
	root_and_exempt_get_in
	refused ada
}

# replace_helper CMD...: by a script
replace_helper() {
	rm "$helper"
	printf '#!/bin/bash\n%s\n' "$*" >"$helper"
	chmod 4755 "$helper"
}

helper_that_is_missing__keeps_boxed_users_out() {
	rm "$helper"
	root_and_exempt_get_in
	refused ada
}

helper_that_cannot_run__keeps_boxed_users_out() {
	chmod 0644 "$helper"
	root_and_exempt_get_in
	refused ada
}

helper_that_crashes__keeps_boxed_users_out() {
	replace_helper 'kill -SEGV $$'
	root_and_exempt_get_in
	refused ada
}

helper_that_answers_nothing__keeps_boxed_users_out() {
	replace_helper 'exit 0'
	root_and_exempt_get_in
	refused ada
}

helper_that_answers_nonsense__keeps_boxed_users_out() {
	replace_helper 'head -c 600 /dev/urandom >&3'
	root_and_exempt_get_in
	refused ada
}

helper_that_hangs__keeps_boxed_users_out() {
	replace_helper 'exec sleep 1000'
	root_and_exempt_get_in
	took_less 20 ssh ada@host true 2>/dev/null
	no_shell ada
}

storage_that_is_full__keeps_boxed_users_out() {
	mkdir -p /var/lib/nsbox
	mount -t tmpfs -o size=64k,mode=700 full /var/lib/nsbox
	head -c 1M /dev/zero >/var/lib/nsbox/filler 2>/dev/null || true
	root_and_exempt_get_in
	refused ada
}

user_without_subordinate_ids__is_kept_out() {
	root_and_exempt_get_in
	refused ned
	matches "$(the_log)" 'ned.*(subuid|subordinate)' 'the log'
}

user_without_subordinate_ids__gets_some_from_the_pool() {
	configure 'subuid_pool = 500000000'
	eq "$(ssh ned@host cat /run/nsbox/name)" ned-1
}

changed_subordinate_ids__keep_their_user_out() {
	ssh ada@host true
	sed -i 's/^ada:.*/ada:9000000:65536/' /etc/subuid /etc/subgid
	root_and_exempt_get_in
	refused ada
	eq "$(ssh bob@host 'echo in')" in bob
}

# Its box is dead or alive, who knows: it may be ended or refused, but nobody gets past it without a box.
corrupt_record__keeps_its_user_out_until_root_collects() {
	log_in one ada
	head -c 200 /dev/urandom >/run/nsbox/2000/1
	root_and_exempt_get_in
	refused ada
	# What runs behind a record that nobody can read is ended, not lost.
	nssh --gc
	eq "$(ssh ada@host 'cat /run/nsbox/name')" ada-1
}

auth_line_that_is_missing__keeps_boxed_users_out() {
	sed -i '/^auth.*pam_nsbox/d' /etc/pam.d/sshd
	root_and_exempt_get_in
	refused ada
}

state_directory_of_somebody_else__keeps_boxed_users_out() {
	ssh ada@host true
	chown bob /var/lib/nsbox/2000
	root_and_exempt_get_in
	refused ada
}
