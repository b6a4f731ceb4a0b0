#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# mountscope encap enable and disable on the files of a node below a directory.

load fakehost

setup()
{
	MOUNTSCOPE=${MOUNTSCOPE:-$O/mountscope}
	[[ -x $MOUNTSCOPE ]] || { echo "build first: make all" >&2; return 1; }
	ROOT=$BATS_TEST_TMPDIR/root
	mkdir -p "$ROOT"/usr/{bin,lib/systemd/{system,system-generators}} "$ROOT"/etc/systemd/system
	printf '#!/bin/sh\n' >"$ROOT/usr/bin/kubensenter"
	chmod 755 "$ROOT/usr/bin/kubensenter"
	ln -s /usr/bin/kubensenter "$ROOT/usr/lib/systemd/system-generators/mountscope-encap-generator"
	sed 's|@BINDIR@|/usr/bin|' "$BATS_TEST_DIRNAME"/../../deploy/systemd/container-mount-namespace.service.in \
		>"$ROOT/usr/lib/systemd/system/container-mount-namespace.service"
	unit kubelet /usr/bin/kubelet '$KUBELET_ARGS'
	unit crio /usr/bin/crio
}

unit()
{
	printf '[Service]\nExecStart=%s\n' "${*:2}" >"$ROOT/usr/lib/systemd/system/$1.service"
}

encap()
{
	run "$MOUNTSCOPE" encap "$@" --root "$ROOT"
	echo "$output"
}

# Everything below ROOT: names, types, modes, link targets and contents.
snapshot()
{
	(cd "$ROOT" && find . -printf '%p %y %m %l\n' | sort && find . -type f -exec sha256sum {} + | sort)
}

# The drop-ins that the generator would write.
generate()
{
	rm -rf "$BATS_TEST_TMPDIR/out"
	mkdir "$BATS_TEST_TMPDIR/out"
	ln -sf "$KUBENSENTER" "$BATS_TEST_TMPDIR/mountscope-encap-generator"
	"$BATS_TEST_TMPDIR/mountscope-encap-generator" --root="$ROOT" "$BATS_TEST_TMPDIR/out"
	(cd "$BATS_TEST_TMPDIR/out" && find . -name '*.conf' | sort | tr '\n' ' ')
}

@test "enable finds kubelet and CRI-O by itself, and the generator wraps them" {
	encap enable
	((status == 0))
	[[ $output == *"kubelet.service will start: /usr/bin/kubensenter --service -- /usr/bin/kubelet"* ]]
	grep -x 'Services=kubelet.service crio.service' "$ROOT/etc/mountscope/encapsulation.conf"
	[[ $(generate) == *crio.service.d*kubelet.service.d* ]]
}

@test "enable finds containerd, k3s and rke2 too, and asks where there are several" {
	encap enable --dry-run --runtime crio
	((status == 0))
	unit containerd /usr/bin/containerd
	encap enable
	((status == 2))
	[[ $output == *"--runtime"* ]]
	encap enable --runtime containerd
	((status == 0))
	grep -x 'Services=kubelet.service containerd.service' "$ROOT/etc/mountscope/encapsulation.conf"
	rm "$ROOT"/usr/lib/systemd/system/{kubelet,crio,containerd}.service
	for s in k3s-agent rke2-server; do
		unit $s /usr/local/bin/$s
		encap enable
		((status == 0))
		grep -x "Services=$s.service" "$ROOT/etc/mountscope/encapsulation.conf"
		rm "$ROOT/usr/lib/systemd/system/$s.service"
	done
}

@test "--dry-run shows the plan and writes nothing" {
	before=$(snapshot)
	encap enable --dry-run
	((status == 0))
	[[ $output == *"write  $ROOT/etc/mountscope/encapsulation.conf"* ]]
	diff <(echo "$before") <(snapshot)
}

@test "disable puts everything back byte for byte, also what enable replaced" {
	mkdir "$ROOT/etc/mountscope"
	printf '# mine\n[Encapsulation]\nServices=other\n' >"$ROOT/etc/mountscope/encapsulation.conf"
	chmod 640 "$ROOT/etc/mountscope/encapsulation.conf"
	touch "$ROOT/etc/mountscope/encapsulation.disabled"
	ln -s /somewhere/else "$ROOT/etc/systemd/system/kubens.service"
	before=$(snapshot)
	encap enable
	((status == 0))
	[[ ! -e $ROOT/etc/mountscope/encapsulation.disabled ]]
	encap enable --fail closed
	encap disable
	((status == 0))
	diff <(echo "$before") <(snapshot)
}

@test "enabling other services later and disabling still puts back the first state" {
	before=$(snapshot)
	encap enable
	encap enable --service crio
	grep -x 'Services=crio.service' "$ROOT/etc/mountscope/encapsulation.conf"
	encap disable
	diff <(echo "$before") <(snapshot)
}

@test "disable where nothing was enabled says what to do instead" {
	encap disable
	((status == 3))
	[[ $output == *"encapsulation.disabled"* ]]
}

@test "--static writes the drop-in of deploy/ for each service, and the generator stays out of it" {
	before=$(snapshot)
	encap enable --static
	((status == 0))
	for s in kubelet crio; do
		diff <(sed 's|@BINDIR@|/usr/bin|' "$BATS_TEST_DIRNAME"/../../deploy/systemd/20-container-mount-namespace.conf.in) \
			"$ROOT/etc/systemd/system/$s.service.d/20-container-mount-namespace.conf"
	done
	[[ $(generate) == "" ]]
	encap disable
	diff <(echo "$before") <(snapshot)
}

@test "a service that cannot be wrapped is refused before anything is written" {
	echo 'PrivateTmp=yes' >>"$ROOT/usr/lib/systemd/system/crio.service"
	before=$(snapshot)
	encap enable
	((status == 3))
	[[ $output == *"crio.service: PrivateTmp=yes"* ]]
	diff <(echo "$before") <(snapshot)
}

@test "without kubensenter or its unit it says what to install" {
	rm "$ROOT/usr/bin/kubensenter"
	encap enable
	((status == 3))
	[[ $output == *"make install-encapsulation"* ]]
}

@test "killed at any moment, enable leaves whole files, and can be repeated or undone" {
	before=$(snapshot)
	# Stop it at each of its renames in turn: what a kill there would leave.
	for n in $(seq 1 20); do
		run env LD_PRELOAD="$(killer)" KILL_AT_RENAME="$n" "$MOUNTSCOPE" encap enable --static --root "$ROOT"
		killed=$status
		while read -r f; do
			[[ -s $f && $(tail -c1 "$f" | xxd -p) == 0a ]]
		done < <(find "$ROOT/etc" -name '*.conf' ! -name '.#*')
		if ((n % 2)); then
			encap enable --static
			((status == 0))
		fi
		if [[ -e $ROOT/var/lib/mountscope/encap/manifest ]]; then
			encap disable
			((status == 0))
		fi
		# Killed before there was a record, it may have made empty directories for it.
		rm -f "$ROOT"/var/lib/mountscope/encap/.#manifest.*
		find "$ROOT/var" -depth -type d -empty -delete 2>/dev/null || true
		diff <(echo "$before") <(snapshot)
		((killed != 0)) || break
	done
	((n > 4 && killed == 0))
}

# A library that kills its process at the KILL_AT_RENAMEth rename.
killer()
{
	local lib=$BATS_FILE_TMPDIR/killer.so

	if [[ ! -e $lib ]]; then
		cat >"$BATS_FILE_TMPDIR/killer.c" <<-'C'
			#define _GNU_SOURCE
			#include <dlfcn.h>
			#include <signal.h>
			#include <stdlib.h>
			#include <unistd.h>
			static void count(void)
			{
				static int n;
				if (++n == atoi(getenv("KILL_AT_RENAME")))
					kill(getpid(), SIGKILL);
			}
			int renameat(int a, const char *f, int b, const char *t)
			{
				int (*real)(int, const char *, int, const char *) = dlsym(RTLD_NEXT, "renameat");
				count();
				return real(a, f, b, t);
			}
		C
		gcc -shared -fPIC -o "$lib" "$BATS_FILE_TMPDIR/killer.c" -ldl
	fi
	echo "$lib"
}

@test "a full disk at any write leaves whole files and a way back" {
	need_root
	on_fake_host <<-SCRIPT
		mkdir /run/node
		mount -t tmpfs -o size=256k small /run/node
		cp -a "$ROOT/." /run/node/
		for free in 0 4 8 12 16 20 24; do
			rm -f /run/node/fill; dd if=/dev/zero of=/run/node/fill bs=4k 2>/dev/null || true
			[[ \$free == 0 ]] || truncate -s -\${free}k /run/node/fill
			"$MOUNTSCOPE" encap enable --static --root /run/node >/run/log 2>&1 && r=0 || r=\$?
			rm -f /run/node/fill
			for f in \$(find /run/node/etc -name '*.conf'); do [[ -s \$f ]]; done
			[[ ! -e /run/node/var/lib/mountscope/encap/manifest ]] || "$MOUNTSCOPE" encap disable --root /run/node
			[[ -z \$(find /run/node/etc -name '*.conf') ]]
		done
		[[ \$r == 0 ]]
	SCRIPT
}
