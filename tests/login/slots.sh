# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The addresses of boxes: each has its own while it lives, and whatever way it ends, nothing of that is left.

# shellcheck source=tests/login/world
. ./world

address_of() { in_session "$1" "ip -4 -o addr show dev eth0 | awk '{ print \$4 }'"; }

# What there is of a slot: its claim, its interface, and where ports lead.
traces_of() {
	find "/run/nsbox/net/$1" -printf 'claim %l\n' 2>/dev/null
	ip -o link show "nsbox-$1" 2>/dev/null
	nft list maps | grep -F -e ": $(address4 $(($1 + 1)))" -e ": $(address6 $(($1 + 1)))"
	bridge fdb show br nsbox0 2>/dev/null | grep "nsbox-$1 "
	ip neigh show dev nsbox0 2>/dev/null | grep -E "^($(address4 $(($1 + 1)))|$(address6 $(($1 + 1)))) "
	true
}
is_free() { [ -z "$(traces_of "$1")" ]; }
wait_free() { within 1000 is_free "$1" || fault "left of slot $1: $(traces_of "$1")"; }

# A box of ada's that has an address and ports.
box_with_ports() {
	configure 'network = nat' 'ports_per_user = 10' 'publish = 8080'
	log_in one ada
	eq "$(address_of one)" "$(address4 2)/32"
	matches "$(traces_of 1)" 'claim 2000/1.*nsbox-1.*(tcp|6) [.] (8080|30000) '
}
has_it_again_at_the_next_login() {
	wait_gone ada-1
	wait_free 1
	log_in again ada
	eq "$(address_of again)" "$(address4 2)/32" 'the address of the next box'
	eq "$(in_session again 'echo $NSBOX_PORTS')" '30000-30009,8080' 'its ports'
}

address__is_the_lowest_free_one() {
	configure 'network = nat'
	log_in one ada
	log_in two bob
	log_in three ada
	eq "$(address_of one) $(address_of two) $(address_of three)" "$(address4 2)/32 $(address4 3)/32 $(address4 4)/32"
	log_out two
	wait_gone bob-1
	log_in four carl
	eq "$(address_of four)" "$(address4 3)/32" 'the one that became free'
}

address__is_in_record_and_log() {
	note_log
	configure 'network = nat'
	log_in one ada
	matches "$(cat /run/nsbox/2000/1)" "address[ =]$(address4 2),$(address6 2)" 'the record'
	matches "$(log_since)" "event=open box=ada-1 .*address=$(address4 2),$(address6 2)" 'the log'
	matches "$(nssh -l | sed -n 2p)" "$(address4 2)" 'nssh -l'
}

slot__is_free_after_logout() {
	box_with_ports
	log_out one
	has_it_again_at_the_next_login
}

slot__is_free_after_its_init_was_killed() {
	box_with_ports
	kill -KILL "$(init_of ada-1)"
	has_it_again_at_the_next_login
}

slot__is_free_after_the_monitor_was_killed() {
	box_with_ports
	kill -KILL "$(monitors_of ada)"
	has_it_again_at_the_next_login
}

slot__is_free_after_client_and_sweeper_were_killed() {
	box_with_ports
	pkill -KILL nsbox-sweep
	kill -KILL "$(init_of ada-1)"
	hang_up one
	# Nobody saw it go; what is left is collected by the next login.
	ssh ada@host true
	within 2000 is_gone ada-1
	has_it_again_at_the_next_login
}

# Killed at one moment after the other, the part that works or the one that waits for it: python and then the helper take some
# 40 ms.
open_and_kill() {
	python3 -c 'import os, socket, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
os.dup2(theirs.fileno(), 3)
os.execv(sys.argv[1], ["nsbox-helper", "open", "ada", "sshd", "-"])' "$helper" >/dev/null 2>&1 &
	sleep "$(printf '0.%03d' "$1")"
	# shellcheck disable=SC2046 # pids
	if [ $(($1 % 2)) = 0 ]; then kill_all $(pgrep -x nsbox-helper); else kill_all $(pgrep -xo nsbox-helper); fi
	wait $! || true
}
no_slots() { [ -z "$(find /run/nsbox/net -name '[0-9]*')$(ip -o link | grep 'nsbox-[0-9]')" ]; }

slot__is_free_after_its_helper_was_killed() {
	local moment
	configure 'network = nat' 'ports_per_user = 10'
	for moment in {15..60}; do open_and_kill "$moment"; done
	nssh --gc
	within 5000 no_slots || fault "claims: $(ls -l /run/nsbox/net) interfaces: $(ip -br link)"
	lacks "$(nft list maps)" "$(address4 2)" 'ports'
	log_in again ada
	eq "$(address_of again)" "$(address4 2)/32" 'the address of the next box'
}

# What pam_nsbox asks for, USER after USER, and keeps: nine boxes each, until standard input ends.
nine_more='
import os, socket, subprocess, sys
kept = []
for user in sys.argv[2:] * 9:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    words = [sys.argv[1], "open", user, "sshd", "-"]
    subprocess.run(words, preexec_fn=lambda: os.dup2(theirs.fileno(), 3), close_fds=False, check=True)
    kept.append(ours)
    theirs.close()
print("open", flush=True)
sys.stdin.read()
'
addresses() { cat /run/nsbox/[0-9]*/[0-9]* 2>/dev/null | sed -n 's/^address[= ]//p' | tr ',' '\n'; }
claims() { find /run/nsbox/net -name '[0-9]*' | wc -l; }

twenty_users_with_ten_boxes_each__have_addresses_of_their_own() {
	[ "$slowness" = 1 ] || skip 'two hundred boxes take an emulated machine too long'
	local user hold
	configure 'network = nat'
	mkfifo /tmp/until
	exec {hold}<>/tmp/until
	for user in u{01..20}; do
		ssh "$user@host" 'hostname -I; cat' </tmp/until >"/tmp/address.$user" 2>"/tmp/error.$user" {hold}>&- &
		python3 -c "$nine_more" "$helper" "$user" </tmp/until >"/tmp/open.$user" 2>&1 {hold}>&- &
	done
	within 40000 eval '[ "$(cat /tmp/address.* /tmp/open.* | wc -l)" = 40 ]' || fault "$(cat /tmp/error.* /tmp/open.*)"
	eq "$(claims)" 200 claims
	eq "$(addresses | wc -l)" 400 'addresses'
	eq "$(addresses | sort -u | wc -l)" 400 'different ones'
	eq "$(cat /tmp/address.* | xargs -n 1 | grep -cxFf <(addresses))" 40 'those the logins see, in the records'
	exec {hold}>&-
	within 15000 eval '[ "$(claims)" = 0 ]' || fault "$(ls /run/nsbox/net)"
	eq "$(ip -o link | grep -c 'nsbox-[0-9]' || true)" 0 'interfaces'
}
