# SPDX-License-Identifier: BSD-2-Clause
# Makes bpftool's skeleton compile in user space. Reads the object's BTF (bpftool btf dump format raw),
# then the skeleton.
#
# The skeleton declares the variables of the BPF programs with their types, but defines none of these.
# Integer names of the kernel get their user space names. Structs of the contract (ms_*) come from
# include/mountscope; all others are private to bpf/ and become bytes of the same size and alignment.

function align_of(id,    n, i, list, a, most)
{
	if (kind[id] == "PTR")
		return 8
	if (kind[id] ~ /^(INT|ENUM)/)
		return size[id]
	if (kind[id] !~ /^(STRUCT|UNION)$/)
		return align_of(target[id])
	most = 1
	n = split(members[id], list, " ")
	for (i = 1; i <= n; i++) {
		a = align_of(list[i])
		if (a > most)
			most = a
	}
	return most
}

function field(name)
{
	return match($0, " " name "=[0-9]+") ? substr($0, RSTART + length(name) + 2,
						      RLENGTH - length(name) - 2) : 0
}

NR == FNR && /^\[/ {
	id = substr($1, 2, length($1) - 2)
	kind[id] = $2
	size[id] = field("size")
	target[id] = field("type_id")
	if ($2 == "STRUCT") {
		split($0, quoted, "\047")
		by_name[quoted[2]] = id
	}
	next
}

NR == FNR && kind[id] ~ /^(STRUCT|UNION)$/ {
	members[id] = members[id] " " field("type_id")
	next
}

NR == FNR {
	next
}

/^#define __[A-Z_]*SKEL_H__/ {
	print
	print "\n#include <stdbool.h>\n#include <linux/types.h>\n\n#include \"mountscope/event.h\""
	next
}

/^\tstruct mountscope__[a-z0-9_]+ \{$/ {
	in_data = 1
}

/^\t\}/ {
	in_data = 0
}

in_data && /^\t\t[us](8|16|32|64) / {
	sub(/[us]/, "__&")
}

in_data && /^\t\tstruct [a-z0-9_]+ [A-Za-z0-9_]+(\[[0-9]+\])*;/ && $2 !~ /^ms_/ {
	if (!($2 in by_name)) {
		print "mk/skel.awk: no BTF of struct " $2 >"/dev/stderr"
		exit 1
	}
	id = by_name[$2]
	sub(/struct [a-z0-9_]+/, "struct { char bytes[" size[id] "]; } __attribute__((aligned(" \
		align_of(id) ")))")
}

{
	print
}
