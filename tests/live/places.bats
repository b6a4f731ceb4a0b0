#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Bad input and bad places get a clear message and the right exit status, and nothing stays behind.

load lib

setup()
{
	need_root
}

# One line on stderr that names the program.
one_error='
one_error()
{
	local want=$1 got=0

	shift
	"$@" >"$T/out" 2>"$T/err" || got=$?
	same "$got: $(head -c 500 "$T/err")" "$want: $(head -c 500 "$T/err")"
	[[ ! -s $T/out ]] || { echo "data on stdout:"; head "$T/out"; exit 1; }
	grep -q "^mountscope" "$T/err"
}
'

@test "an interrupt ends trace with its summary and status 0" {
	private <<-'SCRIPT'
		for signal in INT TERM; do
			start_trace
			stop_trace $signal 0
			grep -q "^[0-9].* operation" $T/err
		done
	SCRIPT
}

@test "trace leaves no BPF object, mount, file or process behind" {
	private <<-'SCRIPT'
		table=$(cat /proc/self/mountinfo)
		start_trace
		bpf_ids $pid >$T/ids
		grep -q '^prog ' $T/ids
		grep -q '^map ' $T/ids
		grep -q '^link ' $T/ids
		stop_trace INT 0
		# The kernel frees them when it can.
		while read -r kind id; do
			until_true 60 bpf_gone $kind $id
		done <$T/ids
		same "$(cat /proc/self/mountinfo)" "$table"
		! pgrep --parent $$ mountscope
		same "$(ls -A $W)" ""
	SCRIPT
}

@test "trace that is killed leaves nothing attached" {
	private <<-'SCRIPT'
		start_trace
		bpf_ids $pid >$T/ids
		[[ -s $T/ids ]]
		stop_trace KILL 137
		while read -r kind id; do
			until_true 60 bpf_gone $kind $id
		done <$T/ids
	SCRIPT
}

@test "trace does not keep a namespace alive that nobody else holds" {
	private <<-'SCRIPT'
		start_trace
		$ops spawn w , kill w >$T/ops
		ns=$(sed -n 's/^newns .*ns=//p' $T/ops)
		# A mount in a namespace that is kept would keep this busy.
		[[ $ns ]]
		mkdir a
		mount --make-shared $W
		mount -t tmpfs one a
		unshare --mount --propagation unchanged true
		until_true 60 umount a
		stop_trace INT 0
	SCRIPT
}

@test "a reader that goes away ends trace quietly" {
	private <<-'SCRIPT'
		set +o pipefail
		{ status=0; $ms trace --duration 60s 2>$T/err || status=$?; echo $status >$T/status; } | head -n 1 >$T/out &
		until_true 60 sh -c "$ops try umount /none >/dev/null; test -s $T/status"
		wait
		same "$(cat $T/status)" 0
		! grep -i "error\|cannot write" $T/err
	SCRIPT
}

@test "a full standard output is an error" {
	private <<-'SCRIPT'
		got=0
		$ms trace -- sh -c "for i in \$(seq 50); do $ops try umount /none >/dev/null; done" \
			>/dev/full 2>$T/err || got=$?
		same $got 4
		has "$(cat $T/err)" "No space left"
	SCRIPT
}

@test "who is not root is told so: status 3" {
	private <<-SCRIPT
		$one_error
		chmod 755 "\$T"
		cp "\$ms" \$T/mountscope
		for command in trace verify "record \$T/x"; do
			one_error 3 setpriv --reuid=65534 --regid=65534 --clear-groups \$T/mountscope \$command
		done
	SCRIPT
}

@test "root without the capabilities is told so: status 3" {
	private <<-SCRIPT
		$one_error
		one_error 3 setpriv --bounding-set=-all --inh-caps=-all "\$ms" trace
		one_error 3 capsh --drop=cap_sys_admin,cap_bpf,cap_perfmon -- -c '"\$ms" trace'
	SCRIPT
}

@test "an unknown command, option, column or filter is a usage error: status 2" {
	private <<-SCRIPT
		$one_error
		one_error 2 "\$ms" frobnicate
		one_error 2 "\$ms" trace --frobnicate
		one_error 2 "\$ms" trace -o NOSUCHCOLUMN
		has "\$(cat \$T/err)" NOSUCHCOLUMN
		one_error 2 "\$ms" trace -o TIME,,OP
		one_error 2 "\$ms" trace --op frobnicate
		one_error 2 "\$ms" trace --cause frobnicate
		one_error 2 "\$ms" trace --pid x
		one_error 2 "\$ms" trace --min-latency 5parsecs
		one_error 2 "\$ms" trace --duration -1
		one_error 2 "\$ms" trace --count many
		one_error 2 "\$ms" trace --backend magic
		one_error 2 "\$ms" trace --ns nonsense
		one_error 2 "\$ms" trace --color sometimes
		one_error 2 "\$ms" record
	SCRIPT
}

@test "a backend that this kernel does not permit is refused: status 3" {
	private <<-SCRIPT
		$one_error
		"\$ms" probe >\$T/probe
		! grep -q "^backend: fentry" \$T/probe || { echo "fentry works here"; exit 77; }
		one_error 3 "\$ms" trace --backend fentry
		has "\$(cat \$T/err)" fentry
	SCRIPT
}

@test "a namespace filter that nothing matches says so" {
	private <<-SCRIPT
		$one_error
		got=0
		"\$ms" trace --ns 1 --duration 100ms >\$T/out 2>\$T/err || got=\$?
		((got == 2 || got == 3))
		has "\$(cat \$T/err)" 1
	SCRIPT
}

@test "colour only goes to a terminal" {
	private <<-'SCRIPT'
		esc=$(printf '\033')
		$ms trace -- $ops fail ENOENT umount /none >$T/out 2>&1
		! grep -q "$esc" $T/out
		TERM=xterm script -qec "$ms trace -- $ops fail ENOENT umount /none" /dev/null >$T/tty
		grep -q "$esc" $T/tty
		NO_COLOR=1 TERM=xterm script -qec "$ms trace -- $ops fail ENOENT umount /none" /dev/null >$T/tty
		! grep -q "$esc" $T/tty
	SCRIPT
}

@test "the exit status of trace is its own, not that of the command" {
	private <<-'SCRIPT'
		fails 0 $ms trace -- false >/dev/null 2>&1
	SCRIPT
}
