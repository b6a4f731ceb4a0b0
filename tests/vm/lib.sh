# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the VM tools share: where things are, which kernels there are, errors.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$vm_dir/../.." && pwd)
O=${O:-$repo/out}
mkdir -p "$O/vm"
O=$(cd "$O" && pwd)

# Exit status for "not to be had today"; only moving suites may end like this.
# shellcheck disable=SC2034
VM_SKIP=77

# shellcheck disable=SC2034
VM_STABLE_KEYS="5.10 6.1 6.12"
# shellcheck disable=SC2034
VM_MOVING_KEYS="backports newest"

say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

usage()
{
	sed -n '/^# usage:/,/^$/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# need COMMAND PACKAGE...: pairs; every missing one is named at once.
need()
{
	local missing=()

	while (($#)); do
		command -v "$1" >/dev/null || missing+=("$2")
		shift 2
	done
	((${#missing[@]} == 0)) || die "missing programs: apt-get install ${missing[*]}"
}

# Groups of suites to look in for a key; the suites of a group (joined by +) are looked at
# together, the newest version wins; the next group is only tried when one holds no kernel.
vm_suites()
{
	case $1 in
	5.10) echo bullseye+bullseye-updates+bullseye-security ;;
	6.1) echo bookworm+bookworm-updates+bookworm-security ;;
	6.12) echo trixie+trixie-updates+trixie-security ;;
	backports) echo trixie-backports ;;
	newest) echo sid forky ;;
	*) echo "$1" ;;
	esac
}

# Suites have other names: the key that is kept in the cache.
vm_canonical_key()
{
	case $1 in
	bullseye) echo 5.10 ;;
	bookworm) echo 6.1 ;;
	trixie) echo 6.12 ;;
	trixie-backports) echo backports ;;
	sid | unstable) echo newest ;;
	*) echo "$1" ;;
	esac
}

vm_is_stable_key()
{
	[[ " $VM_STABLE_KEYS " == *" $1 "* ]]
}
