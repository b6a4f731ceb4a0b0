# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# TAP for scenarios: ". /t/tap.sh", then the functions below, "done_testing" at the end.

tap_count=0
tap_failed=0

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

# ok DESCRIPTION; not_ok DESCRIPTION [DETAIL...]
ok()
{
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$1"
}

not_ok()
{
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$1"
	shift
	[ $# -eq 0 ] || diag "$*"
	return 1
}

# skip DESCRIPTION REASON
skip()
{
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# is GOT WANT DESCRIPTION
is()
{
	if [ "$1" = "$2" ]; then
		ok "$3"
	else
		not_ok "$3" "got '$1', want '$2'"
	fi
}

# like GOT PATTERN DESCRIPTION: PATTERN is one of the shell's (case), not a regular expression.
like()
{
	# shellcheck disable=SC2254
	case $1 in
	$2) ok "$3" ;;
	*) not_ok "$3" "got '$1', want something like '$2'" ;;
	esac
}

# run DESCRIPTION COMMAND...: passes if the command does; shows its output if it does not.
run()
{
	tap_what=$1
	shift
	if "$@" >"/tmp/.tap.$$" 2>&1 </dev/null; then
		ok "$tap_what"
	else
		tap_status=$?
		not_ok "$tap_what" "exit status $tap_status: $*"
		diag "$(tail -n 40 "/tmp/.tap.$$")"
		return 1
	fi
}

# plan N: at the start; without it done_testing prints the plan.
plan()
{
	tap_plan=$1
	printf '1..%d\n' "$1"
}

# Ends the scenario with the right exit status.
done_testing()
{
	[ -n "${tap_plan:-}" ] || printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ] || exit 1
	[ "$tap_count" -eq "${tap_plan:-$tap_count}" ] || exit 1
	exit 0
}

# skip_all REASON: this scenario means nothing on this kernel.
skip_all()
{
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

# bail REASON: nothing after this makes sense.
bail()
{
	printf 'Bail out! %s\n' "$1"
	exit 1
}
