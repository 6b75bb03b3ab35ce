# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Logins with passwords, and every order of attempts.

# by METHODS PASSWORD SSH-ARG...: a login without a key that answers each question with PASSWORD
by() {
	local methods=$1 password=$2
	shift 2
	printf '#!/bin/sh\necho "%s"\n' "$password" >/tmp/askpass
	chmod 700 /tmp/askpass
	SSH_ASKPASS=/tmp/askpass SSH_ASKPASS_REQUIRE=force ssh -o BatchMode=no -o "PreferredAuthentications=$methods" \
		-o "PubkeyAuthentication=$([[ $methods = *publickey* ]] && echo yes || echo no)" "$@"
}

is_boxed() { matches "$1" '^ada-[0-9]+$' 'where ada is'; }
# The last line: a server may say more.
where='cat /run/nsbox/name'

password__opens_a_box() { is_boxed "$(by password pw-ada ada@host "$where")"; }
keyboard_interactive__opens_a_box() { is_boxed "$(by keyboard-interactive pw-ada ada@host "$where")"; }
password_on_a_terminal__opens_a_box() { is_boxed "$(by password pw-ada -tt ada@host "$where" | tr -d '\r')"; }
wrong_password__opens_nothing() {
	fails by password nonsense -o NumberOfPasswordPrompts=1 ada@host true 2>/dev/null
	[ ! -e /run/nsbox/2000/1 ] || fault 'there is a box'
}

wrong_key_then_password__opens_a_box() {
	ssh-keygen -q -t ed25519 -N '' -f /tmp/other
	is_boxed "$(by publickey,password pw-ada -o IdentitiesOnly=yes -i /tmp/other ada@host "$where")"
}

wrong_password_then_right__opens_a_box() {
	printf '#!/bin/sh\n[ -e /tmp/asked ] && echo pw-ada || echo wrong\ntouch /tmp/asked\n' >/tmp/askpass2
	chmod 700 /tmp/askpass2
	by password x true 2>/dev/null || true
	is_boxed "$(SSH_ASKPASS=/tmp/askpass2 SSH_ASKPASS_REQUIRE=force ssh -o BatchMode=no \
		-o PreferredAuthentications=password -o PubkeyAuthentication=no ada@host "$where")"
}

wrong_keyboard_interactive_then_password__opens_a_box() {
	printf '#!/bin/sh\n[ -e /tmp/asked ] && echo pw-ada || echo wrong\ntouch /tmp/asked\n' >/tmp/askpass2
	chmod 700 /tmp/askpass2
	is_boxed "$(SSH_ASKPASS=/tmp/askpass2 SSH_ASKPASS_REQUIRE=force ssh -o BatchMode=no -o NumberOfPasswordPrompts=1 \
		-o PreferredAuthentications=keyboard-interactive,password -o PubkeyAuthentication=no ada@host "$where")"
}

key_and_password__open_a_box() {
	serve 2223 'AuthenticationMethods publickey,password'
	is_boxed "$(by publickey,password pw-ada -p 2223 ada@host "$where")"
}

key_and_keyboard_interactive__open_a_box() {
	serve 2223 'AuthenticationMethods publickey,keyboard-interactive'
	is_boxed "$(by publickey,keyboard-interactive pw-ada -p 2223 ada@host "$where")"
}

keyboard_interactive_and_key__open_a_box() {
	serve 2223 'AuthenticationMethods keyboard-interactive,publickey'
	is_boxed "$(by keyboard-interactive,publickey pw-ada -p 2223 ada@host "$where")"
}

root__gets_in_with_a_password() { eq "$(by password pw-root root@host 'echo in')" in; }

# What sshd asks of a user whose password has expired, answered as a user does.
change_expired_password() {
	cat >/tmp/expired.exp <<-'END'
		set timeout 20
		spawn ssh -o BatchMode=no -o PreferredAuthentications=keyboard-interactive -o PubkeyAuthentication=no bob@host cat /run/nsbox/name
		expect -re "assword:" { send "pw-bob\r" } timeout { exit 1 }
		expect -re "urrent.*assword:" { send "pw-bob\r" } timeout { exit 2 }
		expect -re "ew.*assword:" { send "a-new-passw0rd\r" } timeout { exit 3 }
		expect -re "etype.*assword:" { send "a-new-passw0rd\r" } timeout { exit 4 }
		expect -re "bob-\[0-9\]+" {} timeout { exit 5 } eof { exit 6 }
	END
	expect /tmp/expired.exp
}

expired_password__can_be_changed_with_keyboard_interactive() {
	local said
	chage -d 0 bob
	said=$(change_expired_password) || fault "step $? of: $said"
	eq "$(by password a-new-passw0rd bob@host 'echo in')" in 'with the new password'
	fails by password pw-bob -o NumberOfPasswordPrompts=1 bob@host true 2>/dev/null
}

# A plain `password` login makes sshd run passwd in the session: it cannot work in a box, but says so.
expired_password__is_no_way_to_a_shell() {
	chage -d 0 bob
	lacks "$(by password pw-bob bob@host 'echo got in' 2>&1 </dev/null)" 'got in' 'what was said'
	lacks "$(ssh bob@host 'echo got in' 2>&1 </dev/null)" 'got in' 'what was said with a key'
}

expired_account__is_refused() {
	chage -E 1 bob
	fails ssh bob@host true 2>/dev/null
	[ ! -e /run/nsbox/2001/1 ] || fault 'there is a box'
}
