# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Who is logged in to a box, as lists tell it; and which box a login gets.

# told BOX KEY: of the line of a list; empty where it has no such key
told() { "$helper" list - | grep "^box=$1 " | tr ' ' '\n' | sed -n "s/^$2=//p"; }
is_told() { [ "$(told "$1" "$2")" = "$3" ]; }
# will_be BOX KEY VALUE
will_be() { within 3000 is_told "$@" || fault "$2 of $1 is '$(told "$1" "$2")', not '$3'"; }

# answer_to [USER] REQUEST...: the kind of the helper's answer, the box, and the text
answer_to() {
	python3 -c '
import os, socket, struct, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
if os.fork() == 0:
    os.dup2(theirs.fileno(), 3)
    os.execv(sys.argv[1], ["nsbox-helper"] + sys.argv[2:])
theirs.close()
answer = ours.recv(4096)
kind = struct.unpack("4I", answer[:16])[1]
text = lambda at, size: answer[at:at + size].split(b"\0")[0].decode()
print(["", "boxed", "outside", "refused"][kind], text(20, 48), text(20 + 48 + 256, 256))' "$helper" "$@"
}
# entered USER SIGN: where a command of the user's goes
entered() { as "$1" bash -c "$(declare -f answer_to); helper=$helper; answer_to enter - '$2' 0 sleep 0.1"; }

list__tells_how_many_logins_there_are_and_the_newest_of_them() {
	local before
	configure 'scope = user'
	before=$(date +%s)
	log_in one ada
	eq "$(told ada-1 logins)" 1 logins
	eq "$(told ada-1 service) $(told ada-1 from) $(told ada-1 state)" 'sshd 127.0.0.1 live'
	[ "$(told ada-1 at)" -ge "$before" ] || fault "at=$(told ada-1 at)"
	[ "$(told ada-1 at)" -le "$(date +%s)" ] || fault "at=$(told ada-1 at)"
	as ada nssh ada-1 -- sleep 100 &
	will_be ada-1 logins 2
	eq "$(told ada-1 service) $(told ada-1 from)" 'nssh -'
	log_in two ada
	eq "$(told ada-1 logins) $(told ada-1 service)" '3 sshd'
	hang_up two
	will_be ada-1 logins 2
	eq "$(told ada-1 service)" nssh
	hang_up one
	will_be ada-1 logins 1
	kill "$(pgrep -x nssh)"
	wait_gone ada-1 2000
	[ ! -e /run/nsbox/2000/1.logins ] || fault 'the logins are still there'
}

list__says_of_a_box_without_a_login_that_it_lingers() {
	configure 'linger = 1h' 'scope = user'
	log_in one ada
	in_session one 'setsid sleep 1000 >/dev/null 2>&1 &'
	log_out one
	will_be ada-1 state lingers
	eq "$(told ada-1 logins) $(told ada-1 at) $(told ada-1 service) $(told ada-1 from)" '0  sshd 127.0.0.1'
	log_in two ada
	eq "$(told ada-1 logins) $(told ada-1 state)" '1 live'
}

list__tells_for_how_long_nothing_happened() {
	log_in one ada -tt
	[ "$(told ada-1 idle)" -lt 60 ] || fault "idle=$(told ada-1 idle)"
	in_session one '(sleep 0.5; touch -d @1000000000 /dev/pts/0) &'
	within 5000 is_idle_for_long ada-1 || fault "idle=$(told ada-1 idle)"
	in_session one 'echo typed and shown' >/dev/null
	[ "$(told ada-1 idle)" -lt 60 ] || fault "idle=$(told ada-1 idle) after it was used"
	# The one that was used last counts.
	log_in two ada -tt
	in_session two '(sleep 0.5; touch -d @1000000000 /dev/pts/0) &'
	within 5000 is_idle_for_long ada-2 || fault "idle=$(told ada-2 idle)"
	as ada python3 -c 'import pty, sys; sys.exit(pty.spawn(["nssh", "ada-2", "--", "true"]))' >/dev/null
	within 5000 is_idle_for_long ada-2 || fault "idle=$(told ada-2 idle), and its other terminal is gone"
}
is_idle_for_long() { [ "$(told "$1" idle)" -gt 100000000 ] 2>/dev/null; }

list__tells_nothing_of_terminals_where_there_are_none() {
	log_in one ada
	eq "$(told ada-1 idle)" ''
	matches "$("$helper" list -)" 'box=ada-1 '
}

logins__of_one_moment_share_one_box() {
	local i
	configure 'scope = user'
	for i in 1 2 3 4 5 6 7 8; do
		ssh ada@host 'cat /run/nsbox/name; until [ -e ~/go ]; do sleep 0.1; done' >"/tmp/box.$i" &
	done
	within 15000 eval '[ "$(cat /tmp/box.* | wc -l)" = 8 ]' || fault "only $(cat /tmp/box.*)"
	eq "$(sort -u /tmp/box.*)" ada-1 'boxes'
	eq "$(told ada-1 logins)" 8 logins
	as ada nssh -- touch /home/ada/go
	wait
}

entries__of_one_moment_share_one_box() {
	local i
	configure 'scope = user'
	for i in 1 2 3 4 5 6 7 8; do
		as ada nssh -- sh -c 'cat /run/nsbox/name; until [ -e ~/go ]; do sleep 0.1; done' >"/tmp/box.$i" &
	done
	within 15000 eval '[ "$(cat /tmp/box.* | wc -l)" = 8 ]' || fault "only $(cat /tmp/box.*)"
	eq "$(sort -u /tmp/box.*)" ada-1 'boxes'
	eq "$(told ada-1 logins)" 8 logins
	as ada nssh -- touch /home/ada/go
	wait
}

minus__is_the_latest_box_or_a_new_one() {
	eq "$(entered ada -)" 'boxed ada-1 '
	wait_gone ada-1
	log_in one ada
	log_in two ada
	eq "$(entered ada -)" 'boxed ada-2 '
	eq "$(entered plain -)" 'refused  Boxes are not enabled for plain in nsbox.conf.'
}

plus__is_what_a_login_gets() {
	log_in one ada
	eq "$(entered ada +)" 'boxed ada-2 '
	eq "$(entered plain +)" 'outside  '
	configure 'scope = user'
	log_in other bob
	eq "$(entered bob +)" 'boxed bob-1 '
	configure 'garbage'
	matches "$(entered ada +)" '^refused  nsbox is not configured correctly'
}

equals__is_a_new_box() {
	log_in one ada
	eq "$(entered ada =)" 'boxed ada-2 '
	eq "$(entered plain =)" 'refused  Boxes are not enabled for plain in nsbox.conf.'
	configure 'scope = user'
	eq "$(entered bob =)" 'boxed bob-1 '
	log_in other bob
	matches "$(entered bob =)" '^refused  .*share one box here, bob-1'
}

services__of_su_are_both_that_of_su() {
	configure 'services = su, cron'
	eq "$(answer_to open ada su -)" 'boxed ada-1 '
	wait_gone ada-1
	eq "$(answer_to open ada su-l -)" 'boxed ada-1 '
	wait_gone ada-1
	eq "$(answer_to open ada cron -)" 'boxed ada-1 '
	eq "$(answer_to open ada atd -)" 'outside  '
	eq "$(answer_to open ada sshd -)" 'outside  '
	configure 'services = sshd'
	eq "$(answer_to open ada su-l -)" 'outside  '
}

shell__of_a_box_is_never_nssh() {
	log_in one ada
	eq "$(as ada env SHELL=/usr/local/bin/nssh nssh -- sh -c 'echo $SHELL')" /bin/bash
	eq "$(as ada env SHELL=/bin/dash nssh -- sh -c 'echo $SHELL')" /bin/dash
}
