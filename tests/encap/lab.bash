# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Real systemds as PID 1 of their own namespaces (systemd-nspawn), one root file system a suite, on
# overlays so that the roots stay as they are. Guests live until lab_stop; lab_reboot keeps their disk.

O=${O:-$BATS_TEST_DIRNAME/../../out}
O=$(realpath "$O")
LAB=${LAB:-$O/vm/lab}
LAB_RUN=${LAB_RUN:-$O/vm/lab-run}

# The systemds to test with: all in a full run, the quickest otherwise.
lab_suites()
{
	if [[ ${LAB_SUITES-} ]]; then
		echo "$LAB_SUITES"
	elif [[ ${MS_TEST_FULL-} ]]; then
		echo bullseye bookworm trixie sid
	else
		echo bookworm
	fi
}

# Skips the test unless guests can run here and the suite's root is, or can be made, there.
lab_need()
{
	local suite=$1

	((EUID == 0)) || skip "needs root"
	command -v systemd-nspawn >/dev/null || skip "systemd-container is not installed"
	[[ -e $LAB/$suite/.ready ]] && return
	command -v debootstrap >/dev/null || skip "debootstrap is not installed"
	"$BATS_TEST_DIRNAME/mkroot" "$suite" "$LAB/$suite" >"$LAB.$suite.log" 2>&1 ||
		skip "cannot make a root of $suite: see $LAB.$suite.log"
}

# lab_new NAME SUITE: a fresh guest, not started; its files are written below $(lab_root NAME).
lab_new()
{
	local dir=$LAB_RUN/$1

	lab_stop "$1"
	rm -rf "$dir"
	mkdir -p "$dir"/{upper,work,root}
	echo "$LAB/$2" >"$dir/base"
}

lab_root()
{
	echo "$LAB_RUN/$1/upper"
}

# Each hierarchy gets a group for the guest, and the process that calls enters them all.
lab_enter_cgroups()
{
	local mount group

	while read -r mount; do
		group=$mount/mountscope-lab-$1
		mkdir -p "$group"
		if [[ -e $group/cpuset.cpus && -z $(<"$group/cpuset.cpus") ]]; then
			cat "$mount/cpuset.cpus" >"$group/cpuset.cpus" 2>/dev/null || true
			cat "$mount/cpuset.mems" >"$group/cpuset.mems" 2>/dev/null || true
		fi
		echo $BASHPID >"$group/cgroup.procs"
	done < <(awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/mounts)
}

# lab_start NAME [NSPAWN-OPTION]...: boots it and waits until it runs.
lab_start()
{
	local name=$1 dir=$LAB_RUN/$1 i

	shift
	(
		set -e
		lab_enter_cgroups "$name"
		export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=${LAB_UNIFIED:-1}
		exec setsid unshare --mount --propagation private bash -ec '
			dir=$1; shift
			mount -t overlay overlay -o "lowerdir=$(<"$dir/base"),upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
			[[ -x $dir/root/sbin/init ]]
			exec systemd-nspawn -D "$dir/root" "$@"' - "$dir" \
			-M "$name" -b --register=no --keep-unit --private-network --link-journal=no \
			--console=read-only --capability=all \
			--system-call-filter="@keyring bpf" "$@"
	) </dev/null >"$dir/console" 2>&1 3>&- &
	echo $! >"$dir/nspawn"
	for ((i = 0; i < 600; i++)); do
		if [[ ! -s $dir/pid1 ]]; then
			cut -d' ' -f1 "/proc/$(<"$dir/nspawn")/task/$(<"$dir/nspawn")/children" \
				>"$dir/pid1" 2>/dev/null || true
			[[ $(cat "/proc/$(cat "$dir/pid1")/comm" 2>/dev/null) == systemd ]] || : >"$dir/pid1"
		else
			case $(lab "$name" systemctl is-system-running 2>/dev/null) in
			running | degraded) return 0 ;;
			esac
		fi
		[[ -d /proc/$(<"$dir/nspawn") ]] || break
		sleep .1
	done
	echo "guest $name does not run:" >&2
	tail -n 20 "$dir/console" >&2
	return 1
}

# lab NAME COMMAND...: runs a command in the guest.
lab()
{
	local name=$1

	shift
	nsenter -t "$(<"$LAB_RUN/$name/pid1")" -a -- env -i \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# lab_sh NAME: runs the script on stdin in the guest; any command that fails ends it, and "fails CMD" wants
# one to fail.
lab_sh()
{
	lab "$1" bash -c '
		set -eEuo pipefail
		fails() { if "$@"; then echo "succeeded, but should not: $*" >&2; return 1; fi; }
		trap "echo \"failed: \$BASH_COMMAND\" >&2" ERR
		'"$(cat)" </dev/null
}

lab_stop()
{
	local dir=$LAB_RUN/$1 i group

	if [[ -s $dir/pid1 ]]; then
		kill -KILL "$(<"$dir/pid1")" 2>/dev/null || true
		for ((i = 0; i < 100; i++)); do
			[[ -d /proc/$(<"$dir/nspawn") ]] || break
			sleep .05
		done
	fi
	[[ ! -s $dir/nspawn ]] || kill -KILL "$(<"$dir/nspawn")" 2>/dev/null || true
	rm -f "$dir/pid1" "$dir/nspawn"
	while read -r group; do
		find "$group/mountscope-lab-$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
	done < <(awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/mounts)
}

lab_reboot()
{
	local name=$1

	shift
	lab_stop "$name"
	lab_start "$name" "$@"
}

# Puts this build's kubensenter, its names and its unit into the guest, as "make install PREFIX=/usr".
lab_install()
{
	local root top=$BATS_TEST_DIRNAME/../..

	root=$(lab_root "$1")
	mkdir -p "$root"/usr/bin "$root"/usr/lib/systemd/{system-generators,system} \
		"$root"/usr/share/mountscope
	cp "$O/kubensenter" "$root/usr/bin/kubensenter"
	ln -sf /usr/bin/kubensenter "$root/usr/bin/nsenterCms"
	ln -sf /usr/bin/kubensenter "$root/usr/bin/extractExecStart"
	ln -sf /usr/bin/kubensenter "$root/usr/lib/systemd/system-generators/mountscope-encap-generator"
	sed 's|@BINDIR@|/usr/bin|' "$top/deploy/systemd/container-mount-namespace.service.in" \
		>"$root/usr/lib/systemd/system/container-mount-namespace.service"
	sed 's|@BINDIR@|/usr/bin|' "$top/deploy/systemd/20-container-mount-namespace.conf.in" \
		>"$root/usr/share/mountscope/20-container-mount-namespace.conf"
}

# Two services as a node has them, "kubelet" with all that makes ExecStart= hard to wrap. Each writes its
# arguments, one a line, to /run/NAME.args when it starts.
lab_services()
{
	local root

	root=$(lab_root "$1")
	mkdir -p "$root"/usr/local/bin "$root"/etc/{default,mountscope} \
		"$root"/usr/lib/systemd/system/{kubelet,crio}.service.d \
		"$root"/etc/systemd/system/{multi-user.target.wants,kubelet.service.d,kube-.service.d}
	cat >"$root/usr/local/bin/fake-service" <<-'GUEST'
		#!/bin/bash
		name=$1; shift
		[[ $1 != --sleep ]] || { trap "exit 0" TERM; while :; do sleep 1 & wait $!; done; }
		printf '%s\n' "$@" >/run/$name.args
		echo "$A|$B" >/run/$name.env
		systemd-notify --pid=$$ --ready
		exec -a "$name" /bin/bash "$0" "$name" --sleep
	GUEST
	chmod 755 "$root/usr/local/bin/fake-service"
	cat >"$root/usr/lib/systemd/system/kubelet.service" <<-'GUEST'
		[Unit]
		Description=Like kubelet
		After=crio.service
		[Service]
		Type=notify
		Environment=A=one "B=two  blanks"
		ExecStart=/usr/local/bin/fake-service kubelet --old
		Restart=always
		RestartSec=100ms
	GUEST
	cat >"$root/etc/default/kubelet" <<-'GUEST'
		KUBELET_ARGS="--first 'second arg' third"
	GUEST
	cat >"$root/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf" <<-'GUEST'
		[Service]
		EnvironmentFile=-/etc/default/kubelet
		ExecStart=
		ExecStart = /usr/local/bin/fake-service kubelet $KUBELET_ARGS \
		    # a comment in between \
		    --quoted="a  b" 'single "double"' \
		    --b=${B} $A $NOT_SET "" \x41\tB $$HOME ${A}$$ \
		    --unit=%n --percent=%% a;b \; end
	GUEST
	cat >"$root/etc/systemd/system/kubelet.service.d/50-env.conf" <<-'GUEST'
		[Service]
		Environment=A=changed
	GUEST
	cat >"$root/usr/lib/systemd/system/crio.service" <<-'GUEST'
		[Unit]
		Description=Like CRI-O
		[Service]
		Type=notify
		ExecStart=/usr/local/bin/fake-service crio --runtime
		Restart=always
		RestartSec=100ms
	GUEST
	ln -sf /usr/lib/systemd/system/kubelet.service \
		"$root/etc/systemd/system/multi-user.target.wants/kubelet.service"
	ln -sf /usr/lib/systemd/system/crio.service \
		"$root/etc/systemd/system/multi-user.target.wants/crio.service"
}

# What "mountscope encap enable" writes.
lab_enable()
{
	printf '[Encapsulation]\nServices=kubelet.service crio.service %s\n' "${*:2}" \
		>"$(lab_root "$1")/etc/mountscope/encapsulation.conf"
}

# lab_ns NAME WHO...: the mount namespaces of services and of "host" and "pin", a line each.
lab_ns()
{
	local name=$1 who pid

	shift
	for who; do
		case $who in
		host) lab "$name" readlink /proc/1/ns/mnt ;;
		pin) lab "$name" kubensenter -q --fail=closed readlink /proc/self/ns/mnt ;;
		*)
			pid=$(lab "$name" systemctl show -p MainPID --value "$who")
			((pid > 0)) || { echo "$who does not run"; continue; }
			lab "$name" readlink "/proc/$pid/ns/mnt"
			;;
		esac
	done
}

# Puts mountscope, which is linked dynamically, and its libraries into the guest as "mountscope".
lab_mountscope()
{
	local dir root lib

	root=$(lab_root "$1")
	dir=$root/opt/mountscope
	mkdir -p "$dir" "$root/usr/bin"
	cp "$O/mountscope" "$dir/"
	while read -r lib; do
		cp -L "$lib" "$dir/"
	done < <(ldd "$O/mountscope" | grep -o '/[^ ]*')
	cat >"$root/usr/bin/mountscope" <<-'GUEST'
		#!/bin/sh
		exec /opt/mountscope/ld-linux-*.so.* --library-path /opt/mountscope /opt/mountscope/mountscope "$@"
	GUEST
	chmod 755 "$root/usr/bin/mountscope"
}
