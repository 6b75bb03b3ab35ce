# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# With the README's AuthorizedKeysCommand, the keys that count are those the user sees in the box.

with_keys_command() {
	serve 2223 "AuthorizedKeysCommand ${helper%/*}/nsbox-keys %u exempt=sudo" 'AuthorizedKeysCommandUser root' 'AuthorizedKeysFile none' \
		'PasswordAuthentication no' 'KbdInteractiveAuthentication no'
	ssh-keygen -q -t ed25519 -N '' -C second -f /tmp/second
}
second() { ssh -p 2223 -o IdentitiesOnly=yes -i /tmp/second "$@"; }

key__works_as_before() {
	with_keys_command
	eq "$(ssh -p 2223 ada@host 'echo in')" in
	eq "$(ssh -p 2223 root@host 'echo in')" in root
	eq "$(ssh -p 2223 sam@host 'echo in')" in sam
	eq "$(ssh -p 2223 plain@host 'echo in')" in plain
}

key_added_in_the_box__works() {
	with_keys_command
	fails second ada@host true 2>/dev/null
	ssh ada@host 'cat >> ~/.ssh/authorized_keys' </tmp/second.pub
	eq "$(second ada@host cat /run/nsbox/name)" ada-1
	eq "$(ssh -p 2223 ada@host 'echo in')" in 'the first key'
}

key_removed_in_the_box__stops_working() {
	with_keys_command
	ssh ada@host 'cat > ~/.ssh/authorized_keys' </tmp/second.pub
	fails ssh -p 2223 ada@host true 2>/dev/null
	eq "$(second ada@host 'echo in')" in 'the key that replaced it'
}

all_keys_removed_in_the_box__stop_working() {
	with_keys_command
	ssh ada@host 'rm -r ~/.ssh'
	fails ssh -p 2223 ada@host true 2>/dev/null
}

key_added_on_the_host__works() {
	with_keys_command
	cat /tmp/second.pub >>/home/ada/.ssh/authorized_keys
	eq "$(second ada@host 'echo in')" in
}

keys_of_others__are_not_reached_by_a_link() {
	with_keys_command
	install -m 600 /tmp/second.pub /srv/second-of-root
	ssh ada@host 'rm -r ~/.ssh; mkdir ~/.ssh; ln -s /srv/second-of-root ~/.ssh/authorized_keys'
	fails second ada@host true 2>/dev/null
	ssh bob@host 'rm -r ~/.ssh; ln -s /root/.ssh ~/.ssh'
	fails ssh -p 2223 bob@host true 2>/dev/null
}

key_written_in_a_box__is_worth_nothing_outside_of_one() {
	with_keys_command
	ssh ada@host 'cat >> ~/.ssh/authorized_keys' </tmp/second.pub
	configure 'enable = no'
	fails second ada@host true 2>/dev/null
}

fifo_for_keys__does_not_hold_up_a_login() {
	with_keys_command
	ssh ada@host 'rm -r ~/.ssh; mkdir ~/.ssh; mkfifo ~/.ssh/authorized_keys'
	took_less 15 fails ssh -p 2223 ada@host true 2>/dev/null
}
