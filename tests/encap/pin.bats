#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Pinning makes one namespace that receives and does not send, and unpinning restores the host.

load fakehost

setup()
{
	need_root
}

@test "the pinned namespace is a recursive slave of the host's and shared in itself" {
	on_fake_host <<-'SCRIPT'
		quiet; mkdir -p /run/sub; mount -t tmpfs none /run/sub
		$K --pin
		$K cat /proc/self/mountinfo >/run/in
		# Every mount that the host shares: slave of it, and shared.
		missing=$(grep ' shared:' /proc/self/mountinfo | while read -r _ _ _ _ at _; do
			grep -qE " $at .* shared:[0-9]+ .*master:[0-9]+ .*- " /run/in || echo "$at"
		done)
		same "$missing" ""
		fails grep -E 'container-mount-namespace' /run/in
	SCRIPT
}

@test "mounts of the host appear inside, mounts inside do not appear on the host" {
	on_fake_host <<-'SCRIPT'
		quiet; mkdir /run/from-host /run/from-inside
		$K --pin
		mount -t tmpfs hostmount /run/from-host
		$K mount -t tmpfs insidemount /run/from-inside
		has "$($K cat /proc/self/mountinfo)" hostmount
		has "$($K cat /proc/self/mountinfo)" insidemount
		fails grep insidemount /proc/self/mountinfo
		umount /run/from-host
		fails $K grep hostmount /proc/self/mountinfo
	SCRIPT
}

@test "what runs in namespaces made inside exchanges mounts as containers do" {
	on_fake_host <<-'SCRIPT'
		quiet; mkdir -p /run/vol /run/ready
		$K --pin
		# Bidirectional: a peer; HostToContainer: a slave.
		$K unshare -m --propagation unchanged bash -c 'touch /run/ready/bi; until [[ -e /run/ready/go ]]; do sleep .05; done
			mkdir -p /run/vol/b; mount -t tmpfs bimount /run/vol/b; touch /run/ready/done; sleep 60' &
		$K unshare -m --propagation slave bash -c 'touch /run/ready/h2c; until [[ -e /run/ready/done ]]; do sleep .05; done
			cp /proc/self/mountinfo /run/ready/seen' &
		until [[ -e /run/ready/bi && -e /run/ready/h2c ]]; do sleep .05; done
		touch /run/ready/go
		until [[ -e /run/ready/seen ]]; do sleep .05; done; sleep .1
		has "$(cat /run/ready/seen)" bimount
		has "$($K cat /proc/self/mountinfo)" bimount
		fails grep bimount /proc/self/mountinfo
	SCRIPT
}

@test "the environment file names the pin for services that join by themselves" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin --alias /run/kubens/mnt
		same "$(cat /run/container-mount-namespace/env)" "KUBENSMNT=$PIN"
		same "$(cat /run/kubens/env)" "KUBENSMNT=/run/kubens/mnt"
	SCRIPT
}

@test "pinning again keeps the namespace" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		in=$($K readlink /proc/self/ns/mnt); table >/run/1
		$K --pin; $K --pin
		same "$($K readlink /proc/self/ns/mnt)" "$in"
		table | diff /run/1 -
	SCRIPT
}

@test "a namespace that kubens.service pinned is adopted, and ours by it" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin --at /run/kubens/mnt
		in=$(KUBENSMNT=/run/kubens/mnt $K readlink /proc/self/ns/mnt)
		$K --pin --alias /run/kubens/mnt
		same "$(KUBENSMNT=$PIN $K readlink /proc/self/ns/mnt)" "$in"
		$K --unpin; [[ ! -e $PIN ]]
		same "$(KUBENSMNT=/run/kubens/mnt $K readlink /proc/self/ns/mnt)" "$in"
	SCRIPT
}

@test "a namespace pinned by hand as the documents say is adopted" {
	on_fake_host <<-'SCRIPT'
		quiet; D=/run/container-mount-namespace; mkdir $D
		mount --make-unbindable --bind $D $D
		touch $PIN
		for cpu in $(seq 0 $(($(nproc --all) - 1))); do
			taskset -c $cpu unshare --mount=$PIN --propagation slave mount --make-rshared / 2>/dev/null && break
		done
		in=$(nsenter --mount=$PIN readlink /proc/self/ns/mnt)
		$K --pin
		same "$($K readlink /proc/self/ns/mnt)" "$in"
	SCRIPT
}

@test "a pinned namespace with the wrong propagation is refused, with the reason" {
	on_fake_host <<-'SCRIPT'
		D=/run/container-mount-namespace; mkdir $D
		mount --make-unbindable --bind $D $D
		touch $PIN
		for cpu in $(seq 0 $(($(nproc --all) - 1))); do
			taskset -c $cpu unshare --mount=$PIN --propagation private true 2>/dev/null && break
		done
		has "$($K --pin 2>&1 || true)" "is not shared"
		fails $K --pin
	SCRIPT
}

@test "unpinning restores the host's mount table and /run exactly" {
	on_fake_host <<-'SCRIPT'
		quiet; find /run >/root.before.$$ 2>/dev/null || true
		find /run | sort >/tmp/.f1.$$; table >/tmp/.t1.$$
		$K --pin --alias /run/kubens/mnt --prepare /run/netns --prepare /run/other
		differ "$(table | md5sum)" "$(md5sum </tmp/.t1.$$)"
		$K --unpin
		r=0; table | diff /tmp/.t1.$$ - || r=1
		find /run | sort | diff /tmp/.f1.$$ - || r=1
		rm -f /tmp/.t1.$$ /tmp/.f1.$$ /root.before.$$
		exit $r
	SCRIPT
}

@test "unpinning is refused while processes live inside, and names them" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --pin
		$K sleep 60 & sleep .3
		out=$($K --unpin 2>&1) && exit 1
		has "$out" "sleep["
		differ "$($K readlink /proc/self/ns/mnt)" "$HOST"
		$K --unpin --force
		fails $K --fail=closed true
	SCRIPT
}

@test "unpinning what is not pinned is no error" {
	on_fake_host <<-'SCRIPT'
		quiet; $K --unpin; $K --pin; $K --unpin; $K --unpin
	SCRIPT
}

@test "--prepare keeps a later 'ip netns add' of the host from hiding the runtime's namespaces" {
	on_fake_host <<-'SCRIPT'
		quiet
		try() {
			$K bash -c 'mkdir -p /run/netns; touch /run/netns/cni; mount --bind /proc/self/ns/net /run/netns/cni'
			# what ip(8) does at its first call
			mkdir -p /run/netns
			mount --make-rshared /run/netns 2>/dev/null || { mount --rbind /run/netns /run/netns; mount --make-rshared /run/netns; }
			$K stat -f -c %T /run/netns/cni
		}
		$K --pin; differ "$(try)" nsfs
		$K umount /run/netns/cni || true; umount /run/netns; $K --unpin
		rm -rf /run/netns
		$K --pin --prepare /run/netns; same "$(try)" nsfs
	SCRIPT
}

@test "preparing leaves a directory that is mounted already, and unpinning leaves it too" {
	on_fake_host <<-'SCRIPT'
		quiet; mkdir /run/netns; mount --bind /run/netns /run/netns; table >/run/1
		$K --pin --prepare /run/netns; $K --unpin
		table | diff /run/1 -
	SCRIPT
}

@test "what others mounted in a prepared directory keeps it mounted after unpinning" {
	on_fake_host <<-'SCRIPT'
		$K --pin --prepare /run/netns
		touch /run/netns/a; mount --bind /proc/self/ns/net /run/netns/a
		has "$($K --unpin 2>&1)" "leaving /run/netns mounted"
		same "$(stat -f -c %T /run/netns/a)" nsfs
		fails $K --fail=closed true
	SCRIPT
}

@test "something mounted over the pin is said, and no second namespace made" {
	on_fake_host <<-'SCRIPT'
		$K --pin
		mount --bind /dev/null $PIN
		has "$($K --pin 2>&1 || true)" "mounted over"
		has "$($K --unpin 2>&1 || true)" "mounted over"
		umount $PIN
		$K --pin
		mount -t tmpfs cover /run/container-mount-namespace
		has "$($K --pin 2>&1 || true)" "mounted over"
		umount /run/container-mount-namespace
		$K --unpin
	SCRIPT
}

@test "pinning from anywhere but the host's namespace is refused" {
	on_fake_host <<-'SCRIPT'
		$K --pin
		has "$($K -q $K --pin --at /run/second/mnt 2>&1 || true)" "not in the host's mount namespace"
		[[ ! -e /run/second ]]
		$K -q $K --host $K --pin
	SCRIPT
}

@test "a symbolic link in place of the directory is not followed" {
	on_fake_host <<-'SCRIPT'
		mkdir /run/target; ln -s target /run/container-mount-namespace
		has "$($K --pin 2>&1 || true)" "not a directory"
		[[ -z $(ls /run/target) ]]
	SCRIPT
}

@test "whichever CPU made the host's namespace, and wherever it runs, pinning works" {
	for host_cpu in $(seq 0 $(($(nproc --all) - 1))); do
		for cpu in $(seq 0 $(($(nproc --all) - 1))); do
			run taskset -c "$host_cpu" unshare --mount --pid --fork --kill-child --mount-proc \
				--propagation private bash -ec '
				mount --make-rprivate /; mount -t tmpfs none /run; mount --make-rshared /
				taskset -pc 0-1023 $$ >/dev/null
				taskset -c '"$cpu"' bash -c "taskset -pc 0-1023 \$\$ >/dev/null; exec \"$KUBENSENTER\" --pin"
				"$KUBENSENTER" -q --fail=closed true'
			echo "$host_cpu $cpu: $output"
			((status == 0))
		done
	done
}

@test "a namespace id out of order, which the kernel answers with EINVAL, is retried on another CPU" {
	(($(nproc) > 1)) || skip "one CPU only"
	# Which pair of CPUs is out of order changes with time: among several tries one is, unless the
	# kernel is older than 6.18 or hands ids out in order.
	seen=
	for i in $(seq 24); do
		run taskset -c $((i % 2)) unshare --mount --pid --fork --kill-child --mount-proc \
			--propagation private bash -ec '
			mount --make-rprivate /; mount -t tmpfs none /run; mount --make-rshared /
			mkdir /run/d; mount --bind /run/d /run/d; mount --make-private /run/d; touch /run/d/p
			if taskset -pc '$(((i + 1) % 2))' $$ >/dev/null && unshare --mount=/run/d/p true 2>/dev/null; then exit 9; fi
			taskset -pc 0,1 $$ >/dev/null
			taskset -c '$(((i + 1) % 2))' bash -c "taskset -pc 0,1 \$\$ >/dev/null; exec \"$KUBENSENTER\" -v --pin"'
		echo "$i: $status $output"
		((status == 0 || status == 9))
		[[ $output != *"pinned with a namespace made on CPU"* ]] || seen=1
	done
	[[ $seen ]] || skip "this kernel did not answer EINVAL in 24 tries"
}

@test "pinning killed at any moment can be repeated or undone" {
	on_fake_host <<-'SCRIPT'
		quiet; table >/run/1
		for delay in 0 .001 .002 .003 .005 .008 .013 .02; do
			$K --pin --alias /run/kubens/mnt --prepare /run/netns & pid=$!
			sleep $delay; kill -KILL $pid 2>/dev/null || true; wait $pid || true
			$K --pin --alias /run/kubens/mnt --prepare /run/netns
			$K -q --fail=closed true
			$K --unpin
			table | diff /run/1 -
		done
	SCRIPT
}

@test "a full /run fails with the cause and leaves nothing pinned" {
	on_fake_host <<-'SCRIPT'
		mount -t tmpfs -o size=64k,nr_inodes=6 small /run; mount --make-shared /run
		dd if=/dev/zero of=/run/fill bs=4k count=16 2>/dev/null || true
		touch /run/1 /run/2 2>/dev/null || true
		out=$($K --pin 2>&1) && exit 1
		has "$out" "No space left"
		same "$($K -q readlink /proc/self/ns/mnt)" "$HOST"
	SCRIPT
}
