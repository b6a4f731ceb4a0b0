#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Real container engines inside: what the host does not see of them, and what all of them still share.

load lab

setup()
{
	local root

	lab_need bookworm
	lab_new node bookworm
	lab_install node
	lab_services node
	root=$(lab_root node)
	printf '[Encapsulation]\nServices=kubelet.service containerd.service\n' \
		>"$root/etc/mountscope/encapsulation.conf"
	for link in "" multi-user.target.wants/; do
		ln -sf /lib/systemd/system/containerd.service \
			"$root/etc/systemd/system/${link}containerd.service"
	done
	# No overlay on top of the guest's own.
	printf 'tmpfs /var/lib/%s tmpfs defaults 0 0\n' containerd containers >"$root/etc/fstab"
	# The guest's cgroup tree has no controllers, and its root no CAP_SYS_RESOURCE.
	printf '#!/bin/sh\nexec crun --cgroup-manager=disabled "$@"\n' >"$root/usr/local/bin/crun-here"
	chmod 755 "$root/usr/local/bin/crun-here"
	make_image "$root/img"
	cat >"$root/usr/local/bin/inside" <<-'GUEST'
		#!/bin/sh
		exec kubensenter -q --fail=closed "$@"
	GUEST
	cat >"$root/usr/local/bin/pod" <<-'GUEST'
		#!/bin/sh
		exec inside podman --runtime /usr/local/bin/crun-here --cgroup-manager cgroupfs --events-backend file "$@"
	GUEST
	chmod 755 "$root"/usr/local/bin/{inside,pod}
	lab_start node
}

teardown()
{
	lab_stop node
}

# An image of busybox, as docker save has it.
make_image()
{
	local dir=$1 sum

	mkdir -p "$dir"/rootfs/{bin,vol,proc,sys,dev,tmp,run}
	cp "$LAB/bookworm/bin/busybox" "$dir/rootfs/bin/"
	"$dir/rootfs/bin/busybox" --list | while read -r name; do
		[[ $name == busybox ]] || ln -s busybox "$dir/rootfs/bin/$name"
	done
	tar -C "$dir/rootfs" -cf "$dir/layer.tar" .
	sum=$(sha256sum "$dir/layer.tar" | cut -d' ' -f1)
	echo '{"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:'"$sum"'"]}}' \
		>"$dir/config.json"
	echo '[{"Config":"config.json","RepoTags":["docker.io/library/bb:latest"],"Layers":["layer.tar"]}]' \
		>"$dir/manifest.json"
	tar -C "$dir" -cf "$dir/bb.tar" manifest.json config.json layer.tar
}

@test "containerd's containers are in no mount table but those inside" {
	lab_sh node <<-'GUEST'
		ctr image import /img/bb.tar >/dev/null
		for c in c1 c2 c3; do
			ctr run --runc-binary /usr/local/bin/crun-here -d docker.io/library/bb:latest $c sleep 600
		done
		[[ $(ctr task ls | grep -c RUNNING) == 3 ]]
		[[ $(inside grep -c '/run/containerd/.*/rootfs .* overlay ' /proc/self/mountinfo) == 3 ]]
		fails grep -e /run/containerd/ -e overlay.*snapshotter /proc/1/mountinfo
		shim=$(pgrep -o -x containerd-shim)
		[[ $(readlink /proc/$shim/ns/mnt) == "$(inside readlink /proc/self/ns/mnt)" ]]
	GUEST
}

@test "a restart of containerd keeps its containers, and new ones are inside as well" {
	lab_sh node <<-'GUEST'
		ctr image import /img/bb.tar >/dev/null
		ctr run --runc-binary /usr/local/bin/crun-here -d docker.io/library/bb:latest old sleep 600
		systemctl restart containerd
		[[ $(ctr task ls | grep -c RUNNING) == 1 ]]
		ctr run --runc-binary /usr/local/bin/crun-here -d docker.io/library/bb:latest new sleep 600
		[[ $(inside grep -c '/run/containerd/.*/rootfs .* overlay ' /proc/self/mountinfo) == 2 ]]
		ctr task kill -s KILL old; ctr task kill -s KILL new; sleep .5
		ctr task rm old new >/dev/null
		fails inside grep '/run/containerd/.*/rootfs ' /proc/self/mountinfo
		fails grep /run/containerd/ /proc/1/mountinfo
	GUEST
}

@test "podman's containers, started inside, are in no mount table but those inside" {
	lab_sh node <<-'GUEST'
		pod run -d --name p1 --network none --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 \
			-v /srv:/vol --rootfs /img/rootfs:O sleep 600 >/dev/null
		inside grep -q ' /var/lib/containers\| /run/containers/.* overlay ' /proc/self/mountinfo
		fails grep -e /run/containers/ -e '/var/lib/containers/' /proc/1/mountinfo
		pod rm -f -t 0 p1 >/dev/null
	GUEST
}

@test "with containers the three guarantees hold: host to all, Bidirectional to all inside, none to the host" {
	lab_sh node <<-'GUEST'
		mkdir -p /srv/vol /pods
		mount -t tmpfs pods /pods # runc makes the mount private on which a root lies
		# Pods as kubelet has them made: mountPropagation of the volume, and of the root to match.
		make_pod() {
			mkdir -p /pods/$1; cp -a /img/rootfs /pods/$1/rootfs; cd /pods/$1
			runc spec
			sed -i -e 's/"terminal": true/"terminal": false/' -e 's/"sh"$/"sleep", "600"/' \
				-e 's/"readonly": true/"readonly": false/' -e '/"type": "RLIMIT_NOFILE"/,/}/s/1024/512/' \
				-e 's/"bounding": \[/&"CAP_SYS_ADMIN",/; s/"effective": \[/&"CAP_SYS_ADMIN",/; s/"permitted": \[/&"CAP_SYS_ADMIN",/' \
				-e "s/\"linux\": {/&\"rootfsPropagation\": \"$2\",/" \
				-e "s|\"mounts\": \[|&{\"destination\":\"/vol\",\"type\":\"bind\",\"source\":\"/srv/vol\",\"options\":[\"rbind\",\"$2\"]},|" \
				config.json
			inside runc --root /run/runc-test run --detach --pid-file /pods/$1/pid $1 >/pods/$1/log 2>&1
		}
		sees() { grep -q " $2 " "/proc/$(cat /pods/$1/pid)/mountinfo" && return; echo "$1 does not see $2" >&2; return 1; }
		make_pod bi rshared; make_pod h2c rslave; make_pod none rprivate

		# 1. host -> kubelet, runtime, HostToContainer and Bidirectional
		mkdir /srv/vol/host; mount -t tmpfs fromhost /srv/vol/host
		inside grep -q ' /srv/vol/host ' /proc/self/mountinfo
		sees bi /vol/host; sees h2c /vol/host; fails sees none /vol/host

		# 2. Bidirectional -> kubelet, runtime, HostToContainer
		inside runc --root /run/runc-test exec bi sh -c 'mkdir /vol/a && mount -t tmpfs froma /vol/a'
		inside grep -q ' /srv/vol/a ' /proc/self/mountinfo
		sees h2c /vol/a; fails sees none /vol/a

		# 3. nothing -> host
		fails grep ' /srv/vol/a ' /proc/1/mountinfo
		inside runc --root /run/runc-test exec h2c sh -c 'mkdir /vol/b && mount -t tmpfs fromb /vol/b'
		sees h2c /vol/b; fails sees bi /vol/b
		fails inside grep ' /srv/vol/b ' /proc/self/mountinfo; fails grep ' /srv/vol/b ' /proc/1/mountinfo

		umount /srv/vol/host
		fails sees bi /vol/host; fails sees h2c /vol/host
	GUEST
}
