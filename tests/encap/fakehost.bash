# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# A host to try things on: its own mount and PID namespace, / shared as systemd has it, /run empty.
# kubensenter takes PID 1's mount namespace for the host's, and here that is the fake one.

O=${O:-$BATS_TEST_DIRNAME/../../out}
O=$(realpath "$O")
KUBENSENTER=$O/kubensenter
export KUBENSENTER

need_root()
{
	((EUID == 0)) || skip "needs root"
	unshare --mount --pid --fork --propagation private true 2>/dev/null ||
		skip "no mount namespaces can be made here"
	[[ -x $KUBENSENTER ]] || { echo "build first: make all" >&2; return 1; }
}

# Runs the script on stdin as a fake host's PID 1; sets status and output as bats' run does. In the
# script, any command that fails ends it; "fails CMD" wants one to fail; "ns" is the own namespace.
on_fake_host()
{
	local prelude='
	set -eu -o pipefail
	mount --make-rprivate /
	mount -t tmpfs fakerun /run
	mount --make-rshared /
	PIN=/run/container-mount-namespace/mnt
	export K=$KUBENSENTER PIN
	unset KUBENSMNT DEFAULT_KUBENSMNT
	ns() { readlink /proc/self/ns/mnt; }
	fails() { if "$@"; then echo "succeeded, but should not: $*" >&2; exit 1; fi; }
	same() { [[ $1 == "$2" ]] || { echo "got:  $1"; echo "want: $2"; exit 1; } >&2; }
	differ() { [[ $1 != "$2" ]] || { echo "both are: $1"; exit 1; } >&2; }
	has() { [[ $1 == *"$2"* ]] || { echo "no \"$2\" in: $1"; exit 1; } >&2; }
	quiet() { export KUBENSENTER_LOG=0; }
	table() { cat /proc/self/mountinfo; }
	HOST=$(ns)
	'
	run unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
		bash -c "$prelude$(cat)"
	echo "$output"
	((status == 0))
}
