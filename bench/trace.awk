# SPDX-License-Identifier: BSD-2-Clause
# Medians and ratios from the lines of bench/trace:
# KIND THREADS TRACER REP WALL_NS CPU_NS PAIRS_PER_S LOST CONSUMER_PERCENT RSS_KIB

function median(list,    n, v, i, j, t)
{
	n = split(list, v, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) {
			t = v[j]
			v[j] = v[j - 1]
			v[j - 1] = t
		}
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function largest(list,    n, v, i, most)
{
	n = split(list, v, " ")
	most = v[1]
	for (i = 2; i <= n; i++)
		if (v[i] + 0 > most + 0)
			most = v[i]
	return most
}

{
	place = $1 " " $2
	if (!(place in seen_place)) {
		seen_place[place] = 1
		places[++nr_places] = place
	}
	if (!($3 in seen_tracer)) {
		seen_tracer[$3] = 1
		tracers[++nr_tracers] = $3
	}
	key = place " " $3
	reps[place] = $4 > reps[place] ? $4 : reps[place]
	wall_at[key, $4] = $5
	cpu_at[key, $4] = $6
	cpu[key] = cpu[key] " " $6
	wall[key] = wall[key] " " $5
	rate[key] = rate[key] " " $7
	lost[key] = $8 == "-" ? "-" : lost[key] + $8
	consumer[key] = consumer[key] " " $9
	rss[key] = rss[key] " " $10
}

# Median of the differences to the untraced run of the same repetition.
function added(at, place, tracer,    r, list)
{
	for (r = 0; r <= reps[place]; r++)
		if (((place " " tracer, r) in at) && ((place " none", r) in at))
			list = list " " (at[place " " tracer, r] - at[place " none", r])
	return list == "" ? "-" : median(list)
}

END {
	format = "%-7s %7s  %-10s %9s %9s %9s %9s %9s %12s %9s %9s %8s\n"
	printf format, "loop", "threads", "tracer", "pairs/s", "ns/pair", "added", "cpu ns", "added",
	       "of mountsnoop", "lost", "consumer", "RSS MiB"
	for (p = 1; p <= nr_places; p++) {
		split(places[p], part, " ")
		snoop = added(cpu_at, places[p], "mountsnoop")
		for (t = 1; t <= nr_tracers; t++) {
			key = places[p] " " tracers[t]
			if (!(key in cpu))
				continue
			none = tracers[t] == "none"
			a = added(cpu_at, places[p], tracers[t])
			w = added(wall_at, places[p], tracers[t])
			printf format, part[1], part[2], tracers[t], int(median(rate[key])),
			       int(median(wall[key])), none ? "" : int(w), int(median(cpu[key])),
			       none ? "" : int(a),
			       none || snoop == "-" || snoop == 0 ? "" : sprintf("%.2f", a / snoop),
			       none ? "" : lost[key],
			       none ? "" : sprintf("%.1f %%", median(consumer[key])),
			       none ? "" : sprintf("%.1f", largest(rss[key]) / 1024)
		}
	}
}
