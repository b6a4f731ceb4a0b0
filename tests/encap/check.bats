#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# mountscope encap pin, status, check, probe, and mountscope enter, on a fake host.

load fakehost

setup()
{
	need_root
	export MOUNTSCOPE=${MOUNTSCOPE:-$O/mountscope}
	[[ -x $MOUNTSCOPE ]] || { echo "build first: make all" >&2; return 1; }
}

@test "encap pin pins at both places, unpin restores" {
	on_fake_host <<-'SCRIPT'
		table >/run/1
		$MOUNTSCOPE encap pin
		KUBENSENTER_LOG=0 $K --fail=closed true
		[[ $(stat -f -c %T /run/kubens/mnt) == nsfs ]]
		$MOUNTSCOPE encap unpin
		table | diff /run/1 -
	SCRIPT
}

@test "the probe finds all guarantees kept, and leaves nothing" {
	on_fake_host <<-'SCRIPT'
		$MOUNTSCOPE encap pin; table >/run/1; $K -q cat /proc/self/mountinfo >/run/2
		out=$($MOUNTSCOPE encap check --probe || true)
		same "$(grep -c '^ok ' <<<"$out")" 5
		fails grep '^NO' <<<"$out"
		table | diff /run/1 -; $K -q cat /proc/self/mountinfo | diff /run/2 -
		[[ -z $(ls -d /run/mountscope-probe* 2>/dev/null) ]]
	SCRIPT
}

@test "the probe finds what a namespace with the wrong propagation breaks" {
	on_fake_host <<-'SCRIPT'
		pin_with() {
			D=/run/container-mount-namespace; mkdir -p $D
			mount --make-unbindable --bind $D $D; touch $PIN
			for cpu in $(seq 0 $(($(nproc --all) - 1))); do
				taskset -c $cpu unshare --mount=$PIN --propagation $1 sh -c "$2" 2>/dev/null && break
			done
		}
		pin_with private 'mount --make-rshared /'
		out=$($MOUNTSCOPE encap check --probe || true)
		has "$out" "NO   a mount of the host appears for kubelet and the runtime"
		has "$out" "ok   a mount in a Bidirectional volume does not appear on the host"
		umount -R /run/container-mount-namespace
		pin_with slave true
		out=$($MOUNTSCOPE encap check --probe || true)
		has "$out" "NO   a mount in a Bidirectional volume appears for kubelet and the runtime"
		has "$out" "ok   a mount of the host appears for kubelet and the runtime"
		umount -R /run/container-mount-namespace
		pin_with unchanged true
		out=$($MOUNTSCOPE encap check --probe || true)
		has "$out" "NO   a mount in a Bidirectional volume does not appear on the host"
	SCRIPT
}

@test "check says pin-missing, pin-covered and pin-unusable, and exits 1" {
	on_fake_host <<-'SCRIPT'
		r=0; out=$($MOUNTSCOPE encap check) || r=$?
		same "$r" 1; has "$out" pin-missing:
		$MOUNTSCOPE encap pin
		mount -t tmpfs x /run/container-mount-namespace; mount -t tmpfs x /run/kubens
		out=$($MOUNTSCOPE encap check || true); has "$out" pin-covered:
		umount /run/container-mount-namespace /run/kubens
		rm /run/container-mount-namespace/env
		out=$($MOUNTSCOPE encap check || true); has "$out" env-file:
	SCRIPT
}

@test "check finds a mount inside that a later one hides" {
	on_fake_host <<-'SCRIPT'
		$MOUNTSCOPE encap pin
		mkdir -p /run/a/b
		$K -q mount -t tmpfs below /run/a/b
		mount -t tmpfs above /run/a
		out=$($MOUNTSCOPE encap check || true)
		has "$out" "shadowed: 1 mounts inside are hidden"; has "$out" "/run/a/b"
	SCRIPT
}

@test "check counts what kubelet mounted on the host before" {
	on_fake_host <<-'SCRIPT'
		mkdir -p /run/containerd/io.containerd.runtime.v2.task/k8s.io/x/rootfs
		mount -t tmpfs left /run/containerd/io.containerd.runtime.v2.task/k8s.io/x/rootfs
		$MOUNTSCOPE encap pin
		has "$($MOUNTSCOPE encap check || true)" "host-leftover: 1 mounts"
	SCRIPT
}

@test "check --json is one JSON object with findings by name" {
	on_fake_host <<-'SCRIPT'
		$MOUNTSCOPE encap pin
		r=0; $MOUNTSCOPE encap check --probe --json >/run/out || r=$?
		same "$r" 1
		python3 - <<-'PY'
			import json
			d = json.load(open("/run/out"))
			assert d["ok"] is False and d["pin_good"] is True, d
			assert len(d["probe"]) == 5 and all(p["holds"] for p in d["probe"]), d
			assert "not-enabled" in [f["id"] for f in d["findings"]], d
			assert d["host_mntns"] != d["pin_mntns"], d
		PY
	SCRIPT
}

@test "status fits a screen" {
	on_fake_host <<-'SCRIPT'
		$MOUNTSCOPE encap pin
		(($($MOUNTSCOPE encap | wc -l) < 25))
		has "$($MOUNTSCOPE encap status)" "slave and shared"
	SCRIPT
}

@test "mountscope enter is kubensenter" {
	on_fake_host <<-'SCRIPT'
		$MOUNTSCOPE encap pin
		in=$($MOUNTSCOPE enter -q readlink /proc/self/ns/mnt)
		same "$in" "$($K -q readlink /proc/self/ns/mnt)"
		same "$($MOUNTSCOPE enter -q -- sh -c 'echo "$@"' x -q --fail)" "-q --fail"
		same "$($MOUNTSCOPE enter -q echo -n --host)" "--host"
		got=0; $MOUNTSCOPE enter -q sh -c 'exit 9' || got=$?; same "$got" 9
		got=0; KUBENSMNT=/run/none $MOUNTSCOPE enter true 2>/dev/null || got=$?; same "$got" 125
		same "$($K -q $MOUNTSCOPE enter --host readlink /proc/self/ns/mnt)" "$HOST"
		# SIGPIPE is the default again for the command
		same "$($MOUNTSCOPE enter -q sh -c 'grep SigIgn /proc/self/status')" "$(sh -c 'grep SigIgn /proc/self/status')"
	SCRIPT
}
