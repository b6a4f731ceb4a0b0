# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2034 # variables are for those who read this file
# What the benchmarks share: finding programs, starting tracers, waiting until they see something.

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
O=$(realpath -m "${O:-$bench_dir/../out}")
MOUNTSCOPE=${MOUNTSCOPE:-$O/mountscope}
TOOLS=${TOOLS:-$O/tests/tools}
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 4
}

usage()
{
	sed -n '/^# usage:/,/^$/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

bench_setup()
{
	((EUID == 0)) || die "needs root: mounting and tracing do"
	[[ -x $TOOLS/loop && -x $TOOLS/mountops ]] || die "no $TOOLS/loop: run 'make tests' first"
	work=$(mktemp -d)
	tracer_pid=
	trap bench_cleanup EXIT
	trap 'exit 130' INT TERM
}

bench_cleanup()
{
	[[ ! $tracer_pid ]] || kill -KILL "$tracer_pid" 2>/dev/null
	rm -rf "$work"
}

# Is this tracer here? "none" always is.
have_tracer()
{
	case $1 in
	none) return 0 ;;
	mountscope) [[ -x $MOUNTSCOPE ]] ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# What mountsnoop prints: process, call, its arguments and what it returned.
bpftrace_program='
tracepoint:syscalls:sys_enter_mount {
	@source[tid] = str(args->dev_name); @target[tid] = str(args->dir_name);
	@flags[tid] = args->flags;
}
tracepoint:syscalls:sys_exit_mount {
	printf("%s %d %d mount(\"%s\", \"%s\", 0x%x) = %d\n", comm, pid, tid, @source[tid],
	       @target[tid], @flags[tid], args->ret);
	delete(@source[tid]); delete(@target[tid]); delete(@flags[tid]);
}
tracepoint:syscalls:sys_enter_umount {
	@target[tid] = str(args->name); @flags[tid] = args->flags;
}
tracepoint:syscalls:sys_exit_umount {
	printf("%s %d %d umount(\"%s\", 0x%x) = %d\n", comm, pid, tid, @target[tid], @flags[tid],
	       args->ret);
	delete(@target[tid]); delete(@flags[tid]);
}'

# Runs a command where there is a tracefs, in a mount namespace of its own.
with_tracefs()
{
	exec unshare --mount --propagation private sh -c \
		'[ -e /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
		exec "$@"' sh "$@"
}

# exec_tracer NAME: becomes the tracer, as a user would start it. A shell starts what runs in the
# background with interrupts ignored, and they stop by one.
exec_tracer()
{
	local run=(env --default-signal=INT)

	case $1 in
	mountscope) exec "${run[@]}" "$MOUNTSCOPE" trace --color never ;;
	mountsnoop) with_tracefs "${run[@]}" mountsnoop ;;
	bpftrace) with_tracefs "${run[@]}" bpftrace -e "$bpftrace_program" ;;
	esac
}

# start_tracer NAME: output to $work/out, talk to $work/err; returns when it has shown something.
# Not all of them flush their output, so mount calls that fail are made until some comes.
start_tracer()
{
	local deadline=$((SECONDS + 60))

	tracer_pid=
	: >"$work/out"
	[[ $1 != none ]] || return 0
	exec_tracer "$1" >"$work/out" 2>"$work/err" &
	tracer_pid=$!
	until grep -q umount "$work/out"; do
		kill -0 "$tracer_pid" 2>/dev/null || die "$1 ended: $(tail -n 5 "$work/err")"
		((SECONDS < deadline)) || die "$1 shows nothing"
		"$TOOLS/mountops" repeat 50 try umount /bench-warm-up >/dev/null 2>&1
		sleep 0.05
	done
}

# Nanoseconds of CPU time that the tracer has used.
tracer_cpu_ns()
{
	local sum=0 ns file

	for file in /proc/"${tracer_pid:-none}"/task/*/schedstat; do
		if [[ -r $file ]]; then
			read -r ns _ <"$file"
			((sum += ns))
		fi
	done
	echo "$sum"
}

tracer_rss_kib()
{
	local kib

	kib=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${tracer_pid:-none}/status" 2>/dev/null)
	echo "${kib:-0}"
}

# Lets it finish what it has and print it.
stop_tracer()
{
	local deadline=$((SECONDS + 60)) size=-1 now

	[[ $tracer_pid ]] || return 0
	# Some end without a last look at their buffers.
	while now=$(stat -c %s "$work/out"); [[ $now != "$size" ]] && ((SECONDS < deadline)); do
		size=$now
		sleep 0.3
	done
	kill -INT "$tracer_pid"
	while kill -0 "$tracer_pid" 2>/dev/null && ((SECONDS < deadline)); do
		sleep 0.05
	done
	kill -KILL "$tracer_pid" 2>/dev/null
	wait "$tracer_pid" 2>/dev/null
	tracer_pid=
}
