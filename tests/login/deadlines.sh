# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Nothing in the login path waits longer than its deadline: 10 s for a box, 5 of them for the lock.

login_ends() { ssh ada@host "$in_box; echo in" >/tmp/said 2>&1; }
in_or_told_why() { matches "$(cat /tmp/said)" '^(in|[A-Z].*\.)' 'what was said'; }

stopped_init__does_not_hold_up_a_login_of_its_own() {
	log_in one ada
	kill -STOP "$(init_of ada-1)"
	took_less 5 login_ends
	in_or_told_why
}

stopped_init__does_not_hold_up_a_login_that_would_join() {
	configure 'scope = user'
	log_in one ada
	kill -STOP "$(init_of ada-1)"
	took_less 12 login_ends
	in_or_told_why
}

stopped_box__does_not_hold_up_its_owner() {
	log_in one ada
	kill -STOP "$(init_of ada-1)" "$(monitors_of ada)"
	took_less 12 login_ends
	in_or_told_why
}

held_lock__does_not_hold_up_a_login() {
	ssh ada@host true
	flock /run/nsbox/2000/lock sleep 100 &
	within 3000 fails flock -n /run/nsbox/2000/lock true
	took_less 12 login_ends
	lacks "$(cat /tmp/said)" '^in' 'what was said'
	matches "$(cat /tmp/said)" '^[A-Z].*\.' 'what was said'
	took_less 2 ssh bob@host true
	ssh bob@host true
}

fifo_as_configuration__does_not_hold_up_a_login() {
	rm "$conf"
	mkfifo "$conf"
	took_less 3 login_ends
	lacks "$(cat /tmp/said)" '^in' 'what was said'
	eq "$(ssh sam@host 'echo in')" in
}

fifo_as_record__does_not_hold_up_a_login() {
	log_in one ada
	rm /run/nsbox/2000/1
	mkfifo /run/nsbox/2000/1
	took_less 12 login_ends
	in_or_told_why
}

fifo_as_lock__does_not_hold_up_a_login() {
	log_in one ada
	rm /run/nsbox/2000/lock
	mkfifo /run/nsbox/2000/lock
	took_less 12 login_ends
	in_or_told_why
}

# The user owns the upper layer's contents, and what they put there must not stop a login.
fifos_in_the_home__do_not_hold_up_a_login() {
	ssh ada@host 'rm -rf ~/.ssh; mkfifo ~/.ssh ~/.hushlogin ~/.Xauthority'
	took_less 5 login_ends
	eq "$(cat /tmp/said)" in
}

locked_utmp__does_not_hold_up_a_login() {
	python3 -c 'import fcntl, time; f = open("/run/utmp", "r"); fcntl.lockf(f, fcntl.LOCK_SH); time.sleep(100)' &
	sleep 0.3
	took_less 5 login_ends
	eq "$(cat /tmp/said)" in
}

# The builder is stopped in the last step before it becomes init, and the helper is killed meanwhile.
killed_helper__leaves_nobody_behind() {
	local held
	strace -qq -f -o /dev/null -e trace=pivot_root -e inject=pivot_root:signal=SIGSTOP \
		python3 -c '
import os, socket
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
os.dup2(theirs.fileno(), 3)
os.execv("'"$helper"'", ["nsbox-helper", "open", "ada", "sshd", "-"])' &
	held=$!
	within 5000 eval '[ "$(pgrep -xc nsbox-helper)" = 3 ]' || fault 'no builder'
	sleep 0.3
	kill -KILL "$(pgrep -xo nsbox-helper)"
	within 1000 eval '! pgrep -x nsbox-helper >/dev/null' || fault "left: $(pgrep -xa nsbox-helper)"
	wait "$held" || true
}

# Words that nobody reads, answers or complaints, do not keep a process of root's for ever: it counts against no limit.
words_that_nobody_reads__end_their_helper() {
	local hostile=/srv/nsbox/hostile/caller
	log_in one ada
	as ada "$hostile" fd=1:fullpipe -- "$helper" list - &
	as ada "$hostile" fd=2:fullpipe -- "$helper" nonsense &
	as ada "$hostile" fd=2:fullpipe fd=3:/etc/passwd -- "$helper" enter - ada-1 0 true &
	as ada "$hostile" fd=2:fullpipe nnp -- "$helper" list - &
	within 2000 eval '[ "$(pgrep -xc nsbox-helper)" = 4 ]' || fault "not all wait: $(pgrep -xa nsbox-helper)"
	within 17000 eval '! pgrep -x nsbox-helper >/dev/null' || fault "still there: $(pgrep -xa nsbox-helper)"
}
