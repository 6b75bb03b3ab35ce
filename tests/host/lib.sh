# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the scripts beside it share. A run is a directory: root/ (the host's root), init (the number of its PID 1 on
# this machine), cgroups (its directories here, one a line), log.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
store=${NSBOX_HOST_STORE:-$top/build/host}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# TARGET FSTYPE NAME of every cgroup hierarchy mounted here; NAME is a v1 hierarchy's mount options.
hierarchies() {
	findmnt -rno TARGET,FSTYPE,FS-OPTIONS -t cgroup,cgroup2 | sed -E 's/ r[wo],?/ /'
}

# The run in use: the one named in the environment, else the latest.
current_run() {
	local run=${NSBOX_HOST:-}
	[ -n "$run" ] || run=$(find "$store/" -maxdepth 2 -path "*/run.*/init" -printf '%T@ %h\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
	[ -s "$run/init" ] || die "no disposable host is up; tests/host/up starts one"
	echo "$run"
}
