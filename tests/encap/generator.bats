#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What systemd itself says it would start, before and after the generator, for every case of the unit test.

load lab

teardown()
{
	lab_stop generator
}

# Runs all cases in a guest of the suite.
compare()
{
	local suite=$1 dump=$O/asan/tests/unit/test_encap_generator cases

	lab_need "$suite"
	[[ -x $dump ]] || skip "build first: make tests"
	lab_new generator "$suite"
	lab_install generator
	cases=$(lab_root generator)/cases
	"$dump" --dump "$cases"
	lab_start generator
	lab_sh generator <<-'GUEST' >"$LAB_RUN/generator/got"
		say() {
			local path state text=none
			state=$(systemctl show -p LoadState --value -- "$3")
			path=$(busctl --json=short call org.freedesktop.systemd1 /org/freedesktop/systemd1 \
				org.freedesktop.systemd1.Manager LoadUnit s "$3" | sed 's/.*\["\(.*\)"\].*/\1/')
			text=$(busctl --json=short get-property org.freedesktop.systemd1 "$path" \
				org.freedesktop.systemd1.Service ExecStartEx 2>/dev/null) || text=none
			echo "$1 $state $2 $text"
		}
		mkdir -p /etc/mountscope
		for dir in /cases/*; do
			unit=$(cat "$dir/unit")
			cp -a "$dir/root/." /
			rm -f /etc/mountscope/encapsulation.conf
			systemctl daemon-reload
			say "${dir##*/}" before "$unit"
			printf '[Encapsulation]\nServices=%s\n' "$unit" >/etc/mountscope/encapsulation.conf
			systemctl daemon-reload
			say "${dir##*/}" after "$unit"
			(cd "$dir/root" && find . ! -type d -printf '/%P\0') | xargs -0 rm -f
			find /etc/systemd/system /usr/lib/systemd/system /run/systemd/system \
				-mindepth 1 -maxdepth 1 -name '*.service.d' -empty -delete
			rmdir /etc/systemd/system/service.d 2>/dev/null || true
		done
	GUEST
	"$BATS_TEST_DIRNAME/compare-exec" "$cases" <"$LAB_RUN/generator/got" >"$LAB_RUN/generator/tap" || {
		grep -A4 '^not ok' "$LAB_RUN/generator/tap"
		return 1
	}
}

@test "systemd 252 starts the same commands, wrapped, in every case" {
	compare bookworm
}

@test "systemd 247 starts the same commands, wrapped, in every case" {
	[[ " $(lab_suites) " == *" bullseye "* ]] || skip "MS_TEST_FULL=1 runs it"
	compare bullseye
}

@test "systemd 257 starts the same commands, wrapped, in every case" {
	[[ " $(lab_suites) " == *" trixie "* ]] || skip "MS_TEST_FULL=1 runs it"
	compare trixie
}

@test "systemd 262 or later starts the same commands, wrapped, in every case" {
	[[ " $(lab_suites) " == *" sid "* ]] || skip "MS_TEST_FULL=1 runs it"
	compare sid
}
