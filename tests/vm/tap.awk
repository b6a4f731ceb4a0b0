# SPDX-License-Identifier: BSD-2-Clause
# Checks the TAP of one scenario and puts the kernel and the scenario into its descriptions.
# Variables: kernel, name. Exit status: 0 all passed, 1 not.

function report(verdict, text)
{
	print verdict " - " kernel " " name ": " text
	if (verdict == "not ok")
		failed = 1
}

/^@@vm begin / {
	inside = 1
	print "# " kernel " " name ": up after " $4 " s"
	next
}

/^@@vm end / {
	inside = 0
	status = $4
	next
}

!inside {
	next
}

/^1\.\.[0-9]+/ {
	plan = substr($1, 4) + 0
	planned = 1
	if (plan == 0)
		report("ok", "all # SKIP " gensub_skip($0))
	next
}

/^(not )?ok( |$)/ {
	count++
	verdict = /^not / ? "not ok" : "ok"
	sub(/^(not )?ok *[0-9]* *(- *)?/, "")
	report(verdict, $0)
	next
}

/^Bail out!/ {
	report("not ok", $0)
	next
}

{
	sub(/^# ?/, "")
	if ($0 == "")
		next
	print "# " kernel " " name ": " $0
}

function gensub_skip(line)
{
	sub(/^1\.\.0 *(# *SKIP *)?/, "", line)
	return line
}

END {
	if (status == 124)
		report("not ok", "ends in time")
	else if (!planned)
		report("not ok", "has a plan")
	else if (plan != count + 0)
		report("not ok", "runs what it planned (" count + 0 " of " plan ")")
	if (status != 0 && !failed)
		report("not ok", "ends with exit status 0 (" status ")")
	exit failed
}
