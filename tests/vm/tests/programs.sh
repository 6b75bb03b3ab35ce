# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The tests of one program at a time, with this release's libraries and kernel.

programs__pass_their_tests() {
	local program
	cd /srv/nsbox/src || return
	for program in build/gcc/tests/unit/test_* build/gcc/tests/pam/test-pam; do
		[[ -x $program && $program != *.[od] ]] || continue
		"./$program" >/tmp/said 2>&1 || fault "$program: $(grep -B 5 FAILED /tmp/said)"
	done
}
