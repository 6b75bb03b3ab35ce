# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nsbox-helper, asked by a user for what is no request, or not theirs, or all at once, or struck while it answers.

# shellcheck source=tests/login/hostile
. ./hostile

# answered WORD...: what the helper says to enter with them, on the socket or in words
answered() { as ada timeout "$patience" "$caller" wire -- "$helper" enter "$@" 2>&1 || true; }
refuses_to() {
	local said
	said=$(as ada timeout "$patience" "$helper" "$@" 2>&1 </dev/null) && fault "it worked: ${*@Q}"
	one_line "$said" "${*@Q}"
	lacks "$said" $'[\x01-\x09\x0b-\x1f]' "what is said of ${*@Q}"
}

names__that_are_paths_or_signs_name_nothing() {
	local name long
	long=$(head -c 10000 /dev/zero | tr '\0' a)
	log_in two bob
	before
	for name in ../bob-1 bob-1 bob-1/.. /run/nsbox/2001/1 . .. ../../2001/1 '%n%n%s' $'ada-1\nevent=open' $'\e[31mada-1' '' \
		'ada-1 ' ADA-1 ada-01 ada-+1 -1 --help -k '*' '$(id)' 'ada-1"' "$long" ada-4294967297 $'\xff\xfe'; do
		matches "$(answered - "$name" 0 true)" '^3 0 ' "answer for ${name:0:50}"
		eq "$(answered - "$name" 0 true | wc -l)" 1 "answers for ${name:0:50}"
		refuses_to end - "$name"
	done
	# Whether somebody else has such a box is not told.
	eq "$(answered - bob-1 0 true)" "$(answered - bob-9 0 true | sed s/bob-9/bob-1/)" 'the answer for a box of bob'
	lacks "$(the_log)" '^event=open' 'lines of the log'
	lacks "$(the_log)" $'\e' 'the log'
	after
}

users__that_are_others_cannot_be_named() {
	local user
	before
	for user in bob root 0 2000 2001 -1 4294967296 '' ada --; do
		matches "$(answered "$user" - 0 true)" '^3 0 ' "answer for user $user"
		lacks "$(answered "$user" - 0 id -u)" '^1 ' "answer for user $user"
		for request in list stat gc; do refuses_to "$request" "$user"; done
		refuses_to end "$user" bob-1
		refuses_to reset "$user" home
	done
	after
}

# What only root may ask for is not told apart from what is no request by whether it does something.
requests__of_root_are_refused() {
	before
	for request in 'open bob sshd -' 'open - sshd -' reload start net-up net-down 'tell 2000 1' 'news 2000 1 0 1 0' 'outside ada'; do
		# shellcheck disable=SC2086 # words that are several
		refuses_to $request
		# shellcheck disable=SC2086
		one_line "$(as ada "$caller" wire -- "$helper" $request 2>&1)" "$request"
	done
	after
}

words__that_are_too_few_or_too_many_are_no_request() {
	before
	for request in '' list 'list - -' 'list ada-1 x y' 'stat' 'end -' 'end - a b' reset 'reset -' gc 'gc - -' enter 'enter -' 'enter - -' \
		open 'open ada' 'open ada sshd' 'open ada sshd - -' 'tell 2000' 'tell 2000 1 1' 'news 1 2 3' 'backend x' lis LIST 'list ' -l --help; do
		# shellcheck disable=SC2086 # words that are several
		matches "$(as ada "$helper" $request 2>&1)" "$none_of_it" "what is said of '$request'"
	done
	matches "$(as ada "$helper" 'list -' 2>&1)" "$none_of_it"
	matches "$(as ada "$helper" '' - 2>&1)" "$none_of_it"
	for ttys in 8 -1 4294967296 18446744073709551616 99999999999999999999999 x '' ' 0' 0x1; do
		eq "$(answered - ada-1 "$ttys" true)" '3 0 The box could not be entered; please tell the administrator.' "answer for ttys $ttys" ||
			matches "$(answered - ada-1 "$ttys" true)" '^3 0 '
	done
	after
}

# With the answer lost or nobody there to take it the command has not begun.
several_helpers__with_one_socket_are_each_served() {
	before
	as ada python3 -c '
import fcntl, os, socket, sys
fcntl.fcntl(0, fcntl.F_DUPFD, 3)
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
os.dup2(theirs.fileno(), 3)
theirs.close()
kids = [os.spawnv(os.P_NOWAIT, sys.argv[1], ["nsbox-helper", "enter", "-", "ada-1", "0", "true"]) for _ in range(10)]
os.close(3)
while ours.recv(1000): pass
sys.exit(sum(os.waitpid(kid, 0)[1] != 0 for kid in kids))' "$helper" || fault "$? of them failed"
	after
}

# Fifty at a time.
thousand_calls__are_served_and_leave_nothing() {
	local began=$SECONDS
	before
	calls() { seq 500 | as ada xargs -P 25 -I{} sh -c "$helper list - >/dev/null && echo done"; }
	entries() { seq 500 | as ada xargs -P 25 -I{} "$nssh" ada-1 -- echo 'done'; }
	calls >/tmp/calls 2>&1 &
	entries >/tmp/entries 2>&1
	wait $!
	eq "$(grep -c '^done' /tmp/calls)" 500 "lists ($(grep -v '^done' /tmp/calls | head -n 3))"
	eq "$(grep -c '^done' /tmp/entries)" 500 "entries ($(grep -v '^done' /tmp/entries | head -n 3))"
	echo "1,000 calls in $((SECONDS - began)) s"
	after
}

# strikes SIGNALS CMD...: at so many moments of its run; the numbers are HUP 1, INT 2, KILL 9, ALRM 14, TERM 15, CONT 18, STOP 19,
# TSTP 20, TTOU 22, XCPU 24
strikes() {
	local said
	said=$(as ada timeout $((50 * slowness)) "$strike" "$1" "$steps" "$span" "${@:2}") || fault "struck with $1: $said"
	within 5000 as_before || fault "left by ${*:2} after $1: $(diff <(echo "$at_first") <(state))"
}

strike__of_any_signal_leaves_nothing_of_a_list() {
	local signal span=12000 steps=60
	before
	for signal in 9 19,9 19,18 1,2,14,15 20,22 24,25; do strikes "$signal" "$helper" list -; done
	after
}

strike__of_any_signal_leaves_nothing_of_an_entry() {
	local signal span=40000 steps=60
	before
	for signal in 9 19,18 1,2,14,15,20,22; do strikes "$signal" "$helper" enter - ada-1 0 sleep 0.01; done
	strikes 9 "$nssh" ada-1 -- sleep 0.01
	after
}

strike__of_any_signal_leaves_nothing_of_an_opening() {
	local span=150000 steps=60
	before
	strikes 9 "$helper" enter - = 0 true
	steps=30
	strikes 9 "$nssh" -n -- true
	after
}
