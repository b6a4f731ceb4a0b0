#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# kubensenter joins, stays or fails as containers/kubensmnt's script does, and does what that cannot.

load fakehost

setup()
{
	need_root
}

@test "the binary is static, stripped and under 100 KiB" {
	run file -b "$KUBENSENTER"
	[[ $output == *"statically linked"* && $output != *"not stripped"* ]]
	(($(stat -c %s "$KUBENSENTER") < 100 * 1024))
}

@test "KUBENSMNT that names the pin is joined" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		in=$(KUBENSMNT=$PIN $K readlink /proc/self/ns/mnt)
		differ "$in" "$HOST"
		has "$(grep " $PIN " /proc/self/mountinfo)" "$in"
	SCRIPT
}

@test "KUBENSMNT that names nothing, a file, or another namespace fails without running the command" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin; touch /run/empty; ln -s /proc/self/ns/net /run/net
		for bad in /run/none /run/empty /run/net /proc/self/ns/uts /run /dev/null; do
			fails env KUBENSMNT=$bad $K touch /run/ran
			[[ ! -e /run/ran ]]
		done
	SCRIPT
}

@test "KUBENSMNT that names a FIFO does not block" {
	on_fake_host <<-'SCRIPT'
		quiet; mkfifo /run/fifo
		fails env KUBENSMNT=/run/fifo timeout 5 $K true
		(($(KUBENSMNT=/run/fifo timeout 5 $K true; echo $?) == 125))
	SCRIPT
}

@test "a pin is detected at DEFAULT_KUBENSMNT, at our place, and at kubens.service's" {
	on_fake_host <<-'SCRIPT'
		quiet
		for at in /run/elsewhere/mnt $PIN /run/kubens/mnt; do
			$K --pin --at $at
			case $at in
			/run/elsewhere/*) in=$(DEFAULT_KUBENSMNT=$at $K readlink /proc/self/ns/mnt) ;;
			*) in=$($K readlink /proc/self/ns/mnt) ;;
			esac
			differ "$in" "$HOST"
			$K --unpin --at $at
		done
	SCRIPT
}

@test "without a pin, or with a stale one, the command runs where it is" {
	on_fake_host <<-'SCRIPT'
		quiet
		same "$($K readlink /proc/self/ns/mnt)" "$HOST"
		mkdir /run/container-mount-namespace; touch $PIN
		same "$($K readlink /proc/self/ns/mnt)" "$HOST"
		same "$(DEFAULT_KUBENSMNT=/proc/self/ns/net $K readlink /proc/self/ns/mnt)" "$HOST"
	SCRIPT
}

@test "KUBENSMNT wins over DEFAULT_KUBENSMNT, also when it is bad" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		differ "$(KUBENSMNT=$PIN DEFAULT_KUBENSMNT=/proc/self/ns/net $K readlink /proc/self/ns/mnt)" "$HOST"
		fails env KUBENSMNT=/proc/self/ns/net DEFAULT_KUBENSMNT=$PIN $K true
	SCRIPT
}

@test "--fail=closed refuses to run without a pin; --fail=open runs even with a bad KUBENSMNT" {
	on_fake_host <<-'SCRIPT'
		quiet
		fails $K --fail=closed touch /run/ran
		[[ ! -e /run/ran ]]
		same "$(KUBENSMNT=/run/none $K --fail=open readlink /proc/self/ns/mnt)" "$HOST"
	SCRIPT
}

@test "nsenterCms joins, and fails where nothing is pinned" {
	on_fake_host <<-'SCRIPT'
		quiet; ln -s $K /run/nsenterCms
		fails /run/nsenterCms true
		$K --pin
		differ "$(/run/nsenterCms readlink /proc/self/ns/mnt)" "$HOST"
	SCRIPT
}

@test "messages go to stderr; -q, -v and KUBENSENTER_LOG choose how many" {
	on_fake_host <<-'SCRIPT'
		$K --pin
		same "$($K echo out 2>/dev/null)" out
		has "$($K true 2>&1)" "kubensenter: Autodetect: container mount namespace found at $PIN"
		same "$($K -q true 2>&1)" ""
		same "$(KUBENSENTER_LOG=0 $K true 2>&1)" ""
		has "$($K -v true 2>&1)" "joined the mount namespace"
		has "$(KUBENSENTER_LOG=2 $K true 2>&1)" "joined the mount namespace"
		has "$(KUBENSENTER_LOG=nonsense $K true 2>&1)" "found at"
	SCRIPT
}

@test "the command replaces kubensenter: same process ID, its exit status, its signals" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		same "$(bash -c 'echo $$; exec "$K" sh -c "echo \$\$"' | uniq | wc -l)" 1
		for want in 0 1 7 125 255; do
			got=0; $K sh -c "exit $want" || got=$?
			same "$got" "$want"
		done
		got=0; $K /run/none 2>/dev/null || got=$?; same "$got" 127
		got=0; $K no-such-command 2>/dev/null || got=$?; same "$got" 127
		got=0; $K /etc/passwd 2>/dev/null || got=$?; same "$got" 126
		got=0; $K sh -c 'kill -TERM $$' || got=$?; same "$got" 143
	SCRIPT
}

@test "options after the command are the command's; -- ends ours" {
	on_fake_host <<-'SCRIPT'
		quiet
		same "$($K echo -v --fail=closed)" "-v --fail=closed"
		same "$($K -- echo -q)" "-q"
		fails $K --no-such-option true
		fails $K --fail=perhaps true
	SCRIPT
}

@test "without a command it starts \$SHELL" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		in=$(echo 'readlink /proc/self/ns/mnt' | SHELL=/bin/sh $K)
		differ "$in" "$HOST"
	SCRIPT
}

@test "the working directory is kept, and / taken where it does not exist inside" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		mkdir -p /run/a/b; cd /run/a/b
		same "$($K pwd)" /run/a/b
		unshare -m --propagation private sh -c '
			mkdir /run/only; mount -t tmpfs none /run/only; mkdir /run/only/here
			cd /run/only/here; unset PWD; $K pwd -P' >/run/got
		same "$(cat /run/got)" /
	SCRIPT
}

@test "--argv0 passes the second word as argv[0]" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		same "$($K --argv0 -- /bin/bash other-name -c 'echo $0')" other-name
		fails $K --argv0 -- /bin/true
	SCRIPT
}

@test "inside it knows so, and finds the pin through PID 1's root" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		in=$($K readlink /proc/self/ns/mnt)
		same "$($K $K readlink /proc/self/ns/mnt)" "$in"
		has "$($K $K -v -v true 2>&1)" "already inside"
	SCRIPT
}

@test "from a sandboxed service's namespace it finds the pin, which was not copied there" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		in=$($K readlink /proc/self/ns/mnt)
		got=$(unshare -m --propagation slave $K readlink /proc/self/ns/mnt)
		same "$got" "$in"
		same "$(unshare -m --propagation slave sh -c "KUBENSMNT=$PIN $K readlink /proc/self/ns/mnt")" "$in"
	SCRIPT
}

@test "--host goes back to the host's namespace" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		same "$($K $K --host readlink /proc/self/ns/mnt)" "$HOST"
	SCRIPT
}

@test "KUBENSMNT is not handed on to what runs inside" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		same "$(KUBENSMNT=$PIN $K sh -c 'echo ${KUBENSMNT-none}')" none
	SCRIPT
}

@test "an ordinary user is told what it takes" {
	on_fake_host <<-'SCRIPT'
		$K --pin
		chmod 755 /run
		cp $K /run/kubensenter
		got=0; out=$(setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all /run/kubensenter true 2>&1) || got=$?
		same "$got" 125
		has "$out" "CAP_SYS_ADMIN"
	SCRIPT
}

@test "hostile bytes in a path are printed escaped" {
	on_fake_host <<-'SCRIPT'
		out=$(KUBENSMNT=$'/run/\e[31mred\n' $K true 2>&1) || true
		has "$out" '\x1b[31mred\x0a'
		same "$(wc -l <<<"$out")" 1
	SCRIPT
}
