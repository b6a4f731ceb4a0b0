# SPDX-License-Identifier: BSD-2-Clause
# docs/kernels.md of what guest/measure printed on each kernel (one file each). Variables: ops, seeds.

FNR == 1 {
	kernel[++kernels] = "?"
}

# "# KEY measure: WORD ..."
$3 != "measure:" {
	next
}

{
	k = kernels
	at = k SUBSEP $5
}

$4 == "release" {
	kernel[k] = $5
}

$4 == "row" {
	runs[at]++
	if ($7 != 0)
		failed[at] = failed[at] (failed[at] ? "; " : "") "seed " $6 ": exit status " $7
	operations[at] += $8
	effects[at] += $9
	differences[at] += $10
	lost[at] += $11
}

$4 == "blind" {
	text = $0
	sub(/^.* blind [a-z]* */, "", text)
	blind[at] = text
}

$4 == "load" {
	if (!(at in load) || $6 < load[at])
		load[at] = $6
}

$4 == "prog" {
	progs[at]++
	xlated[at] += $7
	if ($7 > max_xlated[at]) {
		max_xlated[at] = $7
		max_xlated_name[at] = $6
	}
	if ($8 != "-") {
		verified[at] += $8
		has_verified[k] = 1
		if ($8 > max_verified[at]) {
			max_verified[at] = $8
			max_verified_name[at] = $6
		}
	}
	if (!($6 in is_known)) {
		is_known[$6] = 1
		name[++names] = $6
	}
	cost[k, $6] = $8 == "-" ? $7 "" : $8 "/" $7
}

function verdict(at)
{
	if (!runs[at])
		return "**not measured**"
	if (failed[at])
		return "**no**: " failed[at]
	if (differences[at])
		return "but for what was lost"
	return "yes"
}

function per_backend(i, b)
{
	print "| kernel | backend | exact | operations | effects | differences | lost |" \
		" does not see |"
	print "|---|---|---|--:|--:|--:|--:|---|"
	for (i = 1; i <= kernels; i++)
		for (b = 1; b <= 3; b++) {
			at = i SUBSEP backend[b]
			printf "| %s | %s | %s | %d | %d | %d | %d | %s |\n", kernel[i], backend[b],
				verdict(at), operations[at], effects[at], differences[at], lost[at],
				!(at in blind) ? "?" : blind[at] ? blind[at] : "-"
		}
}

function per_load(i, b)
{
	print "| kernel | backend | programs | instructions | largest | verified |" \
		" most for one | ready after |"
	print "|---|---|--:|--:|---|--:|---|--:|"
	for (i = 1; i <= kernels; i++)
		for (b = 1; b <= 3; b++) {
			at = i SUBSEP backend[b]
			printf "| %s | %s | %d | %d | %s %d | %s | %s | %.1f s |\n", kernel[i], backend[b],
				progs[at], xlated[at], max_xlated_name[at], max_xlated[at],
				has_verified[i] ? verified[at] : "-",
				has_verified[i] ? max_verified_name[at] " " max_verified[at] : "-",
				load[at] / 1000
		}
}

function per_program(i, n, j, t)
{
	for (n = 2; n <= names; n++)
		for (j = n; j > 1 && name[j] < name[j - 1]; j--) {
			t = name[j]
			name[j] = name[j - 1]
			name[j - 1] = t
		}
	printf "| program |"
	for (i = 1; i <= kernels; i++)
		printf " %s |", short(kernel[i])
	printf "\n|---|"
	for (i = 1; i <= kernels; i++)
		printf "--:|"
	print ""
	for (n = 1; n <= names; n++) {
		printf "| %s |", name[n]
		for (i = 1; i <= kernels; i++)
			printf " %s |", (i, name[n]) in cost ? cost[i, name[n]] : "-"
		print ""
	}
}

function short(release)
{
	sub(/[-+].*/, "", release)
	return release
}

END {
	split("fentry kprobe tracepoint", backend, " ")
	print "# Kernels\n"
	print "Written by `tests/vm/kernels-table`; do not edit. Each row is `mountscope verify` over " ops
	print "random operations (`chaos`) for each of these seeds: " seeds "; in several mount"
	print "namespaces. *Exact*: the mirror equals every table of the kernel at the end. *Lost* counts what"
	print "was told as lost; for the tracepoint backend that is mounts which went before anyone could read"
	print "them.\n"
	per_backend()
	print "\n## What the programs cost\n"
	print "*Instructions* are those that the kernel keeps, *verified* those that the verifier walked through"
	print "(told from Linux 5.16 on). *Ready after* is the time from the start of mountscope until all of it"
	print "is loaded and attached and every mount table read, under qemu without KVM, which is many times"
	print "slower than the machine itself: good to compare rows by, not as a number.\n"
	per_load()
	print "\n### Program by program\n"
	print "Verified/kept instructions, kept only where the kernel does not tell; `-`: not used there.\n"
	per_program()
}
