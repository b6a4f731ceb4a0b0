# SPDX-License-Identifier: BSD-2-Clause
# What mountscope trace does until it shows its first operation, from "strace -f -ttt -T".

function took()
{
	return match($0, /<[0-9.]+>$/) ? substr($0, RSTART + 1, RLENGTH - 2) + 0 : 0
}

{
	at = $2 + 0
	if (!first)
		first = at
}

/ write\(1, .*to0/ {
	shown = at
	exit
}

/ bpf\(BPF_PROG_LOAD/ { spent["loading programs"] += took(); next }
/ bpf\(BPF_BTF_LOAD/ { spent["loading BTF"] += took(); next }
/ bpf\(BPF_MAP_/ { spent["maps"] += took(); next }
/ bpf\(BPF_(RAW_TRACEPOINT_OPEN|LINK_CREATE)|perf_event_open/ { spent["attaching"] += took(); next }
/ fanotify_/ { spent["fanotify"] += took(); next }
/mountinfo/ { spent["opening mount tables"] += took(); next }
/ (execve|clone|wait4|vfork)/ { spent["processes"] += took(); next }
/ (poll|epoll_wait|epoll_pwait|nanosleep|clock_nanosleep)\(/ { spent["waiting"] += took(); next }
{ spent["other system calls"] += took() }

END {
	if (!shown)
		shown = at
	total = shown - first
	printf "\nunder strace %.1f ms from exec to the first operation, of that in system calls:\n", total * 1000
	for (what in spent) {
		printf "  %-24s %7.1f ms\n", what, spent[what] * 1000 | "sort -k 1"
		sum += spent[what]
	}
	close("sort -k 1")
	printf "  %-24s %7.1f ms\n", "in user space", (total - sum) * 1000
}
