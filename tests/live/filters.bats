#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Each filter shows what it says and nothing else.

load lib

setup()
{
	need_root
}

# The same work under any filter; shown OPTIONS...: the operations that came through.
work='
mkdir a b
mount --make-shared $W
shown()
{
	traced "$@" -- "$ops" mount tmpfs one $W/a , bind $W/a $W/b , fail ENOENT umount $W/none , \
		fork , comm other , umount $W/b , umount $W/a
	query .op | paste -sd" "
}
'

@test "without a filter all are shown" {
	private <<-SCRIPT
		$work
		same "\$(shown)" "mount bind umount umount umount"
	SCRIPT
}

@test "by operation" {
	private <<-SCRIPT
		$work
		same "\$(shown --op bind)" "bind"
		same "\$(shown --op bind,mount)" "mount bind"
	SCRIPT
}

@test "by result, command and path" {
	private <<-SCRIPT
		$work
		same "\$(shown --failed)" "umount"
		same "\$(shown --comm other)" "umount umount"
		same "\$(shown --comm 'mount*')" "mount bind umount"
		same "\$(shown --path \$W/b)" "bind umount"
		same "\$(shown --path '*/none')" "umount"
	SCRIPT
}

@test "by filesystem type" {
	private <<-SCRIPT
		$work
		same "\$(shown --fstype tmpfs --op mount)" "mount"
		same "\$(shown --fstype ext4)" ""
	SCRIPT
}

@test "by fan-out" {
	private <<-'SCRIPT'
		mkdir d
		mount --make-shared $W
		traced --min-fanout 4 -- $ops repeat 5 bind $W/d $W/d
		same "$(query .effects_total | paste -sd' ')" "4 8 16"
	SCRIPT
}

@test "by namespace of the actor" {
	private <<-'SCRIPT'
		mkdir a
		own=$(stat -Lc %i /proc/self/ns/mnt)
		traced --actor-ns self -- $ops mount tmpfs one a , spawn w , in w mount tmpfs two a
		same "$(query 'select(.op == "mount") | .source' | paste -sd' ')" one
		traced --actor-ns $own -- $ops umount a
		same "$(query '.op' | paste -sd' ')" umount
	SCRIPT
}

@test "a count ends trace after that many operations" {
	private <<-'SCRIPT'
		$ms trace --json --no-summary --count 3 -- sh -c "sleep 0.2; $ops try repeat 10 umount $W >$T/ops; exec sleep 60" \
			>$T/trace 2>$T/err
		same "$(jq -r 'select(.type == "operation") | .op' $T/trace | wc -l)" 3
	SCRIPT
}

@test "a duration ends trace by itself" {
	private <<-'SCRIPT'
		fails 0 timeout 60 $ms trace --duration 300ms >$T/out 2>$T/err
	SCRIPT
}

@test "columns are those asked for, in their order" {
	private <<-'SCRIPT'
		mkdir a
		$ms trace -o OP,RESULT,TARGET --no-summary -- sh -c "$ops comm chosen , bind $W/a $W/a >/dev/null" >$T/out 2>$T/err
		same "$(head -n 1 $T/out | xargs)" "OP RESULT TARGET"
		grep -qE "^bind +ok +$W/a *$" $T/out
	SCRIPT
}
