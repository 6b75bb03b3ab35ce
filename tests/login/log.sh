# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the log tells of a box: who opened it, who went in, how long it lived and who ended it.

log_has() { log_since | grep -qE -- "$1"; }
logged() { within 3000 log_has "$1" || fault "the log has no '$1': $(log_since)"; }

log__tells_the_life_of_a_box() {
	note_log
	log_in one ada
	logged 'event=open box=ada-1 user=ada uid=2000 service=sshd from=127.0.0.1 '
	sleep 1
	log_out one
	logged 'event=end box=ada-1 user=ada uid=2000 seconds=[1-9]$'
	lacks "$(log_since)" event=collect
}

log__tells_who_joins() {
	configure 'scope = user'
	note_log
	log_in one ada
	ssh ada@host true
	logged 'event=join box=ada-1 user=ada uid=2000 service=sshd from=127.0.0.1 '
	eq "$(log_since | grep -c event=open)" 1 'boxes'
}

log__tells_who_enters_from_outside() {
	note_log
	log_in one ada
	as ada nssh -- true
	logged 'event=enter box=ada-1 user=ada uid=2000 by=2000 tty=no command=yes$'
	nssh -u ada ada-1 -- true
	logged 'event=enter box=ada-1 user=ada uid=2000 by=0 tty=no command=yes$'
	as ada python3 -c 'import pty; pty.spawn(["nssh", "ada-1"])' <<<exit >/dev/null
	logged 'event=enter box=ada-1 user=ada uid=2000 by=2000 tty=yes command=no$'
}

log__tells_who_ended_a_box() {
	note_log
	log_in one ada
	log_in two ada
	as ada "$helper" end - ada-1 >/dev/null
	logged 'event=kill box=ada-1 user=ada uid=2000 by=2000$'
	logged 'event=end box=ada-1 user=ada uid=2000 seconds=[0-9]+$'
	"$helper" end ada ada-2 >/dev/null
	logged 'event=kill box=ada-2 user=ada uid=2000 by=0$'
}

log__tells_of_a_reset() {
	note_log
	log_in one ada
	as ada "$helper" reset - home >/dev/null
	logged 'event=reset user=ada uid=2000 when=later$'
	# Who says it a thousand times fills no log.
	as ada "$helper" reset - home >/dev/null
	"$helper" news 2000 1 0 1 0
	log_out one
	logged 'event=reset user=ada uid=2000 when=now$'
	eq "$(log_since | grep -c event=reset)" 2 'lines in the log'
}

log__tells_of_what_was_collected_without_a_record() {
	note_log
	log_in one ada
	echo garbage >/run/nsbox/2000/1
	nssh --gc
	logged 'event=collect uid=2000 number=1$'
	wait_gone ada-1
}
