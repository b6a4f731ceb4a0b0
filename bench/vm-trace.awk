# SPDX-License-Identifier: BSD-2-Clause
# The table of bench/vm-trace, from its lines "bench NAME REPETITION NS".

match($0, /bench (untraced|empty|programs|consumer) [0-9]+ [0-9]+$/) {
	split(substr($0, RSTART), word, " ")
	n[word[2]]++
	sum[word[2]] += word[4]
	least[word[2]] = n[word[2]] == 1 || word[4] < least[word[2]] ? word[4] : least[word[2]]
	most[word[2]] = word[4] > most[word[2]] ? word[4] : most[word[2]]
}

function line(name, text,    mean, base, floor)
{
	if (!n[name]) {
		printf "%-46s not measured\n", text
		return
	}
	mean = sum[name] / n[name]
	base = sum["untraced"] / n["untraced"]
	floor = n["empty"] ? sum["empty"] / n["empty"] - base : 0
	printf "%-46s %8.0f %8.0f..%-8.0f %+8.0f %7.2f", text, mean, least[name], most[name], \
		mean - base, mean / base
	if (name != "untraced" && floor > 0)
		printf " %9.2f", (mean - base) / floor
	printf "\n"
}

END {
	if (!n["untraced"]) {
		print "bench/vm-trace measured nothing" >"/dev/stderr"
		exit 1
	}
	printf "%-46s %8s %18s %8s %7s %9s\n", "bind mount + lazy umount, guest with icount", \
		"ns/pair", "least..most ", "added", "times", "of empty"
	line("untraced", "untraced")
	line("empty", "empty programs on the same hooks")
	line("programs", "mountscope's programs, consumer stopped")
	line("consumer", "mountscope with its consumer on the same CPU")
}
