# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nsbox-helper, called by a user who sets up all that a caller can: it works or says why in one line, and leaves nothing.
# What callers set up is tests/hostile/conditions.c; what they ask for is hostile_requests.sh.

# shellcheck source=tests/login/hostile
. ./hostile

environment__is_nothing_to_the_helper() {
	before
	works env=LD_PRELOAD=/tmp/none.so env=LD_LIBRARY_PATH=/tmp env=LD_AUDIT=/tmp/none.so env=LD_DEBUG=all env=LD_DEBUG_OUTPUT=/tmp/debug
	works env=GLIBC_TUNABLES=glibc.malloc.check=3 env=MALLOC_CHECK_=3 env=MALLOC_TRACE=/tmp/trace env=MALLOC_PERTURB_=1
	works env=TMPDIR=/nowhere env=LOCPATH=/tmp env=TZ=/dev/full env=NSS_PATH=/tmp env=RES_OPTIONS=debug env=HOSTALIASES=/tmp/x
	works env=PATH=/tmp env=IFS=/ env=_=x env=LC_ALL=xx env=NLSPATH=/tmp/%N env=GCONV_PATH=/tmp
	eq "$(find /tmp -mindepth 1 -not -path '*/systemd-private-*' -printf '%f ')" 'session.one ' 'what is in /tmp'
	after
}

# The kernel takes a quarter of the stack's limit, 8 MB, at most.
words_and_variables__may_be_as_many_as_there_can_be() {
	local words
	mapfile -t words < <(yes x | head -n 200000)
	before
	works environ=1700
	works_with environ=1700 "$nssh" ada-1 -- echo in
	matches "$(as ada "$caller" -- "$helper" list "${words[@]}" 2>&1)" "$none_of_it"
	matches "$(as ada "$caller" argc0 -- "$helper" 2>&1)" "$none_of_it"
	matches "$(as ada "$caller" argc0 environ=100 -- "$helper" 2>&1)" "$none_of_it"
	after
}

descriptors__that_are_closed_are_no_trouble() {
	local fds
	before
	for fds in 0 01 02 012; do
		silently "closed=$fds" -- "$helper" list -
		silently "closed=$fds" -- "$helper" gc -
		silently "closed=$fds" wire -- "$helper" enter - ada-1 0 true
	done
	works closed=0
	eq "$(as ada "$caller" closed=2 -- "$helper" list - | wc -l)" 1 'lines without standard error'
	after
}

descriptors__of_another_kind_are_no_trouble() {
	local kind
	before
	for kind in path writeonly dgram hungup /dev/full fullpipe /home /proc/self/mem; do
		works "fd=0:$kind"
		silently "fd=2:$kind" -- "$helper" list -
	done
	for kind in path /dev/null hungup /dev/full; do says 'write: ' "fd=1:$kind"; done
	after
}

descriptors__that_were_left_open_are_closed() {
	before
	refuses many=0
	works many=4
	works_with many=4 "$nssh" ada-1 -- echo in
	eq "$(as ada "$caller" fd=9:/etc fd=200:/etc/passwd wire -- "$helper" enter - ada-1 0 \
		sh -c 'ls /proc/self/fd | wc -l' | grep -cx 4)" 1
	after
}

answer__is_a_socket_or_refused() {
	local kind
	before
	for kind in /etc/passwd /home pipe path dgram stream inet /dev/full; do
		says 'not a socket' "fd=3:$kind" -- "$helper" enter - ada-1 0 true
	done
	for kind in hungup unread; do
		silently "fd=3:$kind" -- "$helper" enter - ada-1 0 true
		silently "fd=3:$kind" -- "$helper" enter - ada-9 0 true
		silently "fd=3:$kind" -- "$helper" enter - ada-1 7 true
		silently "fd=3:$kind" -- "$helper" enter - '=' 0 true
	done
	after
}

limits__of_nothing_are_no_trouble() {
	local limit
	before
	for limit in core msgqueue rttime locks memlock sigpending nproc fsize; do works "limit=$limit:0"; done
	works limit=core:0 limit=memlock:0 limit=sigpending:0 limit=nproc:0 limit=fsize:0 limit=cpu:1
	for limit in nofile:0 nofile:3 nofile:4 nofile:8; do refuses "limit=$limit"; done
	for limit in cpu:0 as:0 data:0 stack:0 as:1000000 as:20000000 data:4096; do refuses "limit=$limit"; done
	after
}

# A box that is opened under them is not worse off than its opener, or is not opened.
limits__of_nothing_do_not_make_half_a_box() {
	local limit
	before
	for limit in fsize:0 fsize:4096 nproc:0 nofile:20 nofile:60 nofile:70 nofile:100 as:60000000 sigpending:0 cpu:1 stack:200000; do
		refuses_entry "limit=$limit" -- "$nssh" -n -- echo in
		within 3000 as_before || fault "left after $limit: $(diff <(echo "$at_first") <(state))"
	done
	after
}

signals__of_a_caller_are_left_behind() {
	before
	works signals
	works pending
	works signals timers=1
	works signals timers=3000
	works children
	works_with children "$nssh" ada-1 -- echo in
	works_with signals "$nssh" ada-1 -- echo in
	works_with children "$helper" list -
	after
}

directory__and_umask_are_left_behind() {
	before
	works directory=deleted
	works directory=closed
	works umask=777
	works_with directory=deleted "$nssh" ada-1 -- echo in
	works_with directory=closed "$nssh" ada-1 -- echo in
	works_with umask=777 "$nssh" ada-1 -- echo in
	silently umask=777 wire -- "$helper" enter - '=' 0 true
	within 3000 as_before
	eq "$(find /run/nsbox /var/lib/nsbox -maxdepth 2 -type d -printf '%m\n' | sort -u | paste -sd' ')" '700 755' modes
	after
}

# PDEATHSIG, KEEPCAPS, DUMPABLE, TIMERSLACK, CHILD_SUBREAPER, MDWE, THP_DISABLE, and the last of everybody
attributes__of_a_process_are_no_trouble() {
	before
	works prctl=1:9
	works prctl=8:1 prctl=4:0 prctl=29:1 prctl=36:1 prctl=65:1 prctl=41:1
	works low
	works_with prctl=36:1 "$nssh" ada-1 -- echo in
	works_with low "$nssh" ada-1 -- echo in
	silently prctl=36:1 prctl=65:1 low wire -- "$helper" enter - '=' 0 true
	within 3000 as_before
	after
}

power__that_is_taken_away_is_named() {
	before
	says 'no_new_privs' nnp
	says 'did not become root' seccomp
	says 'traced' traced
	says 'did not become root' shared
	eq "$(as ada "$caller" nnp wire -- "$helper" enter - ada-1 0 id 2>/dev/null)" '' 'answers'
	matches "$(as ada "$caller" nnp -- "$nssh" ada-1 -- id 2>&1 | tail -n 1)" '^(nssh|nsbox-helper): .'
	after
}

power__is_in_one_file_only() {
	before
	cp "$helper" /tmp/copy
	matches "$(as ada /tmp/copy list - 2>&1)" "^nsbox-helper: nsbox-helper did not become root: .*4755"
	lacks "$(as ada ln "$helper" /tmp/hard 2>&1 && echo linked)" linked
	as ada ln -s "$helper" /tmp/soft
	matches "$(as ada /tmp/soft list -)" '^box=ada-1 '
	matches "$(as ada bash -c "exec 7<$helper; exec -a '' /proc/self/fd/7 list -")" '^box=ada-1 '
	rm /tmp/copy /tmp/soft
	after
}

# uid 0 of a namespace of the caller's own is nobody to the host.
power__is_not_had_in_a_namespace_of_the_caller_s() {
	local words said
	before
	for words in 'list -' 'list bob' 'gc -' 'open ada sshd -' 'net-down' 'tell 2000 1'; do
		# shellcheck disable=SC2086 # words that are several
		said=$(as ada unshare -Ur "$caller" wire -- "$helper" $words 2>&1 || true)
		one_line "$said" "unshare -Ur $words"
	done
	said=$(as ada unshare -Urm sh -c "mount --bind $helper /mnt; touch /tmp/m; mount --bind $helper /tmp/m; /tmp/m list -" 2>&1 | tail -n 1 || true)
	lacks "$said" '^box='
	as ada rm -f /tmp/m
	after
}
