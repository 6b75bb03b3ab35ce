# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the scripts beside it share. A machine is a directory of the store, SUITE/: pid (of its qemu), console (what it
# prints), agent.in and agent.out (commands, and what they answer: see exec), source/ and disk (what was built for it).
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
store=$(readlink -m "${NSBOX_VM_STORE:-$top/build/vm}")
# shellcheck disable=SC2034 # used by those beside it
suites=(trixie bookworm)

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# a name for what is made of what is read
digest() { sha256sum | cut -c1-12; }

# Those of earlier inputs: forget PATTERN KEEP...
forget() {
	local old
	for old in "$store"/$1; do
		[[ ! -e $old || " ${*:2} " = *" $old "* || $old = *.new.* ]] || rm -rf --one-file-system "$old"
	done
}

is_up() { [ -s "$store/$1/pid" ] && kill -0 "$(cat "$store/$1/pid")" 2>/dev/null; }
