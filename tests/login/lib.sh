# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What login tests share. They run as root inside the disposable host or a virtual machine, which answers to the name
# `host` on port 2222 with the key in root's ~/.ssh; `ssh ada@host` is all it takes. See tests/host/populate for who is
# who.
# shellcheck disable=SC2034 # used by the tests
# A test is a function named subject__behaviour; it passes when it returns 0.

conf=/etc/nsbox.conf
helper=/usr/local/libexec/nsbox/nsbox-helper
# shellcheck source=tests/host/place.sh
. "${NSBOX_PLACE:-../host/place.sh}"
all_namespaces='user mnt pid uts ipc net cgroup'

# --- saying what went wrong -------------------------------------------------------------------------------

fault() {
	echo "  $*" >&2
	return 1
}

skip() {
	echo "skipped: $*"
	exit 77
}

# eq GOT WANTED [WHAT]
eq() { [ "$1" = "$2" ] || fault "${3:-result} is '$1', not '$2'"; }
differs() { [ "$1" != "$2" ] || fault "${3:-both} are '$1'"; }
# matches TEXT REGEX [WHAT]
matches() { [[ $1 =~ $2 ]] || fault "${3:-text} is '$1', without '$2'"; }
lacks() { ! [[ $1 =~ $2 ]] || fault "${3:-text} is '$1', with '$2'"; }
# status WANTED CMD...: the command ends with this exit status
status() {
	local wanted=$1 got=0
	shift
	"$@" || got=$?
	eq "$got" "$wanted" "exit status of '$*'"
}
# fails CMD...
fails() { ! "$@" || fault "'$*' did not fail"; }

# within MILLISECONDS CMD...: CMD is tried until it succeeds
within() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000 * slowness))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# took_less SECONDS CMD...: whatever the command answers, it does so in time
took_less() {
	local start=$SECONDS limit=$(($1 * slowness))
	shift
	"$@" || true
	[ $((SECONDS - start)) -le "$limit" ] || fault "'$*' took $((SECONDS - start)) s, more than $limit"
}

# --- configuration and servers ----------------------------------------------------------------------------

# The lines given are the whole [default] section, or a whole file if they start with one.
configure() {
	if [[ ${1:-} = \[* ]]; then
		printf '%s\n' "$@" >"$conf"
	else
		printf '%s\n' '[default]' "$@" >"$conf"
	fi
}

# serve PORT LINE...: another sshd, stock but for the lines given, which win over the stock file's.
serve() {
	local port=$1 file=/etc/ssh/sshd_config.$1 lines stock='/^(Include|Port)/d'
	shift
	lines=$(printf '%s\n' "$@")
	[[ $lines != *Subsystem* ]] || stock='/^(Include|Port|Subsystem)/d'
	{
		echo "Port $port"
		sed '/^Match/,$d' <<<"$lines"
		sed -E "$stock" /etc/ssh/sshd_config.d/tests.conf /etc/ssh/sshd_config
		sed -n '/^Match/,$p' <<<"$lines"
	} >"$file"
	/usr/sbin/sshd -D -e -f "$file" 2>"/var/log/sshd.$port" &
	within 5000 nc -z 127.0.0.1 "$port" || fault "sshd on port $port: $(cat "/var/log/sshd.$port")"
}

# What a command in a box waits with for a server that it has started: until_listening PORT
until_listening() { echo "until ss -Hltn | grep -q ':$1 '; do sleep 0.05; done"; }

# In front of a command that would work as well outside: in_box; CMD
in_box='test -e /run/nsbox/name || exit 99'

# --- sessions and boxes -----------------------------------------------------------------------------------

declare -gA client=() say=() hear=()

# log_in NAME USER [SSH-OPTION...]: a session that stays and takes commands. client[NAME] is the pid of its ssh.
log_in() {
	local name=$1 user=$2 pipes to from
	shift 2
	pipes=$(mktemp -d)
	mkfifo "$pipes/in" "$pipes/out"
	# On a terminal the shell is kept from echoing and prompting.
	without_sessions ssh "$@" "$user@host" 'stty -echo -onlcr 2>/dev/null; echo "-- end --"; exec bash 2>/dev/null' <"$pipes/in" >"$pipes/out" 2>"/tmp/session.$name" &
	client[$name]=$!
	exec {to}>"$pipes/in" {from}<"$pipes/out"
	say[$name]=$to hear[$name]=$from
	rm -r "$pipes"
	heard "$name" >/dev/null
	eq "$(in_session "$name" 'echo here')" here "$user's session: $(cat "/tmp/session.$name")"
}

# A client that held the pipes of another session would keep it from ending.
without_sessions() {
	local fd
	for fd in "${say[@]}" "${hear[@]}"; do exec {fd}>&-; done
	exec "$@"
}

# in_session NAME CMD: what the command prints, errors included
in_session() {
	printf '{ %s\n} 2>&1 </dev/null; printf "\n-- end --\n"\n' "$2" >&"${say[$1]}"
	heard "$1" | sed '${/^$/d}'
}
heard() {
	local line
	while IFS= read -r -t $((30 * slowness)) line <&"${hear[$1]}"; do
		[ "$line" != '-- end --' ] || return 0
		printf '%s\n' "$line"
	done
}

# log_out NAME: as a user does; hang_up NAME: the client is killed
log_out() {
	local fd=${say[$1]}
	exec {fd}>&-
	wait "${client[$1]}" || true
}
hang_up() {
	kill -KILL "${client[$1]}"
	wait "${client[$1]}" || true
}

box_of() {
	local name
	name=$(in_session "$1" 'cat /run/nsbox/name')
	matches "$name" '^[a-z0-9]+-[0-9]+$' "box of session $1"
	echo "$name"
}
uid_of() { id -u "${1%-*}"; }
# The pid of a box's init on the host.
init_of() {
	local pid
	for pid in $(pgrep -x nsbox-init); do
		[ "$(cat "/proc/$pid/root/run/nsbox/name" 2>/dev/null)" != "$1" ] || { echo "$pid"; return; }
	done
	return 1
}
# Where a box keeps files on the host: record and cgroups.
record_of() { echo "/run/nsbox/$(uid_of "$1")/${1##*-}"; }
cgroups_of() {
	local below
	below=$(uid_of "$1")/${1##*-}
	find /sys/fs/cgroup \( -path "*/nsbox/$below" -o -path "*/nsbox.service/$below" \) -prune 2>/dev/null
}
# seven PID: the namespaces of a process, one a line
seven() {
	local name
	for name in $all_namespaces; do readlink "/proc/$1/ns/$name"; done
}
# inhabitants NAMESPACE...: what processes of the host are in one of them
inhabitants() { find /proc/[0-9]*/ns -type l -printf '%p %l\n' 2>/dev/null | grep -wF "$(printf '%s\n' "$@")" || true; }

# --- as a user on the host, outside of any box ------------------------------------------------------------

# as USER CMD...
as() {
	local user=$1 home
	shift
	home=$(getent passwd "$user" | cut -d: -f6)
	setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups \
		env -C "$home" USER="$user" LOGNAME="$user" HOME="$home" SHELL=/bin/bash "$@"
}

is_gone() { [ ! -e "$(record_of "$1")" ] && [ -z "$(cgroups_of "$1")" ] && ! init_of "$1" >/dev/null; }
# wait_gone BOX [MILLISECONDS]: nothing of it is left; that takes a second at most, on a machine that has nothing else to do
wait_gone() {
	within "${2:-3000}" is_gone "$1" ||
		fault "left of $1: $(ls "$(record_of "$1")" 2>/dev/null) $(cgroups_of "$1") init: $(init_of "$1")"
}

# The root process of sshd that serves a user's session, and the one that became the user.
monitors_of() { pgrep -f "^sshd[-a-z]*: $1 \\[priv\\]"; }
children_of() { pgrep -f "^sshd[-a-z]*: $1(@.*)?\$"; }

# --- starting clean ---------------------------------------------------------------------------------------

kill_all() { for pid in "$@"; do kill -KILL "$pid" 2>/dev/null || true; done; }
# All processes of ours but nsbox-keep, which is the service's.
no_boxes() { ! pgrep '^nsbox-[^k]' >/dev/null; }

# What a test may change and the next one finds as it was.
restore() {
	rsync -aR --delete --exclude /etc/mtab /srv/nsbox/kept/./{etc,home,usr/local/libexec/nsbox} /
}

# The network of boxes as it was when the host came up. Boxes that were killed with their sweepers have left claims, and ports
# that lead to them; the interfaces of dead namespaces take a moment to go.
restore_network() {
	local stale link
	stale=$(find /run/nsbox/net -name '[0-9]*' -print -delete 2>/dev/null || true)
	while read -r link; do ip link del "$link" 2>/dev/null || true; done \
		< <(ip -o link | sed -nE 's/^[0-9]+: (nsbox-[0-9]+|uplink[^@:]*)[@:].*/\1/p')
	rm -rf /run/systemd/resolve
	[ -n "$stale" ] || [ "$(/srv/nsbox/host/network)" != "$(cat /srv/nsbox/network.up)" ] || return 0
	nssh --net-down
	sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
	nssh --net-up
}

# Ends what the test before left, servers and clients first so that boxes can go by themselves.
fresh() {
	in_place || { echo 'this is not a place for tests' >&2; exit 2; }
	# shellcheck disable=SC2046 # pids
	kill_all $(servers_and_clients)
	within 1500 no_boxes || true
	# shellcheck disable=SC2046
	kill_all $(strangers)
	within 1000 no_boxes || true
	find /sys/fs/cgroup -mindepth 2 -depth -regex '.*/nsbox\(\.service\)?/[0-9].*' -type d -exec rmdir {} + 2>/dev/null || true
	new_mounts | sort -r | xargs -r umount -l
	find /run/nsbox -mindepth 1 -maxdepth 1 ! -name cgroup ! -name net -exec rm -rf {} + 2>/dev/null || true
	find /tmp -mindepth 1 -maxdepth 1 ! -name 'systemd-private-*' -exec rm -rf {} +
	rm -rf /var/lib/nsbox
	restore
	restore_network
	settle
}
