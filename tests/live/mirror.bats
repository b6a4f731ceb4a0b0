#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The mirror equals what the kernel says of every namespace, whatever has happened.
# MS_TEST_FULL=1 runs 20 times as many random operations; SEED=N runs that one only.

load lib

setup()
{
	need_root
}

# The chaos of one seed: its namespaces live until verify has compared them.
chaos_script='
chaos_is_mirrored()
{
	local seed=$1 status=0

	shift
	rm -f "$T/end"
	mkfifo "$T/end"
	"$ms" verify -- "$chaos" --seed "$seed" --keep-alive "$T/end" "$@" >"$T/out" 2>&1 || status=$?
	: >"$T/end"
	if ((status)); then
		echo "seed $seed: exit status $status" >&2
		grep -vE "^(kind|namespace)" "$T/out" | tail -n 40 >&2
		exit 1
	fi
	same "$(grep -c "^seed=$seed ops=" "$T/out")" 1
}
'

@test "verify is content when nothing happens" {
	private <<-'SCRIPT'
		$ms verify -- true
	SCRIPT
}

@test "the mirror is exact after scripted operations in several namespaces" {
	private <<-'SCRIPT'
		mkdir a b c
		mount --make-shared $W
		mkfifo $T/hold
		$ms verify -- $ops spawn one , spawn two , mount tmpfs t $W/a , in one mount tmpfs u $W/a , \
			in two make $W slave , rbind $W/a $W/b , in two bind $W/a $W/c , move_mount $W/b $W/c , \
			mount_setattr $W/c ro , in one umount $W/a lazy >$T/out 2>&1 || { cat $T/out; exit 1; }
	SCRIPT
}

@test "the mirror is exact after 5,000 random operations over several namespaces" {
	private <<-SCRIPT
		$chaos_script
		for seed in \${SEED:-1 2 3 4 5}; do
			chaos_is_mirrored \$seed --ops 1000
		done
	SCRIPT
}

@test "the mirror is exact after 100,000 random operations" {
	[[ ${MS_TEST_FULL:-} ]] || skip "long: MS_TEST_FULL=1"
	private <<-SCRIPT
		$chaos_script
		for seed in \${SEED:-\$(seq 100 119)}; do
			chaos_is_mirrored \$seed --ops 5000
		done
	SCRIPT
}

@test "the mirror is exact after random operations of many processes at once" {
	private <<-SCRIPT
		$chaos_script
		for seed in \${SEED:-1 2 3}; do
			chaos_is_mirrored \$seed --ops 2000 --parallel
		done
	SCRIPT
}

@test "the mirror is exact after hundreds of namespaces have come and gone" {
	private <<-'SCRIPT'
		mkdir a
		mount --make-shared $W
		$ms verify -- bash -c '
			for i in {1..200}; do
				unshare --mount --propagation unchanged mount -t tmpfs none a
			done' >$T/out 2>&1 || { cat $T/out; exit 1; }
	SCRIPT
}

@test "the mirror is exact after the doubling and a lazy umount of it all" {
	private <<-'SCRIPT'
		mkdir d
		mount --make-shared $W
		$ms verify -- $ops repeat 9 bind $W/d $W/d >$T/out 2>&1 || { cat $T/out; exit 1; }
		same "$(grep -c " $W/d " /proc/self/mountinfo)" 511
		$ms verify -- sh -c "while umount -l $W/d 2>/dev/null; do :; done" >$T/out 2>&1 ||
			{ cat $T/out; exit 1; }
		same "$(grep -c " $W/d " /proc/self/mountinfo)" 0
	SCRIPT
}

@test "verify says what differs as JSON, with a summary" {
	private <<-'SCRIPT'
		$ms verify --json -- true >$T/out
		jq -es 'last | has("differences") or .type == "summary"' $T/out
	SCRIPT
}

@test "verify fails when the command fails to start" {
	private <<-'SCRIPT'
		fails 4 $ms verify -- /no/such/command 2>$T/err
		has "$(cat $T/err)" /no/such/command
	SCRIPT
}

@test "a recording verifies as exactly as the run it was made from" {
	private <<-'SCRIPT'
		mkdir a
		mkfifo $T/end
		$ms record $T/capture -- $chaos --seed 11 --ops 500 --keep-alive $T/end >$T/out 2>&1
		: >$T/end
		fails 0 $ms verify --from $T/capture
	SCRIPT
}
