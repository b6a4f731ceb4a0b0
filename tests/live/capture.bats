#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# A recording replays as the run was, anywhere, and a damaged one says so.

load lib

setup()
{
	need_root
}

record='
mkdir a b
mount --make-shared $W
"$ms" record "$T/capture" -- "$ops" comm recorded , spawn w , mount tmpfs one $W/a , bind $W/a $W/b , \
	fail ENOENT umount $W/none , in w umount $W/b lazy , umount $W/a >"$T/ops" 2>"$T/err"
replay()
{
	"$ms" trace --json --from "$T/capture" "$@"
}
'

@test "a replay shows the operations that were recorded" {
	private <<-SCRIPT
		$record
		replay >\$T/trace
		ops_agree
	SCRIPT
}

@test "a replay is the same at every time, in every namespace, for every user" {
	private <<-SCRIPT
		$record
		replay >\$T/first
		[[ -s \$T/first ]]
		replay >\$T/second
		cmp \$T/first \$T/second
		umount -l \$W
		unshare --mount --pid --fork --mount-proc "\$ms" trace --json --from "\$T/capture" >\$T/third
		cmp \$T/first \$T/third
		"\$ms" trace --json --from - <"\$T/capture" >\$T/fourth
		cmp \$T/first \$T/fourth
		chmod 755 "\$T" && chmod 644 \$T/capture
		setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "\$ms" trace --json --from - \
			<"\$T/capture" >\$T/fifth
		cmp \$T/first \$T/fifth
	SCRIPT
}

@test "a replay is what a trace of the same moment showed" {
	private <<-SCRIPT
		# The two see the same operations; times of their own and ids of their own apart.
		start_trace --json
		$record
		until_true 60 grep -q '"target":"'\$W'/none"' \$T/trace
		until_true 60 sh -c "jq -e 'select(.op == \"umount\" and .target == \"\$W/a\")' \$T/trace | grep -q ."
		stop_trace INT 0
		what='select(.type == "operation" and .comm == "recorded" and (.op | IN("mount", "bind", "umount"))) |
			[.comm, .pid, .op, .ret, .target, .ns]'
		jq -c "\$what" \$T/trace >\$T/live
		replay | jq -c "\$what" >\$T/later
		[[ -s \$T/live ]]
		same_lines \$T/later \$T/live
	SCRIPT
}

@test "a recording that was cut off replays up to the cut, and says so" {
	private <<-SCRIPT
		$record
		replay >\$T/whole
		size=\$(stat -c %s \$T/capture)
		for cut in 1 7 100 1000; do
			head -c \$((size - cut)) \$T/capture >\$T/cut
			"\$ms" trace --json --no-summary --from \$T/cut >\$T/part 2>\$T/err || true
			grep -qiE "cut|truncated" \$T/err
			head -n 1 \$T/part | cmp - <(head -n 1 \$T/whole)
		done
	SCRIPT
}

@test "what is no recording is refused with one clear error" {
	private <<-'SCRIPT'
		head -c 4096 /dev/urandom >$T/noise
		: >$T/empty
		echo "hello" >$T/text
		for file in $T/noise $T/empty $T/text; do
			fails 4 $ms trace --from $file >$T/out 2>$T/err
			same "$(wc -l <$T/err)" 1
			has "$(cat $T/err)" "$file"
			[[ ! -s $T/out ]]
		done
		fails 4 $ms trace --from $T/nowhere 2>$T/err
		has "$(cat $T/err)" "$T/nowhere"
	SCRIPT
}

@test "any byte that is wrong in a recording crashes nothing" {
	private <<-SCRIPT
		$record
		size=\$(stat -c %s \$T/capture)
		for ((i = 0; i < 200; i++)); do
			cp \$T/capture \$T/bad
			# The same places at every run.
			printf "\\\\x\$(printf %02x \$((i * 37 % 256)))" |
				dd of=\$T/bad bs=1 seek=\$((i * 7919 % size)) conv=notrunc status=none
			status=0
			timeout 20 "\$ms" trace --json --from \$T/bad >/dev/null 2>&1 || status=\$?
			((status <= 4)) || { echo "byte \$((i * 7919 % size)): exit status \$status" >&2; exit 1; }
		done
	SCRIPT
}

@test "a recording that fails leaves no file" {
	private <<-'SCRIPT'
		mount -t tmpfs -o size=4k small $W
		cd $W
		fails 4 $ms record $W/capture -- sh -c 'for i in $(seq 200); do umount /none; done' 2>$T/err || true
		[[ ! -e $W/capture ]]
		same "$(ls -A $W)" ""
	SCRIPT
}
