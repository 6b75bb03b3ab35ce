# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What arrives at the client is what would without a box: status, signals, data, and many at once.

exit_codes__arrive() {
	local n got=0
	ssh -fN -M -S /tmp/control ada@host
	for n in {0..255}; do
		got=0
		ssh -S /tmp/control ada@host "$in_box; exit $n" || got=$?
		eq "$got" "$n" 'exit status'
	done
	ssh -S /tmp/control -O exit ada@host 2>/dev/null
}

exit_codes__arrive_from_logins_of_their_own() {
	local n
	for n in 0 1 2 77 126 127 128 254; do status "$n" ssh ada@host "$in_box; exit $n"; done
	status 127 ssh ada@host no-such-command 2>/dev/null
	status 3 ssh -tt ada@host 'exit 3' 2>/dev/null
}

death_by_signal__arrives() {
	local signal plain boxed
	for signal in HUP INT QUIT KILL SEGV PIPE TERM USR1; do
		plain=$(ssh -v plain@host "kill -$signal \$\$" 2>&1 || echo "status $?")
		boxed=$(ssh -v ada@host "$in_box; kill -$signal \$\$" 2>&1 || echo "status $?")
		eq "$(grep -oE 'exit-signal|exit-status|^status.*' <<<"$boxed")" \
			"$(grep -oE 'exit-signal|exit-status|^status.*' <<<"$plain")" "what $signal looks like"
	done
}

pipe__carries_100_MB_both_ways_whole() {
	local sum
	head -c 100M /dev/urandom >/srv/big
	sum=$(sha256sum </srv/big)
	eq "$(ssh ada@host "$in_box; cat" </srv/big | sha256sum)" "$sum"
	rm /srv/big
}

output_before_the_end__is_not_lost() {
	local n
	for n in {1..10}; do eq "$(ssh ada@host "$in_box;"' seq 20000 | tail -n 1; exit 0')" 20000; done
}

stderr__is_apart_from_stdout() {
	eq "$(ssh ada@host 'echo out; echo err >&2' 2>/dev/null)" out
	eq "$(ssh ada@host 'echo out; echo err >&2' 2>&1 >/dev/null)" err
}

# logins USER...: all at once; how many said hello
logins() {
	local user
	for user in "$@"; do ssh "$user@host" "$in_box; echo hello; sleep 1" >>/tmp/hello 2>>/tmp/errors & done
	wait
	grep -c hello /tmp/hello
}

twenty_logins_at_once_of_one_user__succeed() {
	configure 'boxes = 32'
	eq "$(logins ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada)" 20 "logins ($(cat /tmp/errors))"
}

twenty_logins_at_once_into_one_box__succeed() {
	configure 'scope = user'
	eq "$(logins ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada ada)" 20 "logins ($(cat /tmp/errors))"
}

twenty_logins_at_once_of_twenty_users__succeed() { eq "$(logins u{01..20})" 20 "logins ($(cat /tmp/errors))"; }

seventeenth_box__is_refused_plainly() {
	local n said
	configure 'boxes = 3'
	for n in 1 2 3; do log_in "$n" ada; done
	! said=$(ssh ada@host 'echo got in' 2>&1) || fault 'it was let in'
	lacks "$said" 'got in' 'what was said'
	matches "$said" '[A-Za-z].*\.' 'what was said'
	log_out 1
	within 3000 gets_in || fault 'nobody gets in after one has left'
}
gets_in() { [ "$(ssh ada@host 'echo in' 2>/dev/null)" = in ]; }

login__says_nothing_of_its_own() {
	eq "$(ssh ada@host true 2>&1)" ''
	eq "$(ssh ada@host cat </dev/null | wc -c)" 0
}
