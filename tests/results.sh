# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# How tests/run and tests/vm/run say what a test came to. They set pattern (part of the names wanted), deadline (of one
# test, in seconds) and output (a file: what the test printed).
# shellcheck disable=SC2034,SC2154
passed=0 failed=0 skipped=0 failures='' seconds=''

wanted() { [[ $1 = *"$pattern"* ]]; }

# result NAME STATUS [SECONDS]: 0 passed, 77 skipped, all else failed; the output is in $output
result() {
	local word=failed
	case $2 in
	0) word=passed ;;
	77) ! grep -q "^$1\b" tests/allowed-skips || word=skipped ;;
	esac
	printf -v "$word" %d $((${!word} + 1))
	[ "$word" = passed ] && echo "ok      $1$([ "${3:-0}" -lt 5 ] || echo " ($3 s)")" && return
	echo "$word $1$([ "$2" != 124 ] || echo " (no end after $deadline s)")$([ "$2" != 77 ] || echo " (a skip)")"
	tail -n 40 "$output" | sed 's/^/        /'
	[ "$word" != failed ] || failures+="  $1"$'\n'"$(tail -n 5 "$output" | cut -c 1-160 | sed 's/^/    /')"$'\n'
}

# first_try NAME: it has failed and gets another one, since times depend on what else a machine does. What it said is shown,
# and its name once more at the end: it is something to look into.
first_try() {
	echo "again   $1"
	tail -n 20 "$output" | sed 's/^/        /'
	seconds+="  $1"$'\n'
}

# The last that is printed: what failed, once more, for it may be far up by then; and the line that counts. Its status is
# that of the whole.
sum_up() {
	[ -z "$seconds" ] || printf 'What had a second try:\n%s' "$seconds"
	[ -z "$failures" ] || printf 'What failed, and the last it said:\n%s' "$failures"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}

# Many tests in one.
tap_once() { CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 "$((deadline * 3))" "$@" >"$output.tap" 2>&1 </dev/null; }

# A program with cmocka's TAP output: tap NAME CMD...
tap() {
	local name=$1 count=0 status=0 line
	shift
	wanted "$name" || return 0
	tap_once "$@" || status=$?
	# Terminals between busy processes: what a first try showed is something to look into.
	if [ "$status" != 0 ] && [ "$name" = tests/shell/run ]; then
		grep -B6 '^not ok' "$output.tap" >"$output"
		first_try "$name"
		status=0
		tap_once "$@" || status=$?
	fi
	cp "$output.tap" "$output"
	while IFS= read -r line; do
		case $line in
		'not ok '*) result "$name: ${line#*- }" 1 ;;
		'ok '*'# SKIP'*) result "$name: ${line#*- }" 77 ;;
		'ok '*) result "$name: ${line#*- }" 0 ;;
		*) continue ;;
		esac
		((++count))
	done <"$output.tap"
	# A program that died in the middle has planned more tests than it told of.
	if [ "$count" = 0 ] || ! grep -qE "^1\.\.0*$count\b" "$output.tap"; then
		result "$name (the program as a whole, status $status)" 1
	fi
}

# tests_of FILE: the names of the tests in it
tests_of() { sed -nE 's/^([A-Za-z0-9_]+__[A-Za-z0-9_]+)\(\).*/\1/p' "$1" | grep -v '_rebooted$'; }
