# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the live tests share. A test is a script that runs in a mount namespace of its own, on this
# kernel, traced; the truth is what mountops says it did, and the kernel's own tables.
#
# In a script: W is an empty private tmpfs and the working directory, T a directory for files,
# $ops is mountops, $chaos is chaos, $ms is mountscope. A command that fails fails the test.

O=${O:-$BATS_TEST_DIRNAME/../../out}
O=$(realpath "$O")
ms=${MOUNTSCOPE:-$O/mountscope}
tools=${TOOLS:-$O/tests/tools}
ops=$tools/mountops
chaos=$tools/chaos
loop=$tools/loop
lib=${BATS_TEST_DIRNAME:-}/lib.bash
export O ms ops chaos loop lib

need_root()
{
	((EUID == 0)) || skip "needs root"
	unshare --mount --propagation private true 2>/dev/null ||
		skip "no mount namespaces can be made here"
	[[ -x $ms && -x $ops && -x $chaos ]] || { echo "build first: make tests" >&2; return 1; }
}

# Runs the script on stdin. Exit status 77 of it skips the test: this kernel lacks something.
private()
{
	T=$BATS_TEST_TMPDIR
	export T
	run unshare --mount --propagation private bash -c '
		set -euo pipefail
		. "$lib"
		trap leave EXIT
		W=$T/w
		mkdir -p "$W"
		mount -t tmpfs -o mode=755 work "$W"
		cd "$W"
		'"$(cat)"
	echo "$output"
	[[ $status -ne 77 ]] || skip "${output##*$'\n'}"
	((status == 0))
}

# ---- in scripts ---------------------------------------------------------------------------------

# What a script that failed left running would hold its output open, and the test with it.
leave()
{
	local running

	running=$(jobs -p)
	# shellcheck disable=SC2086 # a list
	[[ ! $running ]] || kill -KILL $running 2>/dev/null
}

fails()
{
	local want=$1 got=0

	shift
	"$@" || got=$?
	((got == want)) || { echo "exit status $got, want $want: $*" >&2; exit 1; }
}

same()
{
	[[ $1 == "$2" ]] || { printf 'got:\n%s\nwant:\n%s\n' "$1" "$2" >&2; exit 1; }
}

# same_lines FILE FILE: equal, or the difference
same_lines()
{
	diff -u --label got --label want "$1" "$2" >&2 || exit 1
}

has()
{
	[[ $1 == *"$2"* ]] || { printf 'no "%s" in:\n%s\n' "$2" "$1" >&2; exit 1; }
}

# until_true SECONDS COMMAND...: polls; the deadline only decides how long a failure takes.
until_true()
{
	local deadline=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < deadline)) || { echo "never came true: $*" >&2; exit 1; }
		sleep 0.05
	done
}

# traced [OPTION...] -- COMMAND...: JSON of all of it in $T/trace, what the command printed in $T/ops.
traced()
{
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	"$ms" trace --json "${options[@]}" -- sh -c 'out=$1; shift; exec "$@" >"$out"' sh "$T/ops" "$@" \
		>"$T/trace" 2>"$T/err" || { echo "exit status $?"; cat "$T/err" "$T/ops"; exit 1; } >&2
}

# did STEP...: traced mountops
did()
{
	traced -- "$ops" "$@"
}

# query JQ-ARGUMENT... FILTER: of what the processes of mountops did; others may be mounting, too.
query()
{
	local pids

	pids=$(sed -n 's/.*\<pid=\([0-9]*\) .*/\1/p' "$T/ops" | sort -u | paste -sd,)
	jq -r "${@:1:$#-1}" --argjson pids "[$pids]" "select(.type == \"operation\" and .ret != null and
		(.pid | IN(\$pids[]))) | ${*: -1}" "$T/trace"
}

# conduct: mountops in the background, which performs the steps that "say" gives it, until "finish".
conduct()
{
	mkfifo "$T/steps"
	"$ops" - <"$T/steps" >"$T/ops" &
	conducted=$!
	exec 9>"$T/steps"
	said=0
}

# say STEP [, STEP]...: returns when they are done
say()
{
	said=$((said + 1))
	printf '%s\n' "$*" "mkdir $T/said.$said" | sed 's/ , /\n/g' >&9
	until_true 60 test -d "$T/said.$said"
}

finish()
{
	exec 9>&-
	wait "$conducted"
}

# shows FILTER: is there an operation of mountops for which it is true? For until_true.
shows()
{
	[[ $(query "select($1) | 1" 2>/dev/null) ]]
}

# What mountops says it did: PID TID NS OP RET
done_ops()
{
	sed -n 's/^step=[0-9]* pid=\([0-9]*\) tid=\([0-9]*\) ns=\([0-9]*\) op=\([a-z_0-9]*\) call=[a-z_0-9]* ret=\(-\{0,1\}[0-9]*\) .*/\1 \2 \3 \4 \5/p' \
		"$T/ops"
}

# Every operation that mountops performed is in the trace, in its order, and no other.
ops_agree()
{
	done_ops >"$T/done"
	query '"\(.pid) \(.tid) \(.ns) \(.op) \(.ret)"' >"$T/shown"
	[[ -s $T/done ]] || { echo "mountops did nothing" >&2; exit 1; }
	same_lines "$T/shown" "$T/done"
}

# field N of the mountinfo line that mountops printed with mountpoint $1 (the last one if several)
mountinfo_field()
{
	awk -v at="$1" -v n="$2" '$1 == "mountinfo" && $8 == at { v = $(n + 3) } END { print v }' "$T/ops"
}

# Kind and id of each BPF object that a process holds.
bpf_ids()
{
	sed -n 's/^\(prog\|map\|link\)_id:[^0-9]*/\1 /p' /proc/"$1"/fdinfo/* 2>/dev/null | sort -u
}

# bpf_gone KIND ID
bpf_gone()
{
	! bpftool "$1" show id "$2" >/dev/null 2>&1
}

# start_trace [OPTION...]: in the background, output in $T/trace; returns when it follows. $pid
start_trace()
{
	# A shell starts what runs in the background with interrupts ignored.
	env --default-signal=INT "$ms" trace "$@" >"$T/trace" 2>"$T/err" 9>&- &
	pid=$!
	until_true 60 shows_ready
}

shows_ready()
{
	kill -0 "$pid" || { cat "$T/err" >&2; exit 1; }
	"$ops" fail ENOENT umount "/is-it-ready-$$" >/dev/null
	grep -q "is-it-ready-$$" "$T/trace"
}

# stop_trace SIGNAL STATUS
stop_trace()
{
	local got=0

	kill "-$1" "$pid" || { echo "trace has ended:" && cat "$T/err"; exit 1; } >&2
	wait "$pid" || got=$?
	same "$got" "$2"
}
