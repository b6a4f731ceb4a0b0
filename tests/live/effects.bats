#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Effects are what the kernel's own tables show: the mounts, their namespaces, and what caused them.

load lib

setup()
{
	need_root
}

@test "a new mount has the ids, root, device, type and source of mountinfo" {
	private <<-'SCRIPT'
		mkdir -p a/sub b c
		did mount tmpfs 'some source' $W/a , mkdir $W/a/sub , bind $W/a/sub $W/b , rbind $W/a $W/c , \
			mountinfo $W
		ops_agree
		for at in $W/a $W/b $W/c; do
			for f in "1 .mount_id" "2 .parent_id" "3 .device" "4 .root"; do
				same "$(query --arg at $at ".effects[] | select(.path == \$at) | ${f#* }")" \
					"$(mountinfo_field $at ${f%% *})"
			done
		done
		same "$(query '.effects[] | [.kind, .cause, .fstype, .source] | @csv' | sort -u)" \
			'"attach","direct","tmpfs","some source"'
	SCRIPT
}

@test "the namespace of an effect is the inode number of the namespace file" {
	private <<-'SCRIPT'
		conduct
		say spawn w
		start_trace --json
		say in w mount tmpfs none $W , mount tmpfs none $W
		own=$(stat -Lc %i /proc/self/ns/mnt)
		other=$(sed -n 's/^newns .*ns=//p' $T/ops)
		[[ $own != "$other" ]]
		until_true 60 shows ".op == \"mount\" and .ns == $own"
		same "$(query 'select(.op == "mount") | .effects[].ns' | paste -sd' ')" "$other $own"
		finish
		stop_trace INT 0
	SCRIPT
}

# Three namespaces with the same shared tree, and a trace of what happens next.
three='
three_namespaces()
{
	mkdir a b
	mount --make-shared $W
	conduct
	say spawn w1 , spawn w2
	start_trace --json
	own=$(stat -Lc %i /proc/self/ns/mnt)
}

# NS MOUNT_ID of what the kernel has at $1 in each of them
tables()
{
	say mountinfo $1 , in w1 mountinfo $1 , in w2 mountinfo $1
	sed -n "s|^mountinfo pid=[0-9]* ns=\([0-9]*\) \([0-9]*\) [^ ]* [^ ]* [^ ]* $1 .*|\1 \2|p" $T/ops | sort
}
'

@test "a mount in a shared tree appears in all three namespaces, each copy linked to the original" {
	private <<-SCRIPT
		$three
		three_namespaces
		say mount tmpfs one \$W/a
		tables \$W/a >\$T/want
		same "\$(wc -l <\$T/want)" 3
		until_true 60 shows '.op == "mount"'
		query 'select(.op == "mount") | .effects[] | "\(.ns) \(.mount_id)"' | sort >\$T/got
		same_lines \$T/got \$T/want
		original=\$(sed -n "s/^\$own //p" \$T/want)
		same "\$(query --argjson own \$own 'select(.op == "mount") | .effects[] |
			"\(.ns == \$own) \(.cause) \(.origin_id)"' | sort | uniq -c | sed 's/^ *//')" \
			"2 false propagated \$original
		1 true direct null"
		finish
		stop_trace INT 0
	SCRIPT
}

@test "a slave receives and sends nothing" {
	private <<-SCRIPT
		$three
		three_namespaces
		say in w1 make \$W slave , in w2 make \$W private , mount tmpfs down \$W/a , \
			in w1 mount tmpfs up \$W/b
		until_true 60 shows '.source == "up"'
		same "\$(query 'select(.op == "mount") | .effects | length' | paste -sd' ')" "2 1"
		tables \$W/a | grep -v "^\$own " >\$T/want
		query 'select(.source == "down") | .effects[] | select(.cause == "propagated") |
			"\(.ns) \(.mount_id)"' >\$T/got
		same_lines \$T/got \$T/want
		finish
		stop_trace INT 0
	SCRIPT
}

@test "an umount that propagates is shown in every namespace it reaches" {
	private <<-SCRIPT
		$three
		three_namespaces
		say mount tmpfs one \$W/a
		tables \$W/a >\$T/came
		same "\$(wc -l <\$T/came)" 3
		say umount \$W/a
		until_true 60 shows '.op == "umount"'
		query 'select(.op == "umount") | .effects[] | select(.kind == "detach") |
			"\(.ns) \(.mount_id)"' | sort >\$T/went
		same_lines \$T/went \$T/came
		finish
		stop_trace INT 0
	SCRIPT
}

@test "a namespace made while tracing is followed as soon as it is shown" {
	private <<-'SCRIPT'
		mkdir a
		mount --make-shared $W
		start_trace --json
		conduct
		say spawn w
		until_true 60 shows '.op == "clone"'
		say mount tmpfs one $W/a
		until_true 60 shows '.op == "mount"'
		same "$(query 'select(.op == "mount") | .effects[].ns' | sort | paste -sd' ')" \
			"$({ stat -Lc %i /proc/self/ns/mnt; sed -n 's/^newns .*ns=//p' $T/ops; } | sort | paste -sd' ')"
		finish
		stop_trace INT 0
	SCRIPT
}

@test "a lazy umount takes the whole tree, mount by mount" {
	private <<-'SCRIPT'
		mkdir a
		did mount tmpfs one a , mkdir a/b , mount tmpfs two a/b , mkdir a/b/c , mount tmpfs three a/b/c , \
			mkdir a/d , bind a/b a/d , umount a lazy
		query '.effects[] | select(.kind == "attach") | .mount_id' | sort >$T/came
		query 'select(.op == "umount") | .effects[] | select(.kind == "detach") | .mount_id' |
			sort >$T/went
		same "$(wc -l <$T/came)" 4
		same_lines $T/went $T/came
	SCRIPT
}

@test "a recursive bind copies all but what is unbindable" {
	private <<-'SCRIPT'
		mkdir a b
		did mount tmpfs one $W/a , mkdir $W/a/x , mkdir $W/a/y , mount tmpfs two $W/a/x , \
			mount tmpfs three $W/a/y , make $W/a/y unbindable , rbind $W/a $W/b , mountinfo $W/b
		sed -n 's/^mountinfo pid=[0-9]* ns=[0-9]* \([0-9]*\) .*/\1/p' $T/ops | sort >$T/want
		same "$(wc -l <$T/want)" 2
		query 'select(.op == "rbind") | .effects[].mount_id' | sort >$T/got
		same_lines $T/got $T/want
	SCRIPT
}

@test "a move keeps the mount and changes its place" {
	private <<-'SCRIPT'
		mkdir a b
		did mount tmpfs one $W/a , move $W/a $W/b , mountinfo $W/b
		id=$(mountinfo_field $W/b 1)
		same "$(query 'select(.op == "move") | .effects[] | "\(.kind) \(.mount_id) \(.path)"')" \
			"move $id $W/b"
		same "$(query 'select(.op == "mount") | .effects[].mount_id')" "$id"
	SCRIPT
}

@test "a detached tree has no effects until it is attached" {
	private <<-'SCRIPT'
		mkdir a b
		did mount tmpfs one $W/a , mkdir $W/a/x , mount tmpfs two $W/a/x , open_tree @t $W/a clone rec , \
			open_tree @u $W/a clone rec , close @u , move_mount @t $W/b , mountinfo $W/b
		same "$(query 'select(.op == "open_tree") | .effects_total' | paste -sd' ')" "0 0"
		same "$(query 'select(.op == "move_mount") | .effects[].path' | sort | paste -sd' ')" \
			"$W/b $W/b/x"
	SCRIPT
}

@test "removing a directory unmounts what another namespace has on it" {
	private <<-'SCRIPT'
		mkdir a
		conduct
		say spawn w
		start_trace --json
		say in w bind $W/a $W/a , in w mountinfo $W/a
		until_true 60 shows '.op == "bind"'
		say rmdir $W/a , in w mountinfo $W/a
		same "$(grep -c ^mountinfo $T/ops)" 1
		made=$(sed -n 's/^newns .*ns=//p' $T/ops)
		gone="select(.type == \"operation\") | .effects[] | select(.kind == \"detach\" and
			.ns == $made and .mount_id == $(mountinfo_field $W/a 1)) | 1"
		until_true 60 sh -c 'jq -e "$1" "$2" 2>/dev/null | grep -q 1' sh "$gone" $T/trace
		finish
		stop_trace INT 0
	SCRIPT
}

@test "on a shared root each self-bind doubles the mounts: 1, 3, 7, 15, 31" {
	private <<-'SCRIPT'
		mkdir d
		mount --make-shared $W
		did repeat 5 bind $W/d $W/d , mountinfo $W/d
		ops_agree
		same "$(query .effects_total | paste -sd' ')" "1 2 4 8 16"
		same "$(query '.mounts_after - .mounts_before' | paste -sd' ')" "1 2 4 8 16"
		query '.effects[].mount_id' | sort >$T/got
		sed -n 's/^mountinfo pid=[0-9]* ns=[0-9]* \([0-9]*\) .*/\1/p' $T/ops | sort >$T/want
		same "$(wc -l <$T/want)" 31
		same_lines $T/got $T/want
	SCRIPT
}

@test "of the doubling, each operation has one mount of its own and its copies name that" {
	private <<-'SCRIPT'
		mkdir d
		mount --make-shared $W
		did repeat 5 bind $W/d $W/d
		same "$(query '[.effects[] | select(.cause == "direct")] | length' | paste -sd' ')" "1 1 1 1 1"
		same "$(query '(.effects[] | select(.cause == "direct") | .mount_id) as $own |
			[.effects[] | select(.cause == "propagated" and .origin_id == $own)] | length' |
			paste -sd' ')" "0 1 3 7 15"
	SCRIPT
}

@test "on a private root it is 1, 2, 4, 8, 16" {
	private <<-'SCRIPT'
		mkdir d
		did bind $W/d $W/d , make $W/d shared , repeat 4 bind $W/d $W/d , mountinfo $W/d
		ops_agree
		same "$(query 'select(.op == "bind") | .effects_total' | paste -sd' ')" "1 1 2 4 8"
		same "$(grep -c ^mountinfo $T/ops)" 16
	SCRIPT
}

@test "a namespace that is copied is a copy of all its mounts" {
	private <<-'SCRIPT'
		start_trace --json
		conduct
		say spawn w , in w mountinfo
		mounts=$(grep -c ^mountinfo $T/ops)
		((mounts > 1))
		until_true 60 shows '.op == "clone"'
		finish
		stop_trace INT 0
		made=$(sed -n 's/^newns .*ns=//p' $T/ops)
		same "$(query 'select(.op == "clone") | .new_ns')" "$made"
		# mountinfo leaves out what no path leads to: the root below the root (show_mountinfo())
		same "$(query --argjson made $made '[select(.op == "clone") | .effects[] |
			select(.ns == $made and .kind == "attach" and (.flags | index("namespace-root") | not))] | length')" "$mounts"
		same "$(query 'select(.op == "clone") | .causes | keys[]')" "ns-copy"
	SCRIPT
}
