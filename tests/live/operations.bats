#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Every mount operation is shown with its kind, its result and who did it.

load lib

setup()
{
	need_root
}

@test "every form of mount(2) is told apart" {
	private <<-'SCRIPT'
		mkdir a b c
		did mount tmpfs src $W/a 0 size=64k , bind $W/a $W/b , rbind $W/a $W/b , move $W/b $W/c , \
			remount $W/a ro , remount $W/a ro,bind , make $W/a shared , make $W/a slave rec , \
			make $W/a private , make $W/a unbindable
		ops_agree
	SCRIPT
}

@test "umount is shown however it is called" {
	private <<-'SCRIPT'
		mkdir a
		did bind a a , umount a , bind a a , umount a lazy , bind a a , umount a force , bind a a , \
			fail EAGAIN umount a expire , umount a expire , bind a a , umount a nofollow
		ops_agree
		same "$(query '.sys_flags' | paste -sd' ')" \
			"4096 0 4096 2 4096 1 4096 4 4 4096 8"
	SCRIPT
}

@test "the new mount system calls are shown, detached trees included" {
	private <<-'SCRIPT'
		mkdir a b
		did fsopen @fs tmpfs , fsconfig @fs string size 64k , fsconfig @fs create , fsmount @fs @m nosuid , \
			move_mount @m a , fspick @p a , fsconfig @p flag ro , fsconfig @p reconfigure , \
			open_tree @t a clone rec , mount_setattr @t rec ro , move_mount @t b , \
			open_tree @u a clone , close @u
		ops_agree
	SCRIPT
}

@test "open_tree_attr is shown" {
	private <<-'SCRIPT'
		mkdir a
		did open_tree_attr @t a clone rec ro
		ops_agree
	SCRIPT
}

@test "move_mount beneath and with a group are shown" {
	private <<-'SCRIPT'
		mkdir a b
		did bind a a , make a shared , bind a b , make b private , set_group a b , \
			fsopen @fs tmpfs , fsconfig @fs create , fsmount @fs @m , make a private , beneath @m a
		ops_agree
	SCRIPT
}

@test "unshare, clone, clone3 and setns are shown with the namespace they lead to" {
	private <<-'SCRIPT'
		did spawn other , setns other , unshare , clone , clone3 , mount tmpfs inner $W
		ops_agree
		# "newns" lines follow the step that made the namespace; setns has none.
		sed -n 's/^newns pid=[0-9]* ns=//p' $T/ops >$T/made
		query 'select(.op | IN("clone", "clone3", "unshare")) | .new_ns' >$T/new
		same_lines $T/new $T/made
		same "$(query 'select(.op == "setns") | .new_ns')" "$(head -n 1 $T/made)"
	SCRIPT
}

@test "pivot_root is shown, and so is what happens below the new root" {
	private <<-'SCRIPT'
		mkdir new
		did unshare , mount tmpfs root new , mkdir new/old , chdir new , pivot_root . old , \
			mount tmpfs inside /old , umount /old , umount /old lazy
		ops_agree
	SCRIPT
}

@test "what fails is shown with the error the caller got" {
	private <<-'SCRIPT'
		mkdir a && touch file
		did fail ENOENT umount nowhere , fail EINVAL umount a , fail ENOENT bind nowhere a , \
			fail ENOTDIR bind file a , fail ENODEV mount nosuchfs none a , fail EINVAL move a a , \
			fail EINVAL mount_setattr a shared private , fail EBADF move_mount @none a , \
			bind a a , open @keep a , fail EBUSY umount a , \
			fork , uid 65534 , fail EPERM umount a , fail EPERM mount tmpfs none a
		ops_agree
		same "$(query 'select(.ret < 0) | .result' | sort -u | paste -sd' ')" \
			"EBADF EBUSY EINVAL ENODEV ENOENT ENOTDIR EPERM"
	SCRIPT
}

@test "a thread that is not the first of its process is named by its own tid" {
	private <<-'SCRIPT'
		mkdir a
		did thread bind a a , fail EINVAL thread umount / , umount a
		ops_agree
		same "$(query 'select(.pid != .tid) | .op' | paste -sd' ')" "bind umount"
	SCRIPT
}

@test "an automount by autofs is shown with its daemon, and its expiry" {
	private <<-'SCRIPT'
		mkdir a
		did autofs a , access a/key , autofs_expire a , kill autofs , umount a
		ops_agree
		same "$(query '.op' | paste -sd' ')" "mount mount umount umount"
	SCRIPT
}

@test "an automount by the kernel appears in its namespace" {
	private <<-'SCRIPT'
		mkdir a
		did mount debugfs none $W/a , access $W/a/tracing , mountinfo $W/a
		[[ $(mountinfo_field $W/a/tracing 1) ]] || { echo "no automount in debugfs"; exit 77; }
		same "$(jq -r --arg at $W/a/tracing 'select(.type == "operation") | .effects[] |
			select(.kind == "attach" and .path == $at) | .mount_id' $T/trace)" \
			"$(mountinfo_field $W/a/tracing 1)"
	SCRIPT
}

@test "who is gone when its operation is printed still has every field" {
	private <<-'SCRIPT'
		mkdir a
		start_trace --json
		kill -STOP $pid
		$ops comm short-lived , bind $W/a $W/a , fail ENOENT umount $W/none , umount $W/a >$T/ops
		kill -CONT $pid
		until_true 60 grep -q $W/none $T/trace
		until_true 60 sh -c "jq -e 'select(.comm == \"short-lived\" and .op == \"umount\" and .ret == 0)' $T/trace | grep -q ."
		stop_trace INT 0
		one=$(jq -c 'select(.type == "operation" and .comm == "short-lived" and .op == "bind")' $T/trace)
		same "$(jq -r '"\(.uid) \(.pcomm) \(.ppid) \(.ret)"' <<<"$one")" "0 bash $$ 0"
		same "$(jq -r .pid <<<"$one")" "$(sed -n 's/.* pid=\([0-9]*\) .*/\1/p;q' $T/ops)"
		same "$(jq -r .ns <<<"$one")" "$(stat -Lc %i /proc/self/ns/mnt)"
		# The cgroup of the actor is that of this shell.
		unified=$(sed -n 's/^0:://p' /proc/self/cgroup)
		[[ ! $unified ]] || same "$(jq -r .cgroup <<<"$one")" "$unified"
	SCRIPT
}

@test "the user and the process of an operation are the kernel's" {
	private <<-'SCRIPT'
		mkdir -m 777 a
		did fork , uid 1234 , fail EPERM bind a a
		ops_agree
		same "$(query '"\(.uid) \(.pcomm)"')" "1234 mountops"
	SCRIPT
}

@test "control characters in paths and names reach no terminal" {
	private <<-'SCRIPT'
		evil=$(printf 'x\033[31m\ny\twith \\ and \302\233')
		mkdir "$evil"
		$ms trace --effects --color never -- $ops comm "$evil" , bind "$W/$evil" "$W/$evil" \
			, fail ENOENT umount "$W/none$evil" >$T/text 2>$T/err
		# Of C0 only the newline, no C1, and one line an operation or effect.
		! LC_ALL=C grep -aP '[\x00-\x08\x0b-\x1f\x7f]' $T/text
		! grep -aP '\xc2[\x80-\x9f]' $T/text
		has "$(cat $T/text)" 'x\'
		# JSON has the very bytes.
		traced -- $ops bind "$evil" "$evil"
		same "$(query '.target')" "$W/$evil"
	SCRIPT
}

@test "the path of a relative target is made whole" {
	private <<-'SCRIPT'
		mkdir -p a/b
		cd a
		did bind b b , bind ../a b , umount b , umount b
		same "$(query '.target' | sort -u)" "$W/a/b"
		same "$(query '.argument' | paste -sd' ')" "b b b b"
	SCRIPT
}
