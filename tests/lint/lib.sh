# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What the lints share. Run from the top directory.

# Files of the project, one a line: those git knows, and new ones it does not ignore.
project_files()
{
	if [[ -e .git ]] && git ls-files >/dev/null 2>&1; then
		git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
			[[ ! -f $file || -L $file ]] || printf '%s\n' "$file"
		done
	else
		find . \( -path "./$(realpath --relative-to=. "$O")" -o -path ./out \) -prune -o -type f -print |
			sed 's|^\./||' | grep -E "$(globs_to_regex "$@")" | sort
	fi
}

# What project_files takes when there is no git: '*.c' and directories.
globs_to_regex()
{
	local glob regex=()

	(($#)) || regex+=('.')
	for glob; do
		case $glob in
		\**) regex+=("${glob#\*}\$") ;;
		*) regex+=("^$glob(/|\$)") ;;
		esac
	done
	local IFS='|'
	printf '%s' "${regex[*]//./\\.}"
}

# C sources that people wrote.
c_files()
{
	project_files '*.c' '*.h' | grep -Ev '^vmlinux/|^tests/.*/fixtures/' || true
}

# Shell scripts, by name or first line.
shell_files()
{
	local file line

	project_files | grep -Ev '\.(c|h|md|awk|mk|json|yaml)$' | while IFS= read -r file; do
		case $file in
		*.sh) echo "$file" ;;
		*)
			IFS= read -r line <"$file" 2>/dev/null || true
			[[ ! $line =~ ^#!.*(/|env\ )(ba|da)?sh( |$) ]] || echo "$file"
			;;
		esac
	done 2>/dev/null
}

have()
{
	command -v "$1" >/dev/null && return
	echo "${0##*/}: $1 is not installed: mk/deps lint installs it" >&2
	exit 77
}
